"""The way in for recordings: tus 1.0.0 (https://tus.io/protocols/resumable-upload), with creation, creation-defer-length,
checksum, expiration and termination. For whoever has the seat, and nobody else."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import http_date

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.errors import DomainError, Invalid
from kit.http import problems
from kit.http.bodies import MOST_BYTES
from kit.rows import by_public_id
from marketplace.media import receiving
from marketplace.media.models import LONGEST_KEY, Segment
from marketplace.media.receiving import ChecksumMismatch
from marketplace.media.states import OPEN
from marketplace.sessions.models import Seat
from marketplace.sessions.queries import get_session
from marketplace.sessions.room import seat_of

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,checksum,expiration,termination"
BYTES = "application/offset+octet-stream"
# sha1 is what every client of the protocol can; it finds what changed on its way, and proves nothing.
HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
MOST_SIZE = 1 << 40
T = TypeVar("T", Seat, Segment)
Act = Callable[[HttpRequest, T], HttpResponse]


class OtherVersion(DomainError):
    """Speak tus 1.0.0, and say so in `Tus-Resumable`."""

    code = "tus_version"
    status = 412
    title = "Another version of tus"


class NotBytes(DomainError):
    """Send `application/offset+octet-stream`."""

    code = "not_offset_bytes"
    status = 415
    title = "Bytes are sent in another form"


@allow(Audience.PERFORMER)
@paced("upload")
def session_uploads(request: HttpRequest, session_id: str) -> HttpResponse:
    """Where a device opens what it records."""

    def find() -> Seat:
        actor = actor_of(request)
        return seat_of(get_session(actor, session_id), actor)

    return _answered(request, find, {"POST": _create})


@allow(Audience.PERFORMER)
@paced("upload")
def upload(request: HttpRequest, segment_id: str) -> HttpResponse:
    """One segment: how much is there, more of it, and letting it go."""

    def find() -> Segment:
        own = Segment.objects.filter(seat__performer_id=actor_of(request).performer_id)
        return by_public_id(own.select_related("seat"), segment_id)

    return _answered(request, find, {"HEAD": _head, "PATCH": _patch, "DELETE": _delete})


def _answered(request: HttpRequest, find: Callable[[], T], acts: Mapping[str, Act[T]]) -> HttpResponse:
    """What the method asks for, or the refusal as a problem; always with the protocol's own headers."""
    method = request.headers.get("X-HTTP-Method-Override", request.method or "")
    try:
        thing = find()
        response = _options() if method == "OPTIONS" else _act(request, thing, acts.get(method))
    except DomainError as error:
        response = problems.respond(problems.as_problem(error) or {})
    response["Tus-Resumable"] = VERSION
    if response.status_code == OtherVersion.status:
        response["Tus-Version"] = VERSION
    return response


def _act(request: HttpRequest, thing: T, act: Act[T] | None) -> HttpResponse:
    if act is None:
        return problems.respond(problems.of_the_framework("method_not_allowed", "Not on this address."))
    if request.headers.get("Tus-Resumable") != VERSION:
        raise OtherVersion(f"This is tus {VERSION}.")
    return act(request, thing)


def _options() -> HttpResponse:
    said = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(HASHES),
        "Tus-Max-Size": str(MOST_SIZE),
        "X-Most-Bytes-A-Request": str(MOST_BYTES),
    }
    return HttpResponse(status=204, headers=said)


def _create(request: HttpRequest, seat: Seat) -> HttpResponse:
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    segment = receiving.open_segment(
        seat=seat,
        recording=told.get("recording", ""),
        key=_key(told.get("key", "")),
        mime=told.get("filetype", ""),
        device_started_ms=_number(told.get("started", ""), of="started"),
        length=_length_to_come(request),
        by=actor_of(request),
        at=clock.now(),
    )
    return _with_expiry(HttpResponse(status=201, headers={"Location": _address(segment)}), segment)


def _address(segment: Segment) -> str:
    return reverse("upload", args=[segment.public_id])


def _head(request: HttpRequest, segment: Segment) -> HttpResponse:
    offset = receiving.offset_of(segment=segment, at=clock.now())
    response = HttpResponse(headers={"Upload-Offset": str(offset), "Cache-Control": "no-store"})
    if segment.length is None:
        response["Upload-Defer-Length"] = "1"
    else:
        response["Upload-Length"] = str(segment.length)
    return _with_expiry(response, segment)


def _patch(request: HttpRequest, segment: Segment) -> HttpResponse:
    if request.content_type != BYTES:
        raise NotBytes(f"Send {BYTES}.")
    length = request.headers.get("Upload-Length")
    _check(request.headers.get("Upload-Checksum", ""), request.body)
    segment = receiving.append(
        segment=segment,
        offset=_number(request.headers.get("Upload-Offset", ""), of="Upload-Offset"),
        body=request.body,
        length=None if length is None else _number(length, of="Upload-Length"),
        by=actor_of(request),
        at=clock.now(),
    )
    return _with_expiry(HttpResponse(status=204, headers={"Upload-Offset": str(segment.size)}), segment)


def _delete(request: HttpRequest, segment: Segment) -> HttpResponse:
    receiving.give_up(segment=segment, by=actor_of(request), at=clock.now())
    return HttpResponse(status=204)


def _with_expiry(response: HttpResponse, segment: Segment) -> HttpResponse:
    if segment.state in OPEN:
        response["Upload-Expires"] = http_date(segment.expires_at.timestamp())
    return response


def _check(said: str, body: bytes) -> None:
    """Raises ChecksumMismatch (460), Invalid (422) for another algorithm."""
    if not said:
        return
    name, _, told = said.partition(" ")
    if name not in HASHES:
        raise Invalid.field("Upload-Checksum", f"By {' or '.join(HASHES)}.", code="not_a_choice")
    if not hmac.compare_digest(HASHES[name](body).digest(), _decoded(told, of="Upload-Checksum")):
        raise ChecksumMismatch("It changed on its way. Nothing of it was kept.")


def _length_to_come(request: HttpRequest) -> int | None:
    """Raises Invalid (422) unless either the length is told, or that it is told later."""
    length, later = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (later is None) or later not in (None, "1"):
        raise Invalid.field("Upload-Length", "Say it, or Upload-Defer-Length: 1.", code="required")
    return None if length is None else _number(length, of="Upload-Length")


def _metadata(said: str) -> dict[str, str]:
    """`name base64,name base64`: the names' values. Raises Invalid (422)."""
    pairs = (pair.strip().partition(" ") for pair in said.split(",") if pair.strip())
    try:
        return {name: _decoded(value, of="Upload-Metadata").decode() for name, _, value in pairs}
    except UnicodeDecodeError as error:
        raise Invalid.field("Upload-Metadata", "Text in UTF-8.", code="malformed") from error


def _decoded(text: str, *, of: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid.field(of, "In base 64.", code="malformed") from error


def _number(text: str, *, of: str) -> int:
    found = int(text) if text.isascii() and text.isdecimal() and len(text) <= 16 else None
    if found is None or found > 1 << 50:
        raise Invalid.field(of, "A whole number, not negative.", code="malformed")
    return found


def _key(text: str) -> str:
    if not 16 <= len(text) <= LONGEST_KEY or not text.isascii() or not text.isalnum():
        raise Invalid.field("key", f"16 to {LONGEST_KEY} letters and digits.", code="malformed")
    return text


urlpatterns = [
    path("sessions/<str:session_id>/uploads/", session_uploads, name="session_uploads"),
    path("uploads/<str:segment_id>/", upload, name="upload"),
]
