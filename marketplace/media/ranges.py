"""A file in parts, as players ask for it (RFC 9110, section 14). An answer waits in memory, so no part is large."""

import re
from pathlib import Path

from django.http import HttpRequest, HttpResponse

from kit.errors import DomainError
from marketplace.media import store

MOST_BYTES = 4 << 20
MOST_WHOLE_BYTES = 32 << 20
ASKED = re.compile(r"bytes=(\d{0,16})-(\d{0,16})")


class AskInParts(DomainError):
    """Ask for it in parts, with `Range`."""

    code = "ask_in_parts"
    status = 413
    title = "That is too much at once"


def answer(request: HttpRequest, path: Path, *, mime: str) -> HttpResponse:
    """The part that `Range` asks for, at most MOST_BYTES of it; without one the file, where it is small.

    Raises AskInParts (413).
    """
    size = store.size_of(path)
    span = _span(request.headers.get("Range", ""), size)
    if span is None and size > MOST_WHOLE_BYTES:
        raise AskInParts("Ask for it in parts, with `Range`.")
    first, last = span or (0, size - 1)
    if first >= size or last < first:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    body = store.part_of(path, first, last)
    response = HttpResponse(body, content_type=mime, status=206 if span else 200)
    response["Accept-Ranges"] = "bytes"
    if span:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte; None where no single range is asked for."""
    found = ASKED.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last so many
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2]) if found[2] else size - 1, size - 1)
    return first, min(last, first + MOST_BYTES - 1)
