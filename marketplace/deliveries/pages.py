"""A gig's deliveries, one delivery with its files, and the deletion orders as each side sees them."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import DomainError, Invalid, NotFound
from kit.forms import put_refusal
from kit.http.pagination import page
from marketplace.deliveries import operations, passing_on, provenance, queries
from marketplace.deliveries.building import folder_of
from marketplace.deliveries.forms import AcknowledgeForm, AskForm, PassOnForm
from marketplace.deliveries.models import Delivery, Licence
from marketplace.deliveries.states import LicenceState, OrderState
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_own_gig
from marketplace.media import ranges


@allow(Audience.ANYONE)
@require_GET
def provenance_anchor(request: HttpRequest) -> HttpResponse:
    """Whom to trust about a recording of this house, for whoever checks its manifest (C2PA)."""
    return HttpResponse(provenance.anchors(), content_type="application/x-pem-file")


KINDS = {".tar": "application/x-tar", ".md": "text/markdown; charset=utf-8"}
REFUSED = (operations.NothingToDeliver, operations.BeingPutTogether)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_deliveries(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """What was delivered of a gig, and asking for more."""
    actor = actor_of(request)
    gig = get_own_gig(actor, gig_id)
    if gig.company.public_id != company_id:
        raise NotFound
    form = AskForm(request.POST or None, asked=gig.purposes)
    if request.method == "POST" and form.is_valid():
        try:
            operations.ask(gig=gig, purposes=form.cleaned_data["purposes"], by=actor, at=clock.now())
        except REFUSED as refusal:
            form.add_error(None, f"{refusal.title}. {refusal.detail}")
        else:
            messages.success(request, "It is being put together. You are told when it is ready.")
            return redirect("gig_deliveries", company_id=company_id, gig_id=gig_id)
    return _of_gig(request, gig, form)


def _of_gig(request: HttpRequest, gig: Gig, form: AskForm) -> HttpResponse:
    actor = actor_of(request)
    rows = queries.deliveries_for(actor).filter(gig=gig)
    context = {
        "gig": gig,
        "company": gig.company,
        "form": form,
        "found": page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=25),
        "may_ask": actor.may(Act.DELIVER, company_id=gig.company_id),
    }
    return render(request, "marketplace/gig_deliveries.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY, Audience.TALENT)
@require_GET
def delivery_detail(request: HttpRequest, delivery_id: str) -> HttpResponse:
    return _detail(request, queries.get_delivery(actor_of(request), delivery_id))


def _detail(request: HttpRequest, delivery: Delivery, **forms: Any) -> HttpResponse:
    """The page as it stands, or (422) with a form that was refused."""
    actor = actor_of(request)
    is_own = actor.may(Act.DELIVER, company_id=delivery.company_id)
    licences = list(queries.licences_for(actor).filter(delivery=delivery).order_by("id"))
    given = [each for each in licences if actor.may(Act.DELIVER, company_id=each.company_id)]
    context = {
        "delivery": delivery,
        "files": delivery.files.order_by("name"),
        "orders": queries.orders_for(actor).filter(delivery=delivery).order_by("id"),
        "licences": licences,
        "given": given,
        "is_own": is_own,
        "may_take": is_own or any(each.state == LicenceState.ACCEPTED for each in given),
        "deletes": [each for each in actor.company_ids if actor.may(Act.DELIVER, company_id=each)],
        "form": AcknowledgeForm(),
        "pass_on_form": PassOnForm(),
    } | forms
    return render(request, "marketplace/delivery_detail.html", context, status=422 if forms else 200)


@allow(Audience.COMPANY)
@require_POST
def pass_on(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Offer it to another company."""
    actor, form = actor_of(request), PassOnForm(request.POST)
    delivery = queries.get_delivery(actor, delivery_id)
    if not form.is_valid():
        return _detail(request, delivery, pass_on_form=form)
    try:
        passing_on.offer(delivery=delivery, to=form.cleaned_data["company"], by=actor, at=clock.now())
    except Invalid as refusal:
        put_refusal(form, refusal)
        return _detail(request, delivery, pass_on_form=form)
    messages.success(request, "Offered. They are asked, and you are told what they say.")
    return redirect("delivery_detail", delivery_id=delivery_id)


