from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.connect import links, operations
from payments.connect.asks import in_words
from payments.connect.models import PayeeAccount
from payments.gateway.errors import StripeUnavailable


@require_http_methods(["GET", "POST"])
@allow(Audience.PERFORMER)
def payouts_setup(request: HttpRequest) -> HttpResponse:
    """How one is paid: what Stripe still needs, and the way to its form."""
    actor = actor_of(request)
    if request.method == "POST":
        return redirect(links.for_setup(actor=actor, at=clock.now()))
    account = PayeeAccount.objects.filter(performer_id=actor.performer_id).first()
    if account is not None and "back" in request.GET:
        # Coming back from the form proves nothing, so Stripe is asked.
        try:
            account = operations.refresh(account=account, at=clock.now())
        except StripeUnavailable:
            messages.info(
                request, "Stripe does not answer just now. We ask again by ourselves; you need to do nothing."
            )
    asks = in_words(account.requirements) if account is not None else []
    return render(request, "payments/payouts_setup.html", {"account": account, "asks": asks})


urlpatterns = [path("pay/setup/", payouts_setup, name="payouts_setup")]
