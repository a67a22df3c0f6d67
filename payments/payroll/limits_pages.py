"""Who signs for pay runs, and for how much: finance reads it, administration says it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.identity.proving import to_proof
from accounts.identity.queries import get_user
from kit import clock
from kit.currencies import check_supported
from kit.forms import AmountField, LineField
from kit.money import Money
from kit.text import LONGEST_REASON
from payments.payroll import limits


class LimitForm(forms.Form):
    reason = LineField(max_length=LONGEST_REASON, label="Reason")

    def __init__(self, *given: Any, currency: str, **options: Any) -> None:
        super().__init__(*given, **options)
        self.currency = currency
        self.fields["limit"] = AmountField(
            least_minor=0,
            most_minor=limits.MOST_MINOR,
            currency=currency,
            label=f"At most, {currency.upper()}",
            required=False,
        )


@require_GET
@allow(Audience.FINANCE, Audience.ADMIN)
def signers(request: HttpRequest) -> HttpResponse:
    """Everyone in finance, what they sign for, and from which total more than one signs."""
    return _page(request, None)


@require_POST
@allow(Audience.ADMIN)
def signer_limit(request: HttpRequest, signer_id: str) -> HttpResponse:
    """Say for how much somebody signs, with a fresh proof."""
    currency = request.POST.get("currency", "")
    check_supported(currency)
    form = LimitForm(request.POST, currency=currency)
    if not form.is_valid():
        return _page(request, form, about=signer_id)
    amount = form.cleaned_data["limit"]
    try:
        signer = limits.set_limit(
            user=get_user(signer_id),
            currency=currency,
            limit_minor=None if amount is None else amount.minor,
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=clock.now(),
        )
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press it again.")
        return to_proof(request, back_to=reverse("signers"))
    messages.success(request, f"{signer.user.name}: {signer.said}. They were told.")
    return redirect("signers")


def _page(request: HttpRequest, form: LimitForm | None, *, about: str = "") -> HttpResponse:
    steps = [
        (Money(above, currency), people)
        for currency, found in sorted(settings.RUN_SIGNATURES.items())
        for above, people in sorted(found.items())
    ]
    context = {
        "currencies": [(each, limits.signers(currency=each)) for each in settings.CURRENCIES],
        "steps": steps,
        "form": form,
        "about": about,
        "may_set": actor_of(request).is_admin,
    }
    return render(request, "payments/signers.html", context, status=200 if form is None else 422)


urlpatterns = [
    path("pay/payday/signers/", signers, name="signers"),
    path("pay/payday/signers/<str:signer_id>/", signer_limit, name="signer_limit"),
]
