from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import NotFound
from payments.gateway.errors import StripeUnavailable
from payments.payouts.halts import standing
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.reconciliation import audit, findings, inbox
from payments.reconciliation.models import Finding
from payments.reconciliation.stripe_books import reconcile as compare


@require_GET
@allow(Audience.FINANCE)
def finance_inbox(request: HttpRequest) -> HttpResponse:
    """What does not add up, until someone says how it was explained."""
    rows = Finding.objects.order_by("resolved_at", "-id")
    context = {"open": rows.filter(resolved_at=None), "closed": rows.exclude(resolved_at=None)[:20]}
    return render(request, "payments/inbox.html", context)


@require_POST
@allow(Audience.FINANCE)
def finding_resolve(request: HttpRequest, finding_id: str) -> HttpResponse:
    finding = Finding.objects.filter(public_id=finding_id).first()
    if finding is None:
        raise NotFound
    findings.resolve(
        finding=finding, resolution=request.POST.get("resolution", ""), by=actor_of(request), at=clock.now()
    )
    messages.success(request, "Noted.")
    return redirect("finance_inbox")


@require_POST
@allow(Audience.FINANCE)
def finding_try_again(request: HttpRequest, finding_id: str) -> HttpResponse:
    """Work a webhook once more that was given up."""
    finding = Finding.objects.filter(public_id=finding_id).first()
    if finding is None:
        raise NotFound
    if inbox.try_again(finding=finding, by=actor_of(request), at=clock.now()):
        messages.success(request, "It is tried again now. If it fails once more, it comes back here.")
    else:
        messages.info(request, "There is nothing to try again: it was worked meanwhile.")
    return redirect("finance_inbox")


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
    runs = PayRun.objects.visible_to(actor_of(request)).select_related("week")
    held = PayItem.objects.filter(state=ItemState.HELD).exclude(run__state=RunState.CANCELLED)
    context = {
        "run": runs.exclude(state=RunState.CANCELLED).order_by("-id").first(),
        "held": held.aggregate(n=Count("id"), minor=Sum("amount_minor", default=0)),
        "findings": Finding.objects.filter(resolved_at=None).count(),
        "halted": bool(standing()),
    }
    return render(request, "payments/fragments/payday_now.html", context)


urlpatterns = [
    path("pay/fragments/payday/", payday_fragment, name="payday_fragment"),
    path("pay/inbox/", finance_inbox, name="finance_inbox"),
    path("pay/inbox/<str:finding_id>/resolve/", finding_resolve, name="finding_resolve"),
    path("pay/inbox/<str:finding_id>/again/", finding_try_again, name="finding_try_again"),
    path("pay/reconcile/", reconcile, name="reconcile"),
]
