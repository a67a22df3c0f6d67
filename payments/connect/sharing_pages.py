"""Finance's presses about a bank account that two performers are paid to; they stand on the page of what is held."""

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
from payments.connect import sharing


@require_POST
@allow(Audience.FINANCE)
def shared_bank_propose(request: HttpRequest, shared_id: str) -> HttpResponse:
    """Propose to allow it."""
    reason = request.POST.get("reason", "")
    shared = sharing.get_shared(shared_id)
    sharing.propose(shared=shared, reason=reason, by=actor_of(request), at=clock.now())
    messages.success(request, "Proposed. Somebody else in finance allows it.")
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def shared_bank_allow(request: HttpRequest, shared_id: str) -> HttpResponse:
    """As the second person, with a fresh proof."""
    try:
        sharing.allow(shared=sharing.get_shared(shared_id), by=actor_of(request), at=clock.now())
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press allow again.")
        return to_proof(request, back_to=reverse("payday_held"))
    messages.success(request, "Allowed. What was held for it goes out with the next sweep.")
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def shared_bank_keep(request: HttpRequest, shared_id: str) -> HttpResponse:
    """It stays held until one of the two names another bank account."""
    reason = request.POST.get("reason", "")
    sharing.keep(shared=sharing.get_shared(shared_id), reason=reason, by=actor_of(request), at=clock.now())
    messages.success(request, "It stays held. Both were asked to name another bank account.")
    return redirect("payday_held")


urlpatterns = [
    path("pay/shared-banks/<str:shared_id>/propose/", shared_bank_propose, name="shared_bank_propose"),
    path("pay/shared-banks/<str:shared_id>/allow/", shared_bank_allow, name="shared_bank_allow"),
    path("pay/shared-banks/<str:shared_id>/keep/", shared_bank_keep, name="shared_bank_keep"),
]
