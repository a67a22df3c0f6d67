"""The way in for versions of a piece: tus, as recordings come in. For the performer whose it is, and nobody else."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.rows import by_public_id
from marketplace.media import protocol, sent, sent_tus
from marketplace.media.models import SentFile
from marketplace.works import handing_in, queries
from marketplace.works.models import Artefact, Commission


@allow(Audience.PERFORMER)
@paced("upload")
def commission_uploads(request: HttpRequest, commission_id: str) -> HttpResponse:
    """Where a version of one's own piece is opened."""

    def find() -> Commission:
        actor = actor_of(request)
        own = queries.commissions(actor).filter(engagement__performer_id=actor.performer_id)
        return by_public_id(own, commission_id)

    return protocol.answered(request, find, {"POST": _create}, most_bytes=sent.MOST_BYTES)


@allow(Audience.PERFORMER)
@paced("upload")
def artefact_upload(request: HttpRequest, artefact_id: str) -> HttpResponse:
    """One version: how much is there, more of it, and letting it go."""

    def find() -> Artefact:
        return by_public_id(Artefact.objects.filter(performer_id=actor_of(request).performer_id), artefact_id)

    acts = {"HEAD": sent_tus.head, "PATCH": sent_tus.patch, "DELETE": _delete}
    return protocol.answered(request, find, acts, most_bytes=sent.MOST_BYTES)


def _create(request: HttpRequest, piece: Commission) -> HttpResponse:
    return sent_tus.create(request, handing_in.open_version, _address, piece=piece)


def _address(version: SentFile) -> str:
    return reverse("artefact_upload", args=[str(version)])


def _delete(request: HttpRequest, version: Artefact) -> HttpResponse:
    handing_in.take_back(version=version, by=actor_of(request), at=clock.now())
    return HttpResponse(status=204)


urlpatterns = [
    path("pieces/<str:commission_id>/versions/", commission_uploads, name="commission_uploads"),
    path("artefacts/<str:artefact_id>/", artefact_upload, name="artefact_upload"),
]
