"""A performer's side of casting: applying, taking it back, and saying no to an offer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.appeals.queries import of_decision, taken_back
from accounts.appeals.states import AppealState
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import DomainError
from marketplace.casting import appealed, operations, queries
from marketplace.casting.forms import ApplyForm
from marketplace.casting.states import ApplicationState
from marketplace.gigs import queries as gigs
from marketplace.gigs.pages import shown


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def gig_apply(request: HttpRequest, gig_id: str) -> HttpResponse:
    """The gig's questions on one page. A refusal is shown on it, with everything that was typed."""
    actor = actor_of(request)
    gig = gigs.get_gig(actor, gig_id)
    form = ApplyForm(request.POST or None, questions=list(gig.questions.all()))
    # A gig without questions takes an empty form.
    form.is_bound = request.method == "POST"
    if form.is_bound and form.is_valid():
        try:
            made = operations.apply(
                gig=gig,
                performer=get_own(actor),
                note=form.cleaned_data["note"],
                answers=form.answers(),
                by=actor,
                at=clock.now(),
            )
        except DomainError as refusal:
            form.add_error(None, f"{refusal.title}. {refusal.detail}")
        else:
            if made.state == ApplicationState.AUDITION_REQUESTED:
                messages.success(
                    request, "Sent. Now the self-tape that they ask for: record it or upload it."
                )
                return redirect("application_tape", made.public_id)
            messages.success(
                request, f"Sent. You have an answer within {gig.answer_days} days, with a reason."
            )
            return redirect("my_work")
    context = shown(gig, actor) | {"form": form}
    return render(request, "marketplace/gig_apply.html", context, status=422 if form.errors else 200)


@allow(Audience.PERFORMER)
@require_POST
def offer_decline(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    operations.decline_offer(application=application, by=actor, at=clock.now())
    messages.success(request, "Declined. It never counts against you.")
    return redirect("my_work")


@allow(Audience.PERFORMER)
@require_POST
def application_withdraw(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    operations.withdraw(application=application, by=actor, at=clock.now())
    messages.success(request, "Taken back. It never counts against you.")
    return redirect("my_work")


@allow(Audience.PERFORMER)
@require_safe
def application_appeal(request: HttpRequest, application_id: str) -> HttpResponse:
    """The company's no, and where one says why it is wrong; the appeal itself once there is one."""
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    actor.require_performer(application.performer_id)
    filed = of_decision(application.public_id)
    is_answered = filed is not None and filed.state == AppealState.REVERSED and application.may_be_appealed
    if filed is not None and not is_answered:  # a no after a reversal is another decision
        return redirect("appeal", filed.public_id)
    if not application.may_be_appealed:
        messages.info(request, "There is no answer of the company's to appeal.")
        return redirect("my_work")
    context = {
        "decision": appealed.find(actor, application.public_id),
        "before": taken_back(application.public_id, at=clock.now()),
    }
    return render(request, "marketplace/application_appeal.html", context)


ONE = "work/applications/<str:application_id>/"
urlpatterns = [
    path("gigs/<str:gig_id>/apply/", gig_apply, name="gig_apply"),
    path(f"{ONE}decline/", offer_decline, name="offer_decline"),
    path(f"{ONE}appeal/", application_appeal, name="application_appeal"),
    path(f"{ONE}withdraw/", application_withdraw, name="application_withdraw"),
]
