"""A performer's own pages of their craft: the self-tape of an application, the reel; and the player's way to a tape."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import NotFound
from kit.instants import length_in_words
from marketplace.casting.models import Application
from marketplace.casting.queries import get_application
from marketplace.casting.states import TAKES_TAPES
from marketplace.craft import keeping, playing, receiving, seeing
from marketplace.craft.models import Tape
from marketplace.media import sent_pages


@allow(Audience.PERFORMER)
@require_GET
@sent_pages.looks_at_takes  # type: ignore[arg-type] # django-csp knows views of one argument
def application_tape(request: HttpRequest, application_id: str) -> HttpResponse:
    """Record it or upload it; then how it stands, and how it plays."""
    actor = actor_of(request)
    application = _own_application(actor, application_id)
    context = _shown(list(playing.tapes_of(application)[:5]), actor) | {
        "application": application,
        "gig": application.gig,
        "takes_one": application.state in TAKES_TAPES,
        "endpoint": reverse("application_uploads", args=[application.public_id]),
    }
    return _page(request, "application_tape", context)


@allow(Audience.PERFORMER)
@require_GET
@sent_pages.looks_at_takes
def reel(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = _shown(list(playing.reels_of(get_own(actor))[:5]), actor)
    return _page(request, "reel", context | {"takes_one": True, "endpoint": reverse("reel_uploads")})


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """All of it; or, while one arrives, how it stands."""
    part = request.headers.get("HX-Request") == "true"
    answer = render(request, f"marketplace/{'tapes_stand' if part else name}.html", context)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


def _shown(tapes: list[Tape], actor: Actor) -> dict[str, Any]:
    now = clock.now()
    return {
        "tapes": [
            (tape, playing.address(tape, by=actor, at=now), round((tape.duration_ms or 0) / 1000))
            for tape in tapes
        ],
        "kept_after": length_in_words(keeping.KEPT_AFTER),
    } | sent_pages.shown(tapes)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_GET
def performer_craft(request: HttpRequest, performer_id: str) -> HttpResponse:
    """Of whom a company engaged, has in a pool or said yes to: what they play, and how."""
    actor = actor_of(request)
    performer = seeing.get_performer(actor, performer_id)
    craft = seeing.craft_of(performer, by=actor, unveiled=True, at=clock.now())
    return render(request, "marketplace/performer_craft.html", {"craft": craft})


@allow(Audience.PERFORMER)
@require_POST
def tape_take_back(request: HttpRequest, tape_id: str) -> HttpResponse:
    actor = actor_of(request)
    tape = playing.get_tape(actor, tape_id)
    receiving.take_back(tape=tape, by=actor, at=clock.now())
    messages.success(request, "Deleted.")
    return (
        redirect("reel")
        if tape.application is None
        else redirect("application_tape", tape.application.public_id)
    )


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("upload")
@require_GET
def tape_play(request: HttpRequest, tape_id: str) -> HttpResponse:
    tape = playing.to_play(
        tape_id=tape_id, signed=request.GET.get("signed", ""), by=actor_of(request), at=clock.now()
    )
    return sent_pages.played(request, tape)


def _own_application(actor: Actor, application_id: str) -> Application:
    application = get_application(actor, application_id)
    if application.performer_id != actor.performer_id:
        raise NotFound
    return application


urlpatterns = [
    path("work/applications/<str:application_id>/tape/", application_tape, name="application_tape"),
    path("profile/reel/", reel, name="reel"),
    path("performers/<str:performer_id>/", performer_craft, name="performer_craft"),
    path("tapes/<str:tape_id>/delete/", tape_take_back, name="tape_take_back"),
    path("tapes/<str:tape_id>/play/", tape_play, name="tape_play"),
]
