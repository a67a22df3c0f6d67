"""The way in for self-tapes and reels: tus, as recordings come in. For the performer whose they are, and nobody else."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from kit import clock
from kit.rows import by_public_id
from marketplace.casting.models import Application
from marketplace.craft import receiving
from marketplace.craft.models import Tape
from marketplace.media import protocol, sent, sent_tus
from marketplace.media.models import SentFile


@allow(Audience.PERFORMER)
@paced("upload")
def application_uploads(request: HttpRequest, application_id: str) -> HttpResponse:
    """Where a self-tape for one's own application is opened."""

    def find() -> Application:
        own = Application.objects.filter(performer_id=actor_of(request).performer_id)
        return by_public_id(own.select_related("performer"), application_id)

    def create(request: HttpRequest, application: Application) -> HttpResponse:
        return _create(request, application.performer, application)

    return protocol.answered(request, find, {"POST": create}, most_bytes=sent.MOST_BYTES)


@allow(Audience.PERFORMER)
@paced("upload")
def reel_uploads(request: HttpRequest) -> HttpResponse:
    """Where one's own reel is opened."""

    def create(request: HttpRequest, performer: Performer) -> HttpResponse:
        return _create(request, performer, None)

    return protocol.answered(
        request,
        lambda: get_own(actor_of(request)),
        {"POST": create},
        most_bytes=sent.MOST_BYTES,
    )


@allow(Audience.PERFORMER)
@paced("upload")
def tape_upload(request: HttpRequest, tape_id: str) -> HttpResponse:
    """One tape: how much is there, more of it, and letting it go."""

    def find() -> Tape:
        return by_public_id(Tape.objects.filter(performer_id=actor_of(request).performer_id), tape_id)

    acts = {"HEAD": sent_tus.head, "PATCH": sent_tus.patch, "DELETE": _delete}
    return protocol.answered(request, find, acts, most_bytes=sent.MOST_BYTES)


def _create(request: HttpRequest, performer: Performer, application: Application | None) -> HttpResponse:
    opens = receiving.open_tape
    return sent_tus.create(request, opens, _address, performer=performer, application=application)


def _address(tape: SentFile) -> str:
    return reverse("tape_upload", args=[str(tape)])


def _delete(request: HttpRequest, tape: Tape) -> HttpResponse:
    receiving.take_back(tape=tape, by=actor_of(request), at=clock.now())
    return HttpResponse(status=204)


urlpatterns = [
    path("work/applications/<str:application_id>/tapes/", application_uploads, name="application_uploads"),
    path("profile/reel/uploads/", reel_uploads, name="reel_uploads"),
    path("tapes/<str:tape_id>/", tape_upload, name="tape_upload"),
]
