"""An engagement's page: the terms to read, and the place to sign, raise the rate, pause or leave."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies import operations as companies
from accounts.identity.queries import get_person
from accounts.identity.residence import Where
from accounts.onboarding.queries import TO_BE_BOOKED, missing
from accounts.performers import operations as performers
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.http.pacing import whole_address
from marketplace.casting.queries import get_application
from marketplace.engagements import asking, operations, queries, replicas
from marketplace.engagements.forms import LeaveForm, PauseForm, RaiseForm, ReplicaForm, SignForm, WhereForm
from marketplace.engagements.models import Engagement, Side, Terms
from marketplace.engagements.reading import changes, parts
from marketplace.engagements.signatures import PlaceUnknown
from marketplace.engagements.states import ENGAGEMENT, EngagementState
from marketplace.rights import queries as rights

BOTH_SIDES = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(*BOTH_SIDES)
def engagement_detail(request: HttpRequest, engagement_id: str) -> HttpResponse:
    return engagement_page(request, queries.get_engagement(actor_of(request), engagement_id))


@allow(Audience.PERFORMER)
@require_POST
def offer_accept(request: HttpRequest, application_id: str) -> HttpResponse:
    """Yes: the terms are drawn up, and shown for reading and signing."""
    actor = actor_of(request)
    application = get_application(actor, application_id)
    engagement = operations.accept_offer(application=application, by=actor, at=clock.now())
    messages.success(request, "Accepted. Read the terms; your signature makes it yours.")
    return redirect("engagement_detail", engagement_id=engagement.public_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def engagement_sign(request: HttpRequest, engagement_id: str) -> HttpResponse:
    """The signature of whichever side is reading. A refusal is shown beside the name as it was typed."""
    actor = actor_of(request)
    engagement = queries.get_engagement(actor, engagement_id)
    form = SignForm(request.POST, asks=_asks(engagement, queries.latest_terms(engagement), actor))
    if not form.is_valid():
        return engagement_page(request, engagement, sign_form=form)
    sign = operations.sign_as_performer if _is_performer(engagement, actor) else operations.countersign
    try:
        said = form.cleaned_data | {"address": whole_address(request)}
        sign(engagement=engagement, **said, by=actor, at=clock.now())
    except Invalid as refusal:
        form.add_error("name", refusal.errors[0]["detail"])
        return engagement_page(request, queries.get_engagement(actor, engagement_id), sign_form=form)
    except (asking.UsesChanged, operations.TermsChanged, operations.AlreadySigned, PlaceUnknown) as refusal:
        messages.error(request, f"{refusal.title}. {refusal.detail}")  # there may be no form to show it in
        typed = {"name": form.cleaned_data["name"]}
        return engagement_page(request, queries.get_engagement(actor, engagement_id), typed=typed)
    messages.success(request, "Signed. The other side is told.")
    return redirect("engagement_detail", engagement_id=engagement_id)


@allow(Audience.PERFORMER)
@require_POST
def engagement_replica(request: HttpRequest, engagement_id: str) -> HttpResponse:
    """One replica, signed by itself. A refusal is shown beside what was typed."""
    actor = actor_of(request)
    engagement, form = queries.get_engagement(actor, engagement_id), ReplicaForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data | {"address": whole_address(request), "by": actor, "at": clock.now()}
        try:
            replicas.sign(engagement=engagement, **said)
        except Invalid as refusal:
            put_refusal(form, refusal)
        except (replicas.TermsFirst, replicas.ReplicaChanged, operations.EngagementEnded) as refusal:
            messages.error(request, f"{refusal.title}. {refusal.detail}")
        else:
            messages.success(request, "Signed. You can withdraw it at any time.")
            return redirect("engagement_detail", engagement_id=engagement_id)
    return engagement_page(request, engagement, replica_form=form)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def engagement_where(request: HttpRequest, engagement_id: str) -> HttpResponse:
    """Where the reader's side lives or sits: asked for once, before the first signature."""
    actor = actor_of(request)
    engagement, form = queries.get_engagement(actor, engagement_id), WhereForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data | {"by": actor, "at": clock.now()}
        try:
            if _is_performer(engagement, actor):
                performers.say_where(performer=engagement.performer, **said)
            else:
                companies.say_where(company=engagement.company, **said)
        except Invalid as refusal:
            put_refusal(form, refusal, names={"seat_region": "region"})
        else:
            messages.success(request, "Thank you. The terms say now which law protects this work.")
            return redirect("engagement_detail", engagement_id=engagement_id)
    return engagement_page(request, engagement, where_form=form)


