from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.control import audit, held
from payments.inbox.halts import standing
from payments.inbox.models import Finding
from payments.payroll import approving
from payments.payroll.models import PayRun
from payments.payroll.queries import closable
from payments.payroll.states import RunState
from payments.reconciliation import comparing

SHOWN = 5


@require_GET
@allow(Audience.FINANCE)
def reconcile(request: HttpRequest) -> HttpResponse:
    """Our books beside Stripe's as they were last compared, and the invariants. Nobody is asked for looking at it."""
    rules = audit.run(at=clock.now())
    context = {
        "reports": [report for currency in settings.CURRENCIES if (report := comparing.newest(currency))],
        "invariants": rules,
        "broken": sum(not rule.ok for rule in rules),
    }
    return render(request, "payments/reconcile.html", context)


@require_POST
@allow(Audience.FINANCE)
def reconcile_now(request: HttpRequest) -> HttpResponse:
    """Have the books compared with Stripe's by the next tick."""
    comparing.ask(at=clock.now())
    messages.info(request, "Asked for. It is done within a minute or two; then this page shows it.")
    return redirect("reconcile")


@require_GET
@allow(Audience.FINANCE)
def payday_fragment(request: HttpRequest) -> HttpResponse:
    """For finance's first page: where the run stands, and what waits for a person."""
    actor = actor_of(request)
    runs = PayRun.objects.visible_to(actor).select_related("week", "frozen_by")
    findings = Finding.objects.filter(resolved_at=None).order_by("found_at", "id")
    run = runs.exclude(state=RunState.CANCELLED).order_by("-id").first()
    context = {
        "run": run,
        "signed": run is not None and approving.signatures(run).filter(by_id=actor.user_id).exists(),
        "closable": closable(at=clock.now()),
        "held": held.by_reason(actor),
        "findings": findings[:SHOWN],
        "more_findings": max(findings.count() - SHOWN, 0),
        "halts": standing(),
        "mine": actor.user_id,
    }
    return render(request, "payments/fragments/payday_now.html", context)


urlpatterns = [
    path("pay/fragments/payday/", payday_fragment, name="payday_fragment"),
    path("pay/reconcile/", reconcile, name="reconcile"),
    path("pay/reconcile/now/", reconcile_now, name="reconcile_now"),
]
