"""Finance's own entries: what lies in suspense, debts that are given up, fees that become float; each by two people."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.companies.queries import get_company
from accounts.identity.proving import to_proof
from kit import clock
from payments.adjustments import operations, queries
from payments.adjustments.forms import AmountForm, StrayForm
from payments.adjustments.states import AdjustmentState

SHOWN = 30


@require_GET
@allow(Audience.FINANCE)
def adjustments(request: HttpRequest) -> HttpResponse:
    """What waits to be explained or for a second person, who owes, and what two people have decided."""
    actor = actor_of(request)
    rows = queries.all_of(actor)
    context = {
        "house": queries.house("usd"),
        "strays": [(row, StrayForm(prefix=row.public_id)) for row in queries.strays(actor)[:SHOWN]],
        "waiting": rows.filter(state=AdjustmentState.PROPOSED),
        "debtors": [
            (company, owed, AmountForm(prefix=company.public_id))
            for company, owed in queries.debtors()[:SHOWN]
        ],
        "fees_form": AmountForm(),
        "decided": rows.exclude(state=AdjustmentState.PROPOSED)[:SHOWN],
        "me": actor.user_id,
    }
    return render(request, "payments/adjustments.html", context)


@require_POST
@allow(Audience.FINANCE)
def adjustment_stray(request: HttpRequest, row_id: str) -> HttpResponse:
    """Propose what stray money is."""
    actor, form = actor_of(request), StrayForm(request.POST, prefix=row_id)
    row = queries.get_stray(actor, row_id)
    if form.is_valid():
        operations.propose_stray(row=row, **form.cleaned_data, by=actor, at=clock.now())
    return _proposed(request, form)


@require_POST
@allow(Audience.FINANCE)
def adjustment_write_off(request: HttpRequest, company_id: str) -> HttpResponse:
    """Propose to give up what a company owes."""
    actor, form = actor_of(request), AmountForm(request.POST, prefix=company_id)
    company = get_company(actor, company_id)
    if form.is_valid():
        operations.propose_write_off(company=company, **form.cleaned_data, by=actor, at=clock.now())
    return _proposed(request, form)


@require_POST
@allow(Audience.FINANCE)
def adjustment_fees(request: HttpRequest) -> HttpResponse:
    """Propose that settled fees become float."""
    actor, form = actor_of(request), AmountForm(request.POST)
    if form.is_valid():
        operations.propose_fees_to_float(**form.cleaned_data, by=actor, at=clock.now())
    return _proposed(request, form)


def _proposed(request: HttpRequest, form: forms.Form) -> HttpResponse:
    if form.is_valid():
        messages.success(request, "Proposed. Somebody else in finance was told, and approves it.")
    else:
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        messages.error(request, f"Nothing was proposed. {said}")
    return redirect("adjustments")


@require_POST
@allow(Audience.FINANCE)
def adjustment_approve(request: HttpRequest, adjustment_id: str) -> HttpResponse:
    """As the second person, with a fresh proof."""
    actor = actor_of(request)
    adjustment = queries.get(actor, adjustment_id)
    try:
        operations.approve(adjustment=adjustment, by=actor, at=clock.now())
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press approve again.")
        return to_proof(request, back_to=reverse("adjustments"))
    messages.success(request, "It is in the books.")
    return redirect("adjustments")


@require_POST
@allow(Audience.FINANCE)
def adjustment_decline(request: HttpRequest, adjustment_id: str) -> HttpResponse:
    """Take one's own proposal back, or decline another's."""
    actor, answer = actor_of(request), request.POST.get("answer", "")
    ended: Any = operations.decline(
        adjustment=queries.get(actor, adjustment_id), answer=answer, by=actor, at=clock.now()
    )
    messages.success(request, f"{ended.get_state_display()}. Nothing was moved.")
    return redirect("adjustments")


urlpatterns = [
    path("pay/adjustments/", adjustments, name="adjustments"),
    path("pay/adjustments/fees/", adjustment_fees, name="adjustment_fees"),
    path("pay/adjustments/stray/<str:row_id>/", adjustment_stray, name="adjustment_stray"),
    path("pay/adjustments/debt/<str:company_id>/", adjustment_write_off, name="adjustment_write_off"),
    path("pay/adjustments/<str:adjustment_id>/approve/", adjustment_approve, name="adjustment_approve"),
    path("pay/adjustments/<str:adjustment_id>/decline/", adjustment_decline, name="adjustment_decline"),
]
