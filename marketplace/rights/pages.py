"""Who may use my recordings, what for, and who did; what a gig's uses are asked for; and the check of a receipt."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import Invalid, NotFound
from kit.forms import put_refusal
from kit.http.pagination import page
from marketplace.gigs.models import PURPOSES, REPLICAS, Gig
from marketplace.gigs.promises import GigIsPromised
from marketplace.gigs.queries import get_own_gig
from marketplace.rights import operations, proof, queries, receipts
from marketplace.rights.forms import ReceiptForm, UseTermsForm, initial_of
from marketplace.rights.models import GrantReceipt, UseTerms
from marketplace.rights.states import LIVE
from marketplace.rights.use_terms import set_use_terms
from marketplace.rights.wording import may_be_asked, terms_of, wording

MOST_IN_A_FILE = 2_000
NAMES = {"bonus_minor": "bonus"}


@allow(Audience.PERFORMER)
def my_rights(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    own = queries.grants_for(actor).filter(application__performer_id=actor.performer_id)
    own = own.prefetch_related("events__receipt")
    found = page(own, by=("-id",), cursor=request.GET.get("cursor", ""), limit=50)
    return render(request, "marketplace/rights.html", {"grants": found, "live": LIVE})


@allow(Audience.PERFORMER)
@require_POST
def grant_withdraw(request: HttpRequest, grant_id: str) -> HttpResponse:
    actor = actor_of(request)
    operations.withdraw(grant=queries.get_grant(actor, grant_id), by=actor, at=clock.now())
    messages.success(
        request, "Withdrawn, from this moment on. The company is told; what you earned stays yours."
    )
    return redirect("my_rights")


@allow(Audience.PERFORMER)
def my_uses(request: HttpRequest) -> HttpResponse:
    """Who had my work, when, and what for."""
    actor = actor_of(request)
    own = queries.uses_for(actor).filter(performer_id=actor.performer_id)
    found = page(own, by=("-id",), cursor=request.GET.get("cursor", ""), limit=50)
    return render(request, "marketplace/uses.html", {"uses": found, "purposes": PURPOSES})


@allow(Audience.PERFORMER)
@require_GET
def my_receipts(request: HttpRequest) -> HttpResponse:
    """The performer's chain as a file, which `verify_receipt` and anybody else can check."""
    actor = actor_of(request)
    rows = queries.receipts_for(actor).filter(performer_id=actor.performer_id).order_by("number")
    return _file(list(rows[:MOST_IN_A_FILE]), name="callboard-receipts.json")


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
@require_GET
def receipt_file(request: HttpRequest, receipt_id: str) -> HttpResponse:
    receipt = queries.get_receipt(actor_of(request), receipt_id)
    return _file([receipt], name=f"{receipt.public_id}.json")


def _file(rows: list[GrantReceipt], *, name: str) -> HttpResponse:
    told = json.dumps(receipts.handed_out(rows), indent=1, ensure_ascii=False)
    response = HttpResponse(told, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@allow(Audience.ANYONE)
@require_GET
def published_keys(request: HttpRequest) -> HttpResponse:
    """Where a receipt's key is looked up, by anybody, for good."""
    return JsonResponse({"keys": receipts.published_keys()})


@allow(Audience.ANYONE)
@require_http_methods(["GET", "POST"])
def receipt_check(request: HttpRequest) -> HttpResponse:
    """Is this receipt the house's? Nothing of it is kept, and nothing is told that it does not say itself."""
    form = ReceiptForm(request.POST or None, request.FILES or None)
    said: list[dict[str, Any]] = []
    wrong = ""
    if form.is_bound and form.is_valid():
        try:
            said = proof.verify_chain(proof.read(form.content()), keys=receipts.published())
        except proof.NotProved as error:
            wrong = str(error)
    context = {"form": form if form.errors else ReceiptForm(), "said": said, "wrong": wrong}
    return render(request, "marketplace/receipt_check.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Asked:
    """One purpose with its words and its form."""

    purpose: str
    label: str
    text: str
    is_replica: bool
    is_offered: bool
    form: UseTermsForm


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_uses(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """What each use that a gig asks for is asked for: models, time, price, and how soon copies go."""
    actor = actor_of(request)
    gig = get_own_gig(actor, gig_id)
    if gig.company.public_id != company_id:
        raise NotFound
    purpose, form = request.POST.get("purpose", ""), None
    if request.method == "POST":
        form = UseTermsForm(request.POST, prefix=purpose)
        if form.is_valid():
            try:
                set_use_terms(gig=gig, purpose=purpose, fields=form.fields_said(), by=actor, at=clock.now())
            except GigIsPromised as refusal:
                form.add_error(None, f"{refusal.title}. {refusal.detail}")
            except Invalid as refusal:
                put_refusal(form, refusal, names=NAMES)
            else:
                messages.success(
                    request, "Saved. Whoever signs from now on reads it; what was granted stays as it was."
                )
                return redirect("gig_uses", company_id=company_id, gig_id=gig_id)
    context = {"company": gig.company, "gig": gig, "asked": _asked(gig, purpose, form)}
    return render(request, "marketplace/gig_uses.html", context, status=422 if form is not None else 200)


def _asked(gig: Gig, refused: str, form: UseTermsForm | None) -> list[Asked]:
    terms = terms_of(gig)
    return [
        Asked(
            name,
            PURPOSES[name],
            wording(name, gig=gig, terms=terms.get(name)),
            name in REPLICAS,
            may_be_asked(name, terms.get(name)),
            form if form is not None and name == refused else _form(name, terms.get(name)),
        )
        for name in PURPOSES
        if name in gig.purposes
    ]


def _form(purpose: str, terms: UseTerms | None) -> UseTermsForm:
    return UseTermsForm(prefix=purpose, initial=initial_of(terms))


urlpatterns = [
    path("rights/", my_rights, name="my_rights"),
    path("rights/uses/", my_uses, name="my_uses"),
    path("rights/receipts.json", my_receipts, name="my_receipts"),
    path("rights/<str:grant_id>/withdraw/", grant_withdraw, name="grant_withdraw"),
    path("receipts/check/", receipt_check, name="receipt_check"),
    path("receipts/<str:receipt_id>.json", receipt_file, name="receipt_file"),
    path(".well-known/callboard-receipt-keys.json", published_keys, name="receipt_keys"),
    path("company/<str:company_id>/gigs/<str:gig_id>/uses/", gig_uses, name="gig_uses"),
]
