"""Ends of a connection that are a machine's fault: they propose a paid hold to whoever reviews, and count against nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.ranges import Span
from marketplace.presence.lines import Code, Stretch

# Of livekit_models.proto, DisconnectReason; the platform's own room says CONNECTION_TIMEOUT where a page fell silent.
FAULTS = {
    "MIGRATION": "the room moved to another video server",
    "SIGNAL_CLOSE": "the line to the video server broke",
    "CONNECTION_TIMEOUT": "the connection was lost",
    "SERVER_SHUTDOWN": "the video server restarted",
    "MEDIA_FAILURE": "picture and sound failed",
}
# After these nobody was thrown out of the room: they were out already.
OUT = (Code.ABSENT, Code.MEAL)


@dataclass(frozen=True, slots=True)
class ProposedHold:
    """Someone was thrown out at `span.start` and was back at its end. `reason` is the provider's."""

    span: Span
    reason: str

    @property
    def words(self) -> str:
        """What failed, in the middle of a sentence."""
        return FAULTS[self.reason]


def proposed_holds(lines: Sequence[Stretch], *, scheduled_end_at: int) -> list[ProposedHold]:
    """The absences of a seat's time line that began with a fault, as far as a hold is paid: up to the scheduled end."""
    found = []
    for before, line in zip([None, *lines], lines, strict=False):
        thrown_out = line.code is Code.ABSENT and line.because in FAULTS
        was_in = before is not None and before.span.end == line.span.start and before.code not in OUT
        span = Span(line.span.start, min(line.span.end, scheduled_end_at))
        if thrown_out and was_in and span.start < span.end:
            found.append(ProposedHold(span, line.because))
    return found
