"""What is the same on every page of files that are sent: looking at a take on the device, the limits, and playing one."""

from collections.abc import Iterable
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse

from marketplace.media import looking, ranges, sent
from marketplace.media.models import SentFile
from marketplace.media.states import SentState

# A take that was just recorded is looked at on the device, before it is sent.
looks_at_takes = csp_update({"media-src": [SELF, "blob:"]})


def shown(files: Iterable[SentFile]) -> dict[str, Any]:
    """What a page says beside them: the limits, and whether one is on its way still (`waits`)."""
    return {
        "waits": any(file.state in (SentState.ARRIVED, SentState.ARRIVING) for file in files),
        "most_mb": sent.MOST_BYTES // 1_000_000,
        "most_minutes": looking.LONGEST_MS // 60_000,
    }


def played(request: HttpRequest, file: SentFile) -> HttpResponse:
    """The part of it that `Range` asks for, kept by nobody on the way. Raises AskInParts (413)."""
    response = ranges.answer(request, sent.playable(file), mime=f"video/{file.form}")
    response["Content-Disposition"] = f'inline; filename="{file}.{file.form}"'
    response["Cache-Control"] = "private, no-store"
    return response
