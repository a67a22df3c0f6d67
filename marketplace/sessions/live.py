"""What a room shows while it runs: the time so far, and the word for what is being paid now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kit.money import Money
from kit.ranges import epoch_s
from marketplace.presence import agreed
from marketplace.presence.calculate import pay_seat
from marketplace.presence.connections import read_room
from marketplace.presence.evidence import Evidence, Joined, Poll
from marketplace.presence.fold import SeatTime, fold_seat
from marketplace.sessions.deliveries import evidence_of
from marketplace.sessions.folding import marks_of, terms_of, terms_of_seat
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY, SessionState

WORDS = {
    Mark.Kind.REST: "Paid rest",
    Mark.Kind.MEAL: "Meal, unpaid",
    Mark.Kind.HOLD_COMPANY: "Paid hold, the company's",
    Mark.Kind.HOLD_PLATFORM: "Paid hold, a fault of ours",
}


@dataclass(frozen=True)
class Now:
    """`runs`: whether the clock goes on by itself. `tone`: how the word is shown. `amount`: what the record would pay."""

    seconds: int
    word: str
    tone: str
    runs: bool
    amount: Money | None


def now_for(seat: Seat | None, *, session: Session, marks: list[Mark], is_here: bool, at: datetime) -> Now:
    """One's own clock, which says what the record will say of the time so far; without a seat the session's."""
    if session.state in BEFORE or at < session.call_at:
        left = max(0, epoch_s(session.call_at) - epoch_s(at))
        return Now(left, "Paid time starts at the call", "quiet", False, None)
    if seat is None:
        ends = (
            min(at, session.wrapped_at or session.scheduled_end_at) if session.state not in UNDER_WAY else at
        )
        elapsed, runs = max(0, epoch_s(ends) - epoch_s(session.call_at)), session.state in UNDER_WAY
        return Now(elapsed, SessionState(session.state).label, "live" if runs else "quiet", runs, None)
    mark = next((mark for mark in marks if mark.seat_id in (None, seat.pk)), None)
    evidence = list(evidence_of(session))
    time, amount = _so_far(seat, session, evidence, is_here=is_here, at=at)
    if session.state not in UNDER_WAY:
        return Now(time.worked_s, "The session is over", "quiet", False, amount)
    paid = _is_paid(seat, session, evidence, is_here=is_here, at=at)
    word, tone = _word(mark, is_here, paid)
    return Now(time.worked_s, word, tone, paid, amount)


def _word(mark: Mark | None, is_here: bool, paid: bool) -> tuple[str, str]:
    if mark is not None and (paid or mark.kind == Mark.Kind.MEAL):
        return WORDS[Mark.Kind(mark.kind)], "settled" if paid else "waiting"
    if not is_here:
        return "You are not connected: this is not counted", "held"
    return ("Paid: you are on", "live") if paid else ("Past the time that is paid", "waiting")


def _so_far(
    seat: Seat, session: Session, heard: Sequence[Evidence], *, is_here: bool, at: datetime
) -> tuple[SeatTime, Money]:
    """The fold of all that is known, as if the session ended at `at`: who is here is here until then."""
    terms, marks = terms_of_seat(seat, terms_of(session, [seat])), marks_of(session, at=at)
    if session.state in UNDER_WAY:
        terms = replace(terms, wrapped_at=epoch_s(at))
        marks = [_as_it_is_meant(mark, terms, at=at) for mark in marks]
    evidence = list(heard)
    if is_here:
        performer = seat.performer.public_id
        sids = sorted(
            {event.sid for event in evidence if isinstance(event, Joined) and event.identity == performer}
        )
        evidence.append(Poll(session.room, epoch_s(at), tuple((sid, performer) for sid in sids)))
    time = fold_seat(terms=terms, seat=terms.seats[0], room=read_room(evidence), marks=marks)
    return time, pay_seat(terms=terms, seat=terms.seats[0], time=time).amount


def _is_paid(seat: Seat, session: Session, heard: Sequence[Evidence], *, is_here: bool, at: datetime) -> bool:
    """Whether this very second counts."""
    time, _ = _so_far(seat, session, heard, is_here=is_here, at=at + timedelta(seconds=1))
    return any(line.paid and line.span.start <= epoch_s(at) < line.span.end for line in time.lines)


def _as_it_is_meant(mark: agreed.Mark, terms: agreed.SessionTerms, *, at: datetime) -> agreed.Mark:
    """A meal that runs is meant for its whole length: it becomes a rest only for whoever comes back early."""
    if mark.kind is not agreed.MarkKind.MEAL or mark.end is not None:
        return mark
    return replace(mark, end=max(epoch_s(at), mark.start + terms.policy.meal_min_s))
