from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.onboarding.queries import has_proof
from accounts.performers.models import IdentityProof
from accounts.performers.queries import get_own
from kit import clock
from payments.gateway.errors import StripeUnavailable
from payments.identity_checks import operations
from payments.identity_checks.links import start
from payments.identity_checks.models import IdentityCheck
from payments.identity_checks.reasons import reason


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def identity_check(request: HttpRequest) -> HttpResponse:
    """Whether one's identity is proven, why it failed, and the way to Stripe's page."""
    actor = actor_of(request)
    performer = get_own(actor)
    if request.method == "POST":
        return redirect(start(actor))
    check = IdentityCheck.objects.filter(performer=performer).order_by("-id").first()
    if check is not None and "back" in request.GET:
        # Coming back from the page proves nothing, so Stripe is asked.
        try:
            check = operations.refresh(check=check, at=clock.now())
        except StripeUnavailable:
            messages.info(request, "Stripe does not answer just now. We ask again by ourselves.")
    proof = IdentityProof.objects.filter(performer=performer).first()
    context = {
        "proven": has_proof(performer),
        "under_age": proof is not None and proof.outcome == IdentityProof.Outcome.UNDER_AGE,
        "check": check,
        "why": reason(check.error_code) if check and check.error_code else None,
    }
    return render(request, "payments/identity_check.html", context)


urlpatterns = [path("identity/", identity_check, name="identity_check")]
