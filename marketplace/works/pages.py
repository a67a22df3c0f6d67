"""Pieces as pages: a performer's own, a gig's for its company, one with all that was said of it, and what was refused for talent
operations."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from accounts.appeals.queries import of_decision, taken_back
from kit import clock
from kit.errors import DomainError, Invalid
from kit.forms import put_refusal
from kit.http.pagination import page
from kit.instants import length_in_words
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_own_gig
from marketplace.media import sent_pages
from marketplace.sessions.booking import BudgetExceeded, EngagementNotActive, GigNotWorking
from marketplace.works import commissioning, handing_in, keeping, playing, queries, reviewing
from marketplace.works.forms import ACCEPT, CHANGE, CommissionForm, ReviewForm, TakeBackForm
from marketplace.works.models import Commission
from marketplace.works.states import OPEN

PER_PAGE = 25
ANYONE_CONCERNED = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(Audience.PERFORMER)
@require_GET
def my_pieces(request: HttpRequest) -> HttpResponse:
    """What companies ask of one: first what is open, then what is over."""
    actor = actor_of(request)
    own = queries.commissions(actor).filter(engagement__performer_id=actor.performer_id)
    over = page(
        own.exclude(state__in=OPEN), by=("-id",), cursor=request.GET.get("cursor", ""), limit=PER_PAGE
    )
    open_ones = own.filter(state__in=OPEN).order_by("due_at", "id")[: commissioning.MOST_OPEN]
    context = {"open": list(open_ones), "over": over.rows, "next": over.next_cursor}
    return render(request, "marketplace/my_pieces.html", context)


@allow(Audience.TALENT)
@require_GET
def house_pieces(request: HttpRequest) -> HttpResponse:
    """What companies refused: each refusal, its reason, and whether it can still be appealed."""
    found = page(
        queries.refused(actor_of(request)), by=("-id",), cursor=request.GET.get("cursor", ""), limit=PER_PAGE
    )
    return render(request, "marketplace/house_pieces.html", {"found": found})


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_pieces(request: HttpRequest, gig_id: str) -> HttpResponse:
    """A gig's pieces, and the way to ask for another."""
    actor = actor_of(request)
    gig = get_own_gig(actor, gig_id)
    with timezone.override(ZoneInfo(actor.zone)):
        form = CommissionForm(request.POST or None, gig=gig)
        if request.method == "POST" and form.is_valid():
            try:
                commissioning.commission(engagement=form.chosen, ask=form.ask, by=actor, at=clock.now())
            except Invalid as refusal:
                put_refusal(form, refusal)
            except ASK_REFUSED as refusal:
                form.add_error(None, f"{refusal.title}. {refusal.detail}")
            else:
                messages.success(request, "Asked for. The performer was told.")
                return redirect("gig_pieces", gig_id=gig_id)
        return _of_gig(request, gig, form)


ASK_REFUSED = (
    BudgetExceeded,
    GigNotWorking,
    EngagementNotActive,
    commissioning.TooManyPieces,
)


def _of_gig(request: HttpRequest, gig: Gig, form: CommissionForm) -> HttpResponse:
    actor = actor_of(request)
    rows = queries.commissions(actor).filter(engagement__gig=gig)
    context = {
        "gig": gig,
        "form": form,
        "may_ask": actor.may(Act.COMMISSION, company_id=gig.company_id),
        "found": page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=PER_PAGE),
        "free_minor": gig.free_minor,
        "zone": actor.zone,
        "review_within": length_in_words(settings.PIECE_REVIEW),
    }
    return render(request, "marketplace/gig_pieces.html", context, status=422 if form.errors else 200)


@allow(*ANYONE_CONCERNED)
@require_GET
@sent_pages.looks_at_takes  # type: ignore[arg-type] # django-csp knows views of one argument
def commission_detail(request: HttpRequest, commission_id: str) -> HttpResponse:
    """A piece: what is asked, its versions with what was said of each, and what the reader may do."""
    return _detail(request, queries.get_commission(actor_of(request), commission_id))


def _detail(request: HttpRequest, piece: Commission, **forms: Any) -> HttpResponse:
    """All of it; or, while a version arrives, how that stands; or (422) with a form that was refused."""
    actor, now = actor_of(request), clock.now()
    doing, versions = queries.doing(piece, actor), queries.versions_of(piece, actor, at=now)
    context = {
        "piece": piece,
        "gig": piece.gig,
        "is_performer": actor.performer_id == piece.engagement.performer_id,
        "doing": doing,
        "versions": versions,
        "endpoint": reverse("commission_uploads", args=[piece.public_id]),
        "kept_after": length_in_words(keeping.KEPT_AFTER),
        "now": now,
        "review_form": ReviewForm(piece=piece, changes_left=doing.changes_left) if doing.review else None,
        "take_back_form": TakeBackForm(),
        "appeal": of_decision(piece.public_id) if piece.refusal else None,
        "before": taken_back(piece.public_id, at=now) if piece.refusal else None,
        "subject": piece.public_id,
    }
    context |= sent_pages.shown(each.artefact for each in versions) | forms
    part = request.headers.get("HX-Request") == "true"
    template = "marketplace/piece_versions.html" if part else "marketplace/commission_detail.html"
    answer = render(request, template, context, status=422 if forms else 200)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


