from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.control import audit, held
from payments.control.stripe_books import reconcile as compare
from payments.gateway.errors import StripeUnavailable
from payments.inbox.halts import standing
from payments.inbox.models import Finding
from payments.payroll.models import PayRun
from payments.payroll.queries import closable
from payments.payroll.states import RunState

SHOWN = 5


@require_GET
@allow(Audience.FINANCE)
def reconcile(request: HttpRequest) -> HttpResponse:
    """Our books beside Stripe's, and the invariants."""
    at = clock.now()
    try:
        report = compare(currency="usd", at=at)
    except StripeUnavailable:
        report = None
        messages.error(
            request, "Stripe does not answer just now, so the two cannot be compared. Try again in a minute."
        )
    rules = audit.run(at=at)
    broken = sum(not rule.ok for rule in rules)
    return render(
        request, "payments/reconcile.html", {"report": report, "invariants": rules, "broken": broken}
    )


@require_GET
@allow(Audience.FINANCE)
def payday_fragment(request: HttpRequest) -> HttpResponse:
    """For finance's first page: where the run stands, and what waits for a person."""
    actor = actor_of(request)
    runs = PayRun.objects.visible_to(actor).select_related("week", "frozen_by")
    findings = Finding.objects.filter(resolved_at=None).order_by("found_at", "id")
    context = {
        "run": runs.exclude(state=RunState.CANCELLED).order_by("-id").first(),
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
]
