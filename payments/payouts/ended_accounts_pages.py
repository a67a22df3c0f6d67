"""Finance's presses about performers' accounts: what lies on one that ended, and letting somebody begin again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.identity.proving import to_proof
from kit import clock
from payments.connect import ending
from payments.connect.queries import get_account
from payments.payouts import ended_accounts

AGAIN = "Prove once more that it is you, then press it again."


@require_POST
@allow(Audience.FINANCE)
def account_take_back(request: HttpRequest, account_id: str) -> HttpResponse:
    """Reverse what lies there: it is returned, and decided about."""
    try:
        ended_accounts.take_back(account=get_account(account_id), by=actor_of(request), at=clock.now())
    except StaleProof:
        messages.info(request, AGAIN)
        return to_proof(request, back_to=reverse("payday_held"))
    messages.success(request, "It came back. Decide whether it is paid again or was too much.")
    return redirect("payday_returned")


@require_POST
@allow(Audience.FINANCE)
def account_begin_again(request: HttpRequest, account_id: str) -> HttpResponse:
    """End an account that Stripe will not pay to, so that its performer sets up another."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    try:
        ending.let_begin_again(account=get_account(account_id), reason=reason, by=actor, at=clock.now())
    except StaleProof:
        messages.info(request, AGAIN)
        return to_proof(request, back_to=reverse("payday_held"))
    messages.success(request, "They were asked to set up another account. Their pay waits until then.")
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def account_write(request: HttpRequest, account_id: str) -> HttpResponse:
    """Tell the performer what lies on their former account, at most once a day."""
    sent = ended_accounts.write(account=get_account(account_id), by=actor_of(request), at=clock.now())
    messages.success(request, "They were written to." if sent else "They were written to today already.")
    return redirect("payday_held")


urlpatterns = [
    path("pay/accounts/<str:account_id>/take-back/", account_take_back, name="account_take_back"),
    path("pay/accounts/<str:account_id>/begin-again/", account_begin_again, name="account_begin_again"),
    path("pay/accounts/<str:account_id>/write/", account_write, name="account_write"),
]
