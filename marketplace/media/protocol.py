"""tus 1.0.0 (https://tus.io/protocols/resumable-upload) as far as it is the same wherever files come in: creation,
creation-defer-length, checksum, expiration and termination. Who may send what, the rooms say that receive it."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from kit.errors import DomainError, Invalid
from kit.http import problems
from kit.http.bodies import MOST_BYTES

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,checksum,expiration,termination"
BYTES = "application/offset+octet-stream"
# sha1 is what every client of the protocol can; it finds what changed on its way, and proves nothing.
HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
LONGEST_KEY = 32
T = TypeVar("T")
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


class ChecksumMismatch(DomainError):
    """It changed on its way, and nothing of it was kept: send it again."""

    code = "checksum_mismatch"
    status = 460
    title = "It is not what was sent"


def answered(
    request: HttpRequest, find: Callable[[], T], acts: Mapping[str, Act[T]], *, most_bytes: int
) -> HttpResponse:
    """What the method asks for, or the refusal as a problem; always with the protocol's own headers."""
    method = request.headers.get("X-HTTP-Method-Override", request.method or "")
    try:
        thing = find()
        response = _options(most_bytes) if method == "OPTIONS" else _act(request, thing, acts.get(method))
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


def _options(most_bytes: int) -> HttpResponse:
    said = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(HASHES),
        "Tus-Max-Size": str(most_bytes),
        "X-Most-Bytes-A-Request": str(MOST_BYTES),
    }
    return HttpResponse(status=204, headers=said)


def check(said: str, body: bytes) -> None:
    """Raises ChecksumMismatch (460), Invalid (422) for another algorithm."""
    if not said:
        return
    name, _, told = said.partition(" ")
    if name not in HASHES:
        raise Invalid.field("Upload-Checksum", f"By {' or '.join(HASHES)}.", code="not_a_choice")
    if not hmac.compare_digest(HASHES[name](body).digest(), _decoded(told, of="Upload-Checksum")):
        raise ChecksumMismatch("It changed on its way. Nothing of it was kept.")


def length_to_come(request: HttpRequest) -> int | None:
    """Raises Invalid (422) unless either the length is told, or that it is told later."""
    length, later = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (later is None) or later not in (None, "1"):
        raise Invalid.field("Upload-Length", "Say it, or Upload-Defer-Length: 1.", code="required")
    return None if length is None else number(length, of="Upload-Length")


def metadata(said: str) -> dict[str, str]:
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


def number(text: str, *, of: str) -> int:
    """What a header says. Raises Invalid (422)."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) <= 16 else None
    if found is None or found > 1 << 50:
        raise Invalid.field(of, "A whole number, not negative.", code="malformed")
    return found


def key(text: str) -> str:
    """The sender's own name for a file. Raises Invalid (422)."""
    if not 16 <= len(text) <= LONGEST_KEY or not text.isascii() or not text.isalnum():
        raise Invalid.field("key", f"16 to {LONGEST_KEY} letters and digits.", code="malformed")
    return text


def there(offset: int, length: int | None) -> HttpResponse:
    """How much has come, and of how much, where that was told."""
    response = HttpResponse(headers={"Upload-Offset": str(offset), "Cache-Control": "no-store"})
    if length is None:
        response["Upload-Defer-Length"] = "1"
    else:
        response["Upload-Length"] = str(length)
    return response


def with_expiry(response: HttpResponse, expires_at: datetime) -> HttpResponse:
    """Until when more of it is waited for."""
    response["Upload-Expires"] = http_date(expires_at.timestamp())
    return response


def offset_at(request: HttpRequest) -> int:
    """Where the bytes begin that it brings, once they are looked at. Raises NotBytes (415), ChecksumMismatch (460),
    Invalid (422)."""
    if request.content_type != BYTES:
        raise NotBytes(f"Send {BYTES}.")
    check(request.headers.get("Upload-Checksum", ""), request.body)
    return number(request.headers.get("Upload-Offset", ""), of="Upload-Offset")


def length_told(request: HttpRequest) -> int | None:
    """How long it will be, where that is told with its bytes. Raises Invalid (422)."""
    length = request.headers.get("Upload-Length")
    return None if length is None else number(length, of="Upload-Length")