LICENCE_STEPS: dict[str, tuple[Callable[..., Licence], str]] = {
    "accept": (passing_on.accept, "Accepted. Everybody in it is told that you have it."),
    "decline": (passing_on.decline, "Declined. They are told."),
    "withdraw": (passing_on.withdraw, "Taken back."),
}


@allow(Audience.COMPANY)
@require_POST
def licence_step(request: HttpRequest, licence_id: str, does: str) -> HttpResponse:
    actor = actor_of(request)
    licence = queries.get_licence(actor, licence_id)
    if does not in LICENCE_STEPS:
        raise NotFound
    move, said = LICENCE_STEPS[does]
    move(licence=licence, by=actor, at=clock.now())
    messages.success(request, said)
    if does == "accept" or licence.delivery.company_id in actor.company_ids:
        return redirect("delivery_detail", delivery_id=licence.delivery.public_id)
    return redirect("my_licences")


@allow(Audience.COMPANY)
def my_licences(request: HttpRequest) -> HttpResponse:
    """What others passed on to one's companies, and one's companies to others."""
    rows = queries.licences_for(actor_of(request))
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=25)
    return render(request, "marketplace/licences.html", {"found": found})


@allow(Audience.COMPANY)
@require_GET
def delivery_file(request: HttpRequest, delivery_id: str, file_name: str) -> HttpResponse:
    """One file, in parts as the browser asks for them."""
    actor = actor_of(request)
    delivery = queries.get_delivery(actor, delivery_id)
    file = operations.to_take(delivery=delivery, name=file_name, by=actor, at=clock.now())
    kind = KINDS.get(PurePath(file_name).suffix, "application/json")
    response = ranges.answer(request, folder_of(delivery) / file.name, mime=kind)
    response["Content-Disposition"] = f'attachment; filename="{delivery.public_id}-{file.name}"'
    return response


@allow(Audience.COMPANY)
@require_POST
def order_acknowledge(request: HttpRequest, order_id: str) -> HttpResponse:
    actor, form = actor_of(request), AcknowledgeForm(request.POST)
    order = queries.get_order(actor, order_id)
    if not form.is_valid():
        return _detail(request, queries.get_delivery(actor, order.delivery.public_id), form=form)
    try:
        operations.acknowledge(
            order=order, statement=form.cleaned_data["statement"], by=actor, at=clock.now()
        )
    except DomainError as refusal:
        if refusal.status != 409:
            raise
        messages.info(request, "That was confirmed already.")
    else:
        messages.success(request, "Confirmed. The performer is told.")
    return redirect("delivery_detail", delivery_id=order.delivery.public_id)


@allow(Audience.PERFORMER)
def my_deletions(request: HttpRequest) -> HttpResponse:
    """What is to be deleted of one's own work, and what was."""
    actor = actor_of(request)
    own = queries.orders_for(actor).filter(performer_id=actor.performer_id)
    found = page(own, by=("-id",), cursor=request.GET.get("cursor", ""), limit=50)
    return render(request, "marketplace/my_deletions.html", {"orders": found})


@allow(Audience.TALENT)
def deletions(request: HttpRequest) -> HttpResponse:
    """What companies have not confirmed yet, the oldest first."""
    rows = queries.orders_for(actor_of(request)).filter(state=OrderState.OPEN)
    found = page(rows, by=("due_at", "id"), cursor=request.GET.get("cursor", ""), limit=50)
    return render(request, "marketplace/deletions.html", {"orders": found, "now": clock.now()})


urlpatterns = [
    path(".well-known/callboard-provenance.pem", provenance_anchor, name="provenance_anchor"),
    path("company/<str:company_id>/gigs/<str:gig_id>/deliveries/", gig_deliveries, name="gig_deliveries"),
    path("deliveries/<str:delivery_id>/", delivery_detail, name="delivery_detail"),
    path("deliveries/<str:delivery_id>/files/<str:file_name>", delivery_file, name="delivery_file"),
    path("deliveries/<str:delivery_id>/pass-on/", pass_on, name="delivery_pass_on"),
    path("licences/", my_licences, name="my_licences"),
    path("licences/<str:licence_id>/<str:does>/", licence_step, name="licence_step"),
    path("deletions/<str:order_id>/acknowledge/", order_acknowledge, name="order_acknowledge"),
    path("rights/deletions/", my_deletions, name="my_deletions"),
    path("house/deletions/", deletions, name="deletions"),
]
