from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.identity.proving import to_proof
from kit import clock, instants
from kit.http.pagination import page
from payments.inbox.halts import standing
from payments.payroll import accrual, carrying, off_cycle, operations, queries, tieout
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import RunState

PAYEES, PAYEES_BY = 25, ("-amount_minor", "-id")


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
    payees = PayItem.objects.visible_to(actor).filter(run=run).select_related("performer")
    context = {
        "run": run,
        "payees": page(payees, by=PAYEES_BY, cursor=request.GET.get("cursor", ""), limit=PAYEES),
        "figures": tieout.figures(run, at=at) if run is not None else None,
        "progress": queries.progress(run, at=at) if run is not None else None,
        "closable": queries.closable(at=at),
        "runs": runs[:12],
        "halts": standing(),
        "preview": off_cycle.previewed(run, at=at) if run is not None else [],
        "carried": carrying.carried(run) if run is not None else [],
        "may_approve": run is not None and actor.user_id != run.frozen_by_id,
    }
    return render(request, "payments/payday.html", context)


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
        run = operations.approve(run=run, seen_hash=seen_hash, by=actor, at=at)
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press approve again.")
        return to_proof(request, back_to=reverse("payday_run", args=[run_id]))
    if run.approved_at == at:
        messages.success(
            request, "Approved. It starts by itself; until then, anyone in finance can cancel it."
        )
    else:
        messages.info(request, "You approved this run already. Nothing was changed.")
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
    path("pay/payday/<str:run_id>/cancel/", payday_cancel, name="payday_cancel"),
]
