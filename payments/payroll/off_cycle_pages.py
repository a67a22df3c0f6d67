"""Finance pays chosen performers beside the weeks: whom, and why. From then on it is a run as any other."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers.models import Performer
from kit import clock
from kit.http.pagination import page
from payments.payroll import off_cycle

PER_PAGE = 50


@allow(Audience.FINANCE)
@require_http_methods(["GET", "POST"])
def off_cycle_run(request: HttpRequest) -> HttpResponse:
    """Whom something is owed that is in no run; choose, say why, and look at the draft before it is frozen."""
    actor, at = actor_of(request), clock.now()
    if request.method == "POST":
        performers = list(Performer.objects.filter(public_id__in=request.POST.getlist("performers")))
        reason = request.POST.get("reason", "")
        run = off_cycle.open_run(
            performers=performers, currency=off_cycle.CURRENCY, reason=reason, by=actor, at=at
        )
        messages.success(request, "Opened. Look at what each gets, then freeze it.")
        return redirect("payday_run", run_id=run.public_id)
    text = request.GET.get("q", "").strip()[:120]
    rows = off_cycle.owed(actor, currency=off_cycle.CURRENCY, text=text)
    found = page(rows, by=("stage_name", "id"), cursor=request.GET.get("cursor", ""), limit=PER_PAGE)
    context: dict[str, Any] = {
        "owed": off_cycle.with_amounts(found.rows, currency=off_cycle.CURRENCY),
        "next": found.next_cursor,
        "q": text,
        "currency": off_cycle.CURRENCY,
    }
    return render(request, "payments/off_cycle.html", context)


urlpatterns = [path("pay/payday/off-cycle/", off_cycle_run, name="off_cycle_run")]