@allow(Audience.COMPANY)
@require_POST
def engagement_raise(request: HttpRequest, engagement_id: str) -> HttpResponse:
    """A new version of the terms at a higher rate, for both to sign."""
    actor = actor_of(request)
    engagement, form = queries.get_engagement(actor, engagement_id), RaiseForm(request.POST)
    if form.is_valid():
        try:
            operations.amend(engagement=engagement, rate=form.cleaned_data["rate"], by=actor, at=clock.now())
        except Invalid as refusal:
            form.add_error("rate", refusal.detail)
        else:
            messages.success(request, "The new version is drawn up; the performer signs it first.")
            return redirect("engagement_detail", engagement_id=engagement_id)
    return engagement_page(request, engagement, raise_form=form)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def engagement_pause(request: HttpRequest, engagement_id: str) -> HttpResponse:
    actor = actor_of(request)
    engagement, form = queries.get_engagement(actor, engagement_id), PauseForm(request.POST)
    if not form.is_valid():
        return engagement_page(request, engagement, pause_form=form)
    operations.pause(engagement=engagement, **form.cleaned_data, by=actor, at=clock.now())
    messages.success(request, "Paused. The other side is told; what is booked takes place.")
    return redirect("engagement_detail", engagement_id=engagement_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def engagement_resume(request: HttpRequest, engagement_id: str) -> HttpResponse:
    actor = actor_of(request)
    engagement = queries.get_engagement(actor, engagement_id)
    operations.resume(engagement=engagement, by=actor, at=clock.now())
    messages.success(request, "It goes on. The other side is told.")
    return redirect("engagement_detail", engagement_id=engagement_id)


def engagement_page(request: HttpRequest, engagement: Engagement, **forms: Any) -> HttpResponse:
    """The page as it stands, or (422) with forms that were refused."""
    status = 422 if forms else 200
    actor, terms = actor_of(request), queries.latest_terms(engagement)
    asks = _asks(engagement, terms, actor)
    is_performer, turn = _is_performer(engagement, actor), _turn(engagement, terms)
    acts = is_performer or _may(engagement, actor)
    versions = queries.versions_of(engagement)
    title, *rest = parts(terms.text)
    can_raise = not is_performer and terms.company_signed_at is not None and _may(engagement, actor)
    context = {
        "engagement": engagement,
        "terms": terms,
        "title": title,
        "parts": rest,
        "earlier": versions[1:],
        "changes": changes(versions[1].text, terms.text) if len(versions) > 1 else [],
        "replicas": _replicas(engagement, terms, refused=forms.get("replica_form")) if is_performer else [],
        "paper": queries.paper_of(terms),
        "ask_where": _asks_where(engagement, actor),
        "where_form": WhereForm(initial={"country": _own_place(engagement, actor).country}),
        "is_performer": is_performer,
        "turn": turn,
        "my_turn": turn == "performer" if is_performer else turn == "company" and _may(engagement, actor),
        "steps": missing(engagement.performer, of=TO_BE_BOOKED) if is_performer else [],
        "can_raise": can_raise and engagement.state == EngagementState.ACTIVE,
        "can_leave": ENGAGEMENT.allows(engagement.state, EngagementState.TERMINATED) and acts,
        "sign_form": _sign_form(terms, asks, typed=forms.pop("typed", {})),
        "sign_asks": asks,
        "granted": rights.active_purposes(engagement.application_id),
        "signs_as": get_person(actor).name if actor.user_id else "",
        "can_pause": acts and engagement.state == EngagementState.ACTIVE,
        "can_resume": acts
        and engagement.state == EngagementState.PAUSED
        and engagement.paused_by == (Side.PERFORMER if is_performer else Side.COMPANY),
        "raise_form": RaiseForm(),
        "pause_form": PauseForm(),
        "leave_form": LeaveForm(),
    } | forms
    return render(request, "marketplace/engagement_detail.html", context, status=status)


def _turn(engagement: Engagement, terms: Terms) -> str:
    """Whose signature is next: "performer", "company" or nobody's."""
    if engagement.state == EngagementState.TERMINATED:
        return ""
    if terms.performer_signed_at is None:
        return "performer"
    return "company" if terms.company_signed_at is None else ""


def _asks(engagement: Engagement, terms: Terms, actor: Actor) -> dict[str, str]:
    """What a performer may grant with their signature; nothing for the company."""
    return asking.asked_with(terms, engagement) if _is_performer(engagement, actor) else {}


def _sign_form(terms: Terms, asks: Mapping[str, str], *, typed: Mapping[str, str]) -> SignForm:
    """Over the text and the uses as they are shown now. `typed` over others is kept, but for what was ticked: a tick is for
    the words beside it."""
    shown = {"read_sha256": terms.text_sha256, "uses_sha256": asking.hash_of(asks)}
    return SignForm(initial={**shown, **typed}, asks=asks)


def _replicas(
    engagement: Engagement, terms: Terms, *, refused: ReplicaForm | None
) -> list[tuple[str, ReplicaForm, str]]:
    """What is asked of the performer beside the terms that they have signed: the words, the form, the purpose."""
    if terms.performer_signed_at is None or engagement.state == EngagementState.TERMINATED:
        return []
    found = []
    for name, (words, sha256) in replicas.asked(engagement).items():
        form = ReplicaForm(initial={"purpose": name, "read_sha256": sha256}, auto_id=f"id_{name}_%s")
        is_refused = refused is not None and refused.data.get("purpose") == name
        found.append((words, refused if refused is not None and is_refused else form, name))
    return found


def _own_place(engagement: Engagement, actor: Actor) -> Where:
    return (engagement.performer if _is_performer(engagement, actor) else engagement.company).where


def _asks_where(engagement: Engagement, actor: Actor) -> bool:
    """Whether the reader has to say where they are before they sign."""
    signs = _is_performer(engagement, actor) or _may(engagement, actor)
    return signs and not _own_place(engagement, actor).is_known


def _is_performer(engagement: Engagement, actor: Actor) -> bool:
    return actor.performer_id == engagement.performer_id


def _may(engagement: Engagement, actor: Actor) -> bool:
    return actor.may(Act.SIGN, company_id=engagement.company_id)


ONE = "engagements/<str:engagement_id>/"
urlpatterns = [
    path("work/applications/<str:application_id>/accept/", offer_accept, name="offer_accept"),
    path(ONE, engagement_detail, name="engagement_detail"),
    path(f"{ONE}sign/", engagement_sign, name="engagement_sign"),
    path(f"{ONE}replica/", engagement_replica, name="engagement_replica"),
    path(f"{ONE}where/", engagement_where, name="engagement_where"),
    path(f"{ONE}raise/", engagement_raise, name="engagement_raise"),
    path(f"{ONE}pause/", engagement_pause, name="engagement_pause"),
    path(f"{ONE}resume/", engagement_resume, name="engagement_resume"),
]
