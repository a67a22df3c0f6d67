"""Finance's inbox, and the halt that a person lifts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.inbox import findings, halts
from payments.inbox.models import Finding
from payments.inbox.queries import get_finding, get_halt


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
    said = request.POST.get("resolution", "")
    findings.resolve(finding=get_finding(finding_id), resolution=said, by=actor_of(request), at=clock.now())
    messages.success(request, "Noted.")
    return redirect("finance_inbox")


@require_POST
@allow(Audience.FINANCE)
def halt_lift(request: HttpRequest, halt_id: str) -> HttpResponse:
    said = request.POST.get("note", "")
    halts.lift(halt=get_halt(halt_id), note=said, by=actor_of(request), at=clock.now())
    messages.success(request, "Lifted. Payouts go on with the next sweep.")
    return redirect("payday")


urlpatterns = [
    path("pay/inbox/", finance_inbox, name="finance_inbox"),
    path("pay/inbox/<str:finding_id>/resolve/", finding_resolve, name="finding_resolve"),
    path("pay/halts/<str:halt_id>/lift/", halt_lift, name="halt_lift"),
]