@allow(Audience.PERFORMER)
@require_POST
def piece_submit(request: HttpRequest, commission_id: str, artefact_id: str) -> HttpResponse:
    """Hand a version in."""
    actor = actor_of(request)
    piece = queries.get_commission(actor, commission_id)
    version = queries.get_artefact(actor, artefact_id)
    handing_in.submit(piece=piece, version=version, by=actor, at=clock.now())
    messages.success(request, "Handed in. The company was told, and answers by a date.")
    return redirect("commission_detail", commission_id)


@allow(Audience.COMPANY)
@require_POST
def piece_review(request: HttpRequest, commission_id: str) -> HttpResponse:
    """Accept it, ask for changes, or refuse it."""
    actor, at = actor_of(request), clock.now()
    piece = queries.get_commission(actor, commission_id)
    left = reviewing.changes_left(piece)
    form = ReviewForm(request.POST, piece=piece, changes_left=left)
    if not form.is_valid():
        return _detail(request, piece, review_form=form)
    told = form.cleaned_data
    what: dict[str, Any] = {"piece": piece, "version": told["version"], "by": actor, "at": at}
    try:
        if told["does"] == ACCEPT:
            reviewing.accept(**what)
        elif told["does"] == CHANGE:
            reviewing.ask_for_changes(**what, results=form.results, note=told["note"])
        else:
            reviewing.refuse(**what, results=form.results, note=told["note"], reason=told["reason"])
    except Invalid as refusal:
        put_refusal(form, refusal)
        return _detail(request, piece, review_form=form)
    except REVIEW_REFUSED as refusal:
        form.add_error(None, f"{refusal.title}. {refusal.detail}")
        return _detail(request, piece, review_form=form)
    messages.success(request, SAID[told["does"]])
    return redirect("commission_detail", commission_id)


REVIEW_REFUSED: tuple[type[DomainError], ...] = (
    reviewing.NoRevisionsLeft,
    reviewing.ChangesFirst,
    reviewing.VersionChanged,
)
SAID = {
    ACCEPT: "Accepted. It is part of the next payday, and the performer was told.",
    CHANGE: "Asked for. The performer was told which rule and what to change.",
    "refuse": "Refused. The performer was told why, and may appeal.",
}


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def piece_take_back(request: HttpRequest, commission_id: str) -> HttpResponse:
    """Either side ends the order while nothing is owed for it."""
    actor, form = actor_of(request), TakeBackForm(request.POST)
    piece = queries.get_commission(actor, commission_id)
    if not form.is_valid():
        return _detail(request, piece, take_back_form=form)
    commissioning.take_back(piece=piece, reason=form.cleaned_data["reason"], by=actor, at=clock.now())
    messages.success(request, "Taken back. The other side was told.")
    return redirect("commission_detail", commission_id)


@allow(Audience.PERFORMER)
@require_POST
def artefact_delete(request: HttpRequest, artefact_id: str) -> HttpResponse:
    """Let a version go that was not handed in."""
    actor = actor_of(request)
    version = queries.get_artefact(actor, artefact_id)
    handing_in.take_back(version=version, by=actor, at=clock.now())
    messages.success(request, "Deleted.")
    return redirect("commission_detail", version.commission.public_id)


@allow(*ANYONE_CONCERNED)
@paced("upload")
@require_GET
def artefact_play(request: HttpRequest, artefact_id: str) -> HttpResponse:
    signed = request.GET.get("signed", "")
    version = playing.to_play(artefact_id=artefact_id, signed=signed, by=actor_of(request), at=clock.now())
    return sent_pages.played(request, version)


ONE = "pieces/<str:commission_id>/"
urlpatterns = [
    path("work/pieces/", my_pieces, name="my_pieces"),
    path("house/pieces/", house_pieces, name="house_pieces"),
    path("gigs/<str:gig_id>/pieces/", gig_pieces, name="gig_pieces"),
    path(ONE, commission_detail, name="commission_detail"),
    path(f"{ONE}review/", piece_review, name="piece_review"),
    path(f"{ONE}take-back/", piece_take_back, name="piece_take_back"),
    path(f"{ONE}versions/<str:artefact_id>/submit/", piece_submit, name="piece_submit"),
    path("artefacts/<str:artefact_id>/delete/", artefact_delete, name="artefact_delete"),
    path("artefacts/<str:artefact_id>/play/", artefact_play, name="artefact_play"),
]
