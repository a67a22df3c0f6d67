"""An appeal's own page: for who filed it, and for who answers it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import allow
from accounts.appeals import operations, queries
from accounts.appeals.models import Appeal
from accounts.appeals.operations import ANSWERING, CONCERNED
from accounts.appeals.states import AppealState
from kit import clock
from kit.errors import Invalid


@allow(*CONCERNED)
@require_POST
def file(request: HttpRequest) -> HttpResponse:
    filed = operations.file(
        subject=request.POST.get("subject", ""),
        text=request.POST.get("text", ""),
        by=actor_of(request),
        at=clock.now(),
    )
    messages.success(request, "Filed. Another person than who decided looks at it.")
    return redirect("appeal", appeal_id=filed.public_id)


@allow(*CONCERNED, *ANSWERING)
@require_safe
def appeal(request: HttpRequest, appeal_id: str) -> HttpResponse:
    """What was decided, why it is appealed, by when it is answered, and the answer."""
    actor = actor_of(request)
    found = queries.get_appeal(actor, appeal_id)
    context = {
        "appeal": found,
        "decision": queries.decision_appealed(actor, found),
        "may_answer": queries.for_reviewer(actor, at=clock.now()).filter(pk=found.pk).exists(),
        "mine": found.performer_id == actor.performer_id or found.company_id in actor.roles,
        "answers": [(state, AppealState(state).label) for state in operations.ANSWERS],
        # Of one that was taken back, or can be: until when it may be filed again.
        "again_until": _again_until(found, at=clock.now()),
        "now": clock.now(),
    }
    return render(request, "accounts/appeal.html", context)


def _again_until(found: Appeal, *, at: datetime) -> datetime | None:
    return found.answer_due_at if queries.may_come_again(found, at=at) else None


@allow(*ANSWERING)
@require_POST
def take_up(request: HttpRequest, appeal_id: str) -> HttpResponse:
    actor = actor_of(request)
    operations.take_up(appeal=queries.get_appeal(actor, appeal_id), by=actor, at=clock.now())
    messages.success(request, "You look at it now. Who appealed is told.")
    return redirect("appeal", appeal_id=appeal_id)


@allow(*ANSWERING)
@require_POST
def answer(request: HttpRequest, appeal_id: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.get_appeal(actor, appeal_id)
    act = operations.ANSWERS.get(request.POST.get("outcome", ""))
    if act is None:
        raise Invalid.field("outcome", "Choose one of the three answers.", code="not_a_choice")
    act(appeal=found, text=request.POST.get("text", ""), by=actor, at=clock.now())
    messages.success(request, "Answered. Who appealed is told.")
    return redirect("appeal", appeal_id=appeal_id)


@allow(*CONCERNED)
@require_POST
def withdraw(request: HttpRequest, appeal_id: str) -> HttpResponse:
    actor = actor_of(request)
    operations.withdraw(appeal=queries.get_appeal(actor, appeal_id), by=actor, at=clock.now())
    messages.success(request, "Taken back. The decision stays as it was.")
    return redirect("appeal", appeal_id=appeal_id)


ONE = "appeals/<str:appeal_id>/"
urlpatterns = [
    path("appeals/", file, name="appeal_file"),
    path(ONE, appeal, name="appeal"),
    path(f"{ONE}take-up/", take_up, name="appeal_take_up"),
    path(f"{ONE}answer/", answer, name="appeal_answer"),
    path(f"{ONE}withdraw/", withdraw, name="appeal_withdraw"),
]
