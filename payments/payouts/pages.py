"""What came back from performers, for finance to decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.money import Money
from payments.payouts import returns
from payments.payouts.models import ReturnDecision
from payments.payroll.queries import get_item

SHOWN = 20


@require_GET
@allow(Audience.FINANCE)
def payday_returned(request: HttpRequest) -> HttpResponse:
    """What came back and waits for a decision, the oldest first; then what was decided lately."""
    decided = ReturnDecision.objects.select_related("item__performer", "decided_by").order_by("-id")
    context = {"rows": returns.listed(at=clock.now()), "decided": decided[:SHOWN]}
    return render(request, "payments/returned.html", context)


@require_POST
@allow(Audience.FINANCE)
def returned_decide(request: HttpRequest, item_id: str) -> HttpResponse:
    """Pay it again, or it was too much; with a reason that the performer reads."""
    actor = actor_of(request)
    decision = returns.decide(
        item=get_item(actor, item_id),
        what=request.POST.get("what", ""),
        reason=request.POST.get("reason", ""),
        by=actor,
        at=clock.now(),
    )
    amount = Money(decision.amount_minor, decision.item.currency).display()
    again = decision.what == ReturnDecision.What.PAY_AGAIN
    said = f"{amount} goes out again." if again else f"{amount} makes up for what was paid too much."
    messages.success(request, f"{said} The performer was told.")
    return redirect("payday_returned")


urlpatterns = [
    path("pay/returned/", payday_returned, name="payday_returned"),
    path("pay/returned/<str:item_id>/decide/", returned_decide, name="returned_decide"),
]
