from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.connect import links, operations, queries, sharing
from payments.connect.asks import in_words
from payments.gateway.errors import StripeUnavailable


@require_http_methods(["GET", "POST"])
@allow(Audience.PERFORMER)
def payouts_setup(request: HttpRequest) -> HttpResponse:
    """How one is paid: what Stripe still needs, the way to its form, and what lies on accounts of before."""
    actor = actor_of(request)
    if request.method == "POST":
        return redirect(links.for_setup(actor=actor, at=clock.now()))
    account = queries.current(actor.performer_id)
    if account is not None and "back" in request.GET:
        # Coming back from the form proves nothing, so Stripe is asked.
        try:
            operations.refresh(account=account, at=clock.now())
        except StripeUnavailable:
            messages.info(
                request, "Stripe does not answer just now. We ask again by ourselves; you need to do nothing."
            )
        account = queries.current(actor.performer_id)
    context = {
        "account": account,
        "is_shared": account is not None and sharing.is_held(account.performer_id),
        "rests": account is not None and account.is_bank_on_hold(clock.now()),
        "asks": in_words(account.requirements) if account is not None else [],
        "earlier": queries.ended(actor.performer_id),
    }
    return render(request, "payments/payouts_setup.html", context)


@require_POST
@allow(Audience.PERFORMER)
def payouts_begin_again(request: HttpRequest) -> HttpResponse:
    """Give the account up, and go to Stripe's form for another."""
    named = request.POST.get("account", "")
    return redirect(links.for_another(account_id=named, actor=actor_of(request), at=clock.now()))


urlpatterns = [
    path("pay/setup/", payouts_setup, name="payouts_setup"),
    path("pay/setup/begin-again/", payouts_begin_again, name="payouts_begin_again"),
]
