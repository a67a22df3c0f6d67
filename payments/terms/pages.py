"""Finance's moves about terms; the page that they stand on is `dunning`'s."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.access_log.middleware import leave_out
from accounts.identity.proving import to_proof
from kit import clock
from payments.terms import operations, queries
from payments.terms.forms import EndForm, LowerForm, ProposeForm


@require_POST
@allow(Audience.FINANCE)
def net_terms_propose(request: HttpRequest) -> HttpResponse:
    """Propose terms with a company."""
    form = ProposeForm(request.POST)
    if form.is_valid():
        operations.propose(**form.cleaned_data, by=actor_of(request), at=clock.now())
        messages.success(request, "Proposed. Somebody else in finance was told, and approves it.")
        return redirect("net_terms")
    return _not_done(request, form)


@require_POST
@allow(Audience.FINANCE)
def net_terms_approve(request: HttpRequest, terms_id: str) -> HttpResponse:
    """As the second person, with a fresh proof."""
    actor = actor_of(request)
    terms = queries.get(actor, terms_id)
    try:
        operations.approve(terms=terms, by=actor, at=clock.now())
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press approve again.")
        return to_proof(request, back_to=reverse("net_terms"))
    messages.success(request, f"In force. {terms.company.name} was told.")
    return redirect("net_terms")


@require_POST
@allow(Audience.FINANCE)
def net_terms_decline(request: HttpRequest, terms_id: str) -> HttpResponse:
    """Take one's own proposal back, or decline another's."""
    actor, answer = actor_of(request), request.POST.get("answer", "")
    ended = operations.decline(terms=queries.get(actor, terms_id), answer=answer, by=actor, at=clock.now())
    messages.success(request, f"{ended.get_state_display()}. Nothing has changed for {ended.company.name}.")
    return redirect("net_terms")


@require_POST
@allow(Audience.FINANCE)
def net_terms_lower(request: HttpRequest, terms_id: str) -> HttpResponse:
    """Lower the limit; one person is enough."""
    actor, form = actor_of(request), LowerForm(request.POST, prefix=terms_id)
    terms = queries.get(actor, terms_id)
    if not form.is_valid():
        return _not_done(request, form)
    operations.lower(terms=terms, **form.cleaned_data, by=actor, at=clock.now())
    messages.success(request, f"Lowered. {terms.company.name} was told.")
    return redirect("net_terms")


@require_POST
@allow(Audience.FINANCE)
def net_terms_end(request: HttpRequest, terms_id: str) -> HttpResponse:
    """End them; one person is enough."""
    actor, form = actor_of(request), EndForm(request.POST, prefix=f"end-{terms_id}")
    terms = queries.get(actor, terms_id)
    if not form.is_valid():
        return _not_done(request, form)
    operations.end(terms=terms, **form.cleaned_data, by=actor, at=clock.now())
    messages.success(request, f"Ended. {terms.company.name} was told; what it drew stands until it is paid.")
    return redirect("net_terms")


def _not_done(request: HttpRequest, form: forms.Form) -> HttpResponse:
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    messages.error(request, f"Nothing was changed. {said}")
    leave_out(request)
    return redirect("net_terms")


urlpatterns = [
    path("pay/terms/propose/", net_terms_propose, name="net_terms_propose"),
    path("pay/terms/<str:terms_id>/approve/", net_terms_approve, name="net_terms_approve"),
    path("pay/terms/<str:terms_id>/decline/", net_terms_decline, name="net_terms_decline"),
    path("pay/terms/<str:terms_id>/lower/", net_terms_lower, name="net_terms_lower"),
    path("pay/terms/<str:terms_id>/end/", net_terms_end, name="net_terms_end"),
]
