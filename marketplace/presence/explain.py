"""A stretch of time in a sentence, for the performer whose time it is."""

from datetime import tzinfo

from kit.instants import time_of_day, zone_label
from marketplace.presence.connections import Inference
from marketplace.presence.lines import Code, Stretch
from marketplace.presence.policy import TimePolicy

# The provider's reasons (livekit_models.proto, DisconnectReason) that a person can do something with.
REASONS = {
    "CLIENT_INITIATED": "you left the room",
    "DUPLICATE_IDENTITY": "you joined from another device",
    "SERVER_SHUTDOWN": "the video server restarted",
    "PARTICIPANT_REMOVED": "you were removed from the room",
    "ROOM_DELETED": "the room was closed",
    "ROOM_CLOSED": "the room was closed",
}
DROPPED = "your connection dropped"
TO = "–"

INFERENCES = {
    Inference.JOIN_LOST: "word of your joining never reached us; the start comes from your leaving",
    Inference.LEFT_LOST_LAST_POLL: "word of your leaving never reached us; the end is where we last saw you",
    Inference.LEFT_LOST_ROOM_FINISHED: "word of your leaving never reached us; the end is when the room closed",
    Inference.LEFT_LOST_NO_TRACE: "word of your leaving never reached us, and nothing else shows you there",
    Inference.CLOCK_AHEAD: "the video provider's clock ran ahead, so its times are set back to ours",
}

SENTENCES = {
    Code.PRESENT: "You were in the room {when}.",
    Code.REST: "Paid rest {when}.",
    Code.HOLD_COMPANY: "The company held the session {when}; you are paid for it.",
    Code.HOLD_PLATFORM: "A fault of ours held the session {when}; you are paid for it.",
    Code.MEAL: "Meal break {when}, unpaid.",
    Code.WAITED: "You were there {when}; the company was not.",
    Code.BEFORE_CALL: "You came early, {when}; paid time begins at the call.",
    Code.AFTER_WINDOW: "You stayed {when}, after the session's time had ended.",
}


def explain_line(*, line: Stretch, policy: TimePolicy, zone: tzinfo) -> str:
    """One sentence, with times of day in `zone`. Says what was paid, what was not, and why."""
    when = _when(line, zone)
    if line.code is Code.GAP_FILLED:
        return f"{_sentence(line)} {when}, filled by the {policy.grace_gap_s} s grace."
    if line.code is Code.ABSENT:
        return f"{_sentence(line)} {when}, unpaid." if line.because else f"You were not in the room {when}."
    said = SENTENCES[line.code].format(when=when)
    if line.because in set(Inference):
        return f"{said[:-1]}: {INFERENCES[Inference(line.because)]}."
    return said


def _sentence(line: Stretch) -> str:
    reason = REASONS.get(line.because, DROPPED)
    return reason[0].upper() + reason[1:]


def _when(line: Stretch, zone: tzinfo) -> str:
    # The zone's name goes with each time: in the night of a clock change 01:30 comes twice.
    ends = (line.span.started_at, line.span.ended_at)
    start, end = (time_of_day(at, zone, seconds=True) for at in ends)
    first, last = (zone_label(at, zone) for at in ends)
    return f"{start}{TO}{end}" if first == last else f"{start} {first}{TO}{end} {last}"
