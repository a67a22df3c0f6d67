from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.access_log.middleware import leave_out
from accounts.identity.proving import to_proof
from kit import clock, instants
from kit.errors import DomainError
from kit.http.pagination import page
from payments.inbox.halts import standing
from payments.payroll import (
    accrual,
    approving,
    carrying,
    off_cycle,
    operations,
    queries,
    standing_out,
    tieout,
)
from payments.payroll.models import PayRun
from payments.payroll.reasons import Reason
from payments.payroll.states import RunState

PAYEES, PAYEES_BY = 25, ("-reasons_count", "-amount_minor", "-id")


@require_GET
@allow(Audience.FINANCE)
def payday(request: HttpRequest) -> HttpResponse:
    """The run that matters now, what must agree in it, and the weeks that can be closed."""
    actor = actor_of(request)
    runs = PayRun.objects.visible_to(actor).select_related("week", "frozen_by", "approved_by")
    return _payday_page(request, runs.exclude(state=RunState.CANCELLED).order_by("-id").first())


@require_GET
@allow(Audience.FINANCE)
def payday_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """The same of one run, whichever it is."""
    return _payday_page(request, queries.get_run(actor_of(request), run_id))


def _payday_page(request: HttpRequest, run: PayRun | None) -> HttpResponse:
    actor, at = actor_of(request), clock.now()
    runs = PayRun.objects.visible_to(actor).select_related("week").order_by("-id")
    context = {
        "run": run,
        **(_payees(request, run) if run is not None else {}),
        "figures": tieout.figures(run, at=at) if run is not None else None,
        "progress": queries.progress(run, at=at) if run is not None else None,
        "closable": queries.closable(at=at),
        "runs": runs[:12],
        "halts": standing(),
        "preview": off_cycle.previewed(run, at=at) if run is not None else [],
        "carried": carrying.carried(run) if run is not None else [],
        **(_signing(run, actor) if run is not None and run.state == RunState.FROZEN else {}),
    }
    return render(request, "payments/payday.html", context)


def _payees(request: HttpRequest, run: PayRun) -> dict[str, Any]:
    """Whom it pays, those who stand out first; or those of one reason, or of a name."""
    reason, text = request.GET.get("reason", ""), request.GET.get("q", "").strip()[:120]
    rows = standing_out.payees(run, actor_of(request), reason=reason, text=text)
    return {
        "payees": page(rows, by=PAYEES_BY, cursor=request.GET.get("cursor", ""), limit=PAYEES),
        "reasons": [
            ("", "everyone"),
            *((one.reason.value, f"{one.reason.label} ({one.payees})") for one in standing_out.counts(run)),
        ],
        "reason": reason,
        "means": standing_out.MEANS[Reason(reason)] if reason in Reason.values else "",
        "q": text,
    }


def _signing(run: PayRun, actor: Actor) -> dict[str, Any]:
    """Of a frozen run: who has signed, how many are missing, who else can, and why this person is none of them."""
    signed = list(approving.signatures(run).select_related("by"))
    context: dict[str, Any] = {
        "signed": signed,
        "missing": approving.still_missing(run),
        "changed_since": standing_out.changed_since(run),
    }
    try:
        approving.refuse_signing(run, actor)
        context["has_signed"] = any(one.by_id == actor.user_id for one in signed)
    except DomainError as refusal:
        context["why_not"] = refusal.detail
    return context | {"can_sign": approving.who_can(run) if context["missing"] else []}


@require_GET
@allow(Audience.FINANCE)
def payday_progress(request: HttpRequest, run_id: str) -> HttpResponse:
    """The run as it goes, asked for again and again while it pays."""
    run = queries.get_run(actor_of(request), run_id)
    return render(
        request,
        "payments/fragments/progress.html",
        {"run": run, "progress": queries.progress(run, at=clock.now())},
    )


@require_POST
@allow(Audience.FINANCE)
def payday_close(request: HttpRequest) -> HttpResponse:
    """Open the run of a week that is over."""
    at = clock.now()
    monday = instants.day_said(request.POST.get("week", ""))
    week = queries.closable(at=at).filter(starts_on=monday).first() if monday else None
    if week is None:
        messages.error(request, "That week cannot be closed now. Nothing was changed.")
        leave_out(request)
        return redirect("payday")
    accrual.accrue(at=at)
    operations.close_week(week=week, currency="usd", by=actor_of(request), at=at)
    return redirect("payday")


@require_POST
@allow(Audience.FINANCE)
def payday_freeze(request: HttpRequest, run_id: str) -> HttpResponse:
    actor = actor_of(request)
    operations.freeze(run=queries.get_run(actor, run_id), by=actor, at=clock.now())
    messages.success(request, "The run is frozen. Another person in finance looks at it and approves.")
    return redirect("payday_run", run_id=run_id)


@require_POST
@allow(Audience.FINANCE)
def payday_approve(request: HttpRequest, run_id: str) -> HttpResponse:
    """Approve over the hash on the page; without a fresh proof, give it first, and come back to look at the run again."""
    actor, at = actor_of(request), clock.now()
    run, seen_hash = queries.get_run(actor, run_id), request.POST.get("content_hash", "")
    try:
        run = approving.approve(run=run, seen_hash=seen_hash, by=actor, at=at)
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press approve again.")
        return to_proof(request, back_to=reverse("payday_run", args=[run_id]))
    if run.state == RunState.FROZEN:
        messages.success(request, "You have signed. It goes out when it has all its signatures.")
    elif run.approved_at == at:
        messages.success(
            request, "Approved. It starts by itself; until then, anyone in finance can cancel it."
        )
    else:
        messages.info(request, "You approved this run already. Nothing was changed.")
    return redirect("payday_run", run_id=run_id)


@require_POST
@allow(Audience.FINANCE)
def payday_take_back(request: HttpRequest, run_id: str) -> HttpResponse:
    """One's own signature, while others are missing."""
    actor = actor_of(request)
    approving.take_back(run=queries.get_run(actor, run_id), by=actor, at=clock.now())
    messages.success(request, "Your signature is taken back.")
    return redirect("payday_run", run_id=run_id)


@require_POST
@allow(Audience.FINANCE)
def payday_cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    actor = actor_of(request)
    reason = request.POST.get("reason", "")
    operations.cancel(run=queries.get_run(actor, run_id), reason=reason, by=actor, at=clock.now())
    messages.success(request, "The run is cancelled. Its lines fall into the next one.")
    return redirect("payday")


urlpatterns = [
    path("pay/payday/", payday, name="payday"),
    path("pay/payday/close/", payday_close, name="payday_close"),
    path("pay/payday/<str:run_id>/", payday_run, name="payday_run"),
    path("pay/payday/<str:run_id>/progress/", payday_progress, name="payday_progress"),
    path("pay/payday/<str:run_id>/freeze/", payday_freeze, name="payday_freeze"),
    path("pay/payday/<str:run_id>/approve/", payday_approve, name="payday_approve"),
    path("pay/payday/<str:run_id>/take-back/", payday_take_back, name="payday_take_back"),
    path("pay/payday/<str:run_id>/cancel/", payday_cancel, name="payday_cancel"),
]
