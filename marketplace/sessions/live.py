"""What a room shows while it runs: the time so far, and the word for what is being paid now."""

from dataclasses import dataclass
from datetime import datetime

from kit.money import Money, Rate
from kit.ranges import epoch_s
from marketplace.gigs.models import Prompt
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY, SessionState

PROMPT_LASTS_S = 600
WORDS = {
    Mark.Kind.REST: "Paid rest",
    Mark.Kind.MEAL: "Meal, unpaid",
    Mark.Kind.HOLD_COMPANY: "Paid hold, the company's",
    Mark.Kind.HOLD_PLATFORM: "Paid hold, a fault of ours",
}


@dataclass(frozen=True)
class Now:
    """`runs`: whether the clock goes on by itself. `tone`: how the word is shown."""

    seconds: int
    word: str
    tone: str
    runs: bool
    amount: Money | None


def now_for(seat: Seat | None, *, session: Session, marks: list[Mark], is_here: bool, at: datetime) -> Now:
    """One's own clock, or without a seat the session's. An estimate while it runs: the evidence decides in the end."""
    if session.state in BEFORE or at < session.call_at:
        return Now(
            max(0, epoch_s(session.call_at) - epoch_s(at)),
            "Paid time starts at the call",
            "quiet",
            False,
            None,
        )
    ends = min(at, session.room_finished_at or at)
    elapsed = max(0, epoch_s(ends) - epoch_s(session.call_at))
    if seat is None:
        runs = session.state in UNDER_WAY
        return Now(elapsed, SessionState(session.state).label, "live" if runs else "quiet", runs, None)
    earned = Rate(seat.rate_minor, seat.currency).for_seconds(elapsed)
    if session.state not in UNDER_WAY:
        return Now(elapsed, "The session is over", "quiet", False, None)
    mark = next((mark for mark in marks if mark.seat_id in (None, seat.pk)), None)
    if mark is not None:
        paid = mark.kind != Mark.Kind.MEAL
        return Now(elapsed, WORDS[Mark.Kind(mark.kind)], "settled" if paid else "waiting", paid, earned)
    if not is_here:
        return Now(elapsed, "You are not connected", "held", False, earned)
    return Now(elapsed, "Paid: you are on", "live", True, earned)


def prompt_for(
    session: Session, prompts: list[Prompt], *, chosen: int | None, at: datetime
) -> tuple[Prompt, int] | None:
    """The prompt to show and its place: the one chosen, else the next every PROMPT_LASTS_S."""
    if not prompts:
        return None
    elapsed = max(0, epoch_s(at) - epoch_s(session.call_at))
    place = (chosen if chosen is not None else elapsed // PROMPT_LASTS_S) % len(prompts)
    return prompts[place], place
