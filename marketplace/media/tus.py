"""The way in for recordings: tus, as `protocol` speaks it. For whoever has the seat, and nobody else."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.rows import by_public_id
from marketplace.media import protocol, receiving
from marketplace.media.models import Segment
from marketplace.media.states import OPEN
from marketplace.sessions.models import Seat
from marketplace.sessions.queries import get_session
from marketplace.sessions.room import seat_of

MOST_SIZE = 1 << 40


@allow(Audience.PERFORMER)
@paced("upload")
def session_uploads(request: HttpRequest, session_id: str) -> HttpResponse:
    """Where a device opens what it records."""

    def find() -> Seat:
        actor = actor_of(request)
        return seat_of(get_session(actor, session_id), actor)

    return protocol.answered(request, find, {"POST": _create}, most_bytes=MOST_SIZE)


@allow(Audience.PERFORMER)
@paced("upload")
def upload(request: HttpRequest, segment_id: str) -> HttpResponse:
    """One segment: how much is there, more of it, and letting it go."""

    def find() -> Segment:
        own = Segment.objects.filter(seat__performer_id=actor_of(request).performer_id)
        return by_public_id(own.select_related("seat"), segment_id)

    acts = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}
    return protocol.answered(request, find, acts, most_bytes=MOST_SIZE)


def _create(request: HttpRequest, seat: Seat) -> HttpResponse:
    told = protocol.metadata(request.headers.get("Upload-Metadata", ""))
    segment = receiving.open_segment(
        seat=seat,
        recording=told.get("recording", ""),
        key=protocol.key(told.get("key", "")),
        mime=told.get("filetype", ""),
        device_started_ms=protocol.number(told.get("started", ""), of="started"),
        length=protocol.length_to_come(request),
        by=actor_of(request),
        at=clock.now(),
    )
    return _with_expiry(HttpResponse(status=201, headers={"Location": _address(segment)}), segment)


def _address(segment: Segment) -> str:
    return reverse("upload", args=[segment.public_id])


def _head(request: HttpRequest, segment: Segment) -> HttpResponse:
    offset = receiving.offset_of(segment=segment, at=clock.now())
    return _with_expiry(protocol.there(offset, segment.length), segment)


def _patch(request: HttpRequest, segment: Segment) -> HttpResponse:
    segment = receiving.append(
        segment=segment,
        offset=protocol.offset_at(request),
        body=request.body,
        length=protocol.length_told(request),
        by=actor_of(request),
        at=clock.now(),
    )
    return _with_expiry(HttpResponse(status=204, headers={"Upload-Offset": str(segment.size)}), segment)


def _delete(request: HttpRequest, segment: Segment) -> HttpResponse:
    receiving.give_up(segment=segment, by=actor_of(request), at=clock.now())
    return HttpResponse(status=204)


def _with_expiry(response: HttpResponse, segment: Segment) -> HttpResponse:
    return protocol.with_expiry(response, segment.expires_at) if segment.state in OPEN else response


urlpatterns = [
    path("sessions/<str:session_id>/uploads/", session_uploads, name="session_uploads"),
    path("uploads/<str:segment_id>/", upload, name="upload"),
]
