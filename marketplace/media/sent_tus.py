"""The steps of tus that are the same for every file that is sent: how much is there, and more of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.access.middleware import actor_of
from kit import clock
from marketplace.media import protocol, sent
from marketplace.media.models import SentFile
from marketplace.media.states import SentState

Opens = Callable[..., SentFile]
Named = Callable[[SentFile], str]


def create(request: HttpRequest, opens: Opens, named: Named, **what: Any) -> HttpResponse:
    """Open one by `opens`, for `what` it is; `named` says where it goes on."""
    # What the file is called and said to be is not even read.
    told = protocol.metadata(request.headers.get("Upload-Metadata", ""))
    file = opens(
        key=protocol.key(told.get("key", "")),
        length=protocol.length_to_come(request),
        by=actor_of(request),
        at=clock.now(),
        **what,
    )
    return _with_expiry(HttpResponse(status=201, headers={"Location": named(file)}), file)


def head(request: HttpRequest, file: SentFile) -> HttpResponse:
    offset = sent.offset_of(file=file, at=clock.now())
    return _with_expiry(protocol.there(offset, file.length), file)


def patch(request: HttpRequest, file: SentFile) -> HttpResponse:
    file = sent.append(
        file=file,
        offset=protocol.offset_at(request),
        body=request.body,
        length=protocol.length_told(request),
        by=actor_of(request),
        at=clock.now(),
    )
    return _with_expiry(HttpResponse(status=204, headers={"Upload-Offset": str(file.size)}), file)


def _with_expiry(response: HttpResponse, file: SentFile) -> HttpResponse:
    return protocol.with_expiry(response, file.expires_at) if file.state == SentState.ARRIVING else response
