"""From what arrived about a session to the lines of its seats. The arithmetic is the pure fold's."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.errors import DomainError, Forbidden
from kit.money import Money, Rate
from marketplace.presence.agreed import Outcome, SessionTerms
from marketplace.presence.calculate import Basis, pay_seat
from marketplace.presence.connections import read_room
from marketplace.presence.faults import proposed_holds
from marketplace.presence.fold import RULES_VERSION, SeatTime, fold_seat
from marketplace.presence.no_show import company_never_came
from marketplace.sessions import operations as sessions
from marketplace.sessions.deliveries import KEPT_FOR, evidence_of
from marketplace.sessions.folding import marks_of, terms_of, terms_of_seat
from marketplace.sessions.models import Cancelled, Seat, Session
from marketplace.sessions.states import TO_RECKON, SessionState
from marketplace.timekeeping import late_lines
from marketplace.timekeeping.models import LONGEST_LINE_NOTE, Dispute, TimeLine, Timesheet
from marketplace.timekeeping.states import LineState
from marketplace.timekeeping.weeks import sheets_for, week_of

NOTES = {
    Basis.MINIMUM_CALL: "The minimum call is paid",
    Basis.COMPANY_NO_SHOW: "The company did not come: the whole slot is paid",
    Basis.CANCELLATION: "Called off late by the company",
}
# Said by what was in the room, not by a person.
BY_EVIDENCE = (SessionState.WRAPPED, SessionState.PERFORMER_NO_SHOW)
CORRECTED = ("worked_s", "payable_s", "amount_minor", "fee_minor")


class SessionNotOver(DomainError):
    """Wait until the session is over."""

    code = "session_not_over"
    title = "The session is not over"


@dataclass(frozen=True)
class Reckoned:
    """What the evidence says of one seat, as the fields of its line."""

    seat: Seat
    fields: Mapping[str, Any]

    @property
    def cost_minor(self) -> int:
        return int(self.fields["amount_minor"] + self.fields["fee_minor"])


@transaction.atomic
def reckon_session(*, session: Session, at: datetime, by: Actor, is_news: bool = True) -> list[TimeLine]:
    """Work out every seat's time and pay from all evidence so far; returns the lines that it made or changed.

    Run again, it follows evidence that came since: a line not yet approved takes the new figures, an approved one
    keeps its own and the difference becomes a correction in the running week. What a person decided in a dispute
    stays. `is_news`: what it changes is told; not where a person changes it, of which both sides read anyway.
    Raises SessionNotOver (409), Forbidden (403).
    """
    if not (by.is_system or by.is_talent):
        raise Forbidden("Time is worked out by the house.")
    session = sessions.locked(session.pk)
    if session.state in TO_RECKON:
        was = session.state
        audit.move(session, SessionState.TIME_RECORDED, by=by, at=at, outcome=was, time_recorded_at=at)
        return _record(session, _reckon(session, by=by, at=at), at=at)
    if session.call_at < at - KEPT_FOR:
        return []  # What it was read from is gone, and proves nothing any more.
    if session.state != SessionState.TIME_RECORDED:
        raise SessionNotOver("Its time is worked out when the room has finished.")
    return _reckon_again(session, by=by, at=at, is_news=is_news)


def _record(session: Session, reckoned: Sequence[Reckoned], *, at: datetime) -> list[TimeLine]:
    # A seat that was called off and pays nothing is no line: there is nothing to look at.
    due = [each for each in reckoned if each.fields["payable_s"] or _was_expected(each.seat)]
    sheets = sheets_for(
        performers=[each.seat.performer_id for each in due],
        company_id=session.company_id,
        call_at=session.call_at,
        at=at,
    )
    committed = sum(each.seat.committed_minor for each in reckoned)
    sessions.change_commitment(
        gig_id=session.gig_id, delta_minor=sum(each.cost_minor for each in due) - committed
    )
    lines = [
        TimeLine.objects.create(
            timesheet=sheets[each.seat.performer_id], seat=each.seat, created_at=at, **each.fields
        )
        for each in due
    ]
    for line in lines:
        late_lines.came(line, session=session, at=at)
    return lines


def _was_expected(seat: Seat) -> bool:
    """Also of whoever did not come, so that somebody stood in: they read that, and may dispute it."""
    return seat.released_at is None or seat.released_by == Cancelled.ABSENT


def _reckon_again(session: Session, *, by: Actor, at: datetime, is_news: bool) -> list[TimeLine]:
    keys = TimeLine.objects.filter(seat__session=session).values_list("timesheet_id", flat=True)
    # The sheets first, like those who approve: a company can approve while late evidence is folded.
    list(Timesheet.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk"))
    lines = {line.seat_id: line for line in TimeLine.objects.filter(seat__session=session)}
    changed = []
    for each in _reckon(session, by=by, at=at):
        line = lines.get(each.seat.pk)
        if line is None:
            continue
        if line.state in (LineState.RECORDED, LineState.DISPUTED):
            changed += _replace(line, each, by=by, at=at, is_news=is_news)
        else:
            changed += _correct(line, each, session, by=by, at=at)
    return changed


def _replace(line: TimeLine, each: Reckoned, *, by: Actor, at: datetime, is_news: bool) -> list[TimeLine]:
    was = {name: getattr(line, name) for name in each.fields}
    if was == each.fields or _pays_less_by_newer_rules(
        line, each.cost_minor - was["fee_minor"] - was["amount_minor"]
    ):
        return []
    TimeLine.objects.filter(pk=line.pk).update(**each.fields)
    for name, value in each.fields.items():
        setattr(line, name, value)
    facts: dict[str, Any] = {
        name: [was[name], each.fields[name]] for name in CORRECTED if was[name] != each.fields[name]
    }
    audit.record(verb="time_line.reckoned_again", thing=line, by=by, at=at, **facts)
    sessions.change_commitment(
        gig_id=each.seat.session.gig_id,
        delta_minor=each.cost_minor - was["amount_minor"] - was["fee_minor"],
    )
    if is_news and any(was[name] != each.fields[name] for name in ("payable_s", "amount_minor")):
        late_lines.changed(line, session=each.seat.session, at=at)
    return [line]


def _correct(line: TimeLine, each: Reckoned, session: Session, *, by: Actor, at: datetime) -> list[TimeLine]:
    decided = Q(line=line) | Q(line__corrects=line)
    if (
        line.state == LineState.REJECTED
        or Dispute.objects.filter(decided, resolved_at__isnull=False).exists()
    ):
        return []
    sums = line.corrections.aggregate(**{name: Sum(name) for name in CORRECTED})
    missing = {name: each.fields[name] - getattr(line, name) - (sums[name] or 0) for name in CORRECTED}
    if not any(missing.values()) or _pays_less_by_newer_rules(line, missing["amount_minor"]):
        return []
    correction = add_correction(
        line=line, note="Evidence that came after the approval", by=by, at=at, **missing
    )
    late_lines.came(correction, session=session, at=at)
    return [correction]


def _pays_less_by_newer_rules(line: TimeLine, more_minor: int) -> bool:
    """What was reckoned by rules of then keeps its figures, but where those of today pay more."""
    return line.rules_version < RULES_VERSION and more_minor <= 0


def add_correction(*, line: TimeLine, note: str, by: Actor, at: datetime, **differences: int) -> TimeLine:
    """A line in the running week with what `line` is short of, or too much by. `line` itself stays as it is."""
    sheets = sheets_for(
        performers=[line.timesheet.performer_id],
        company_id=line.timesheet.company_id,
        call_at=week_of(at).starts_at,
        at=at,
    )
    correction = TimeLine.objects.create(
        timesheet=sheets[line.timesheet.performer_id],
        kind=TimeLine.Kind.CORRECTION,
        corrects=line,
        rate_minor=line.rate_minor,
        currency=line.currency,
        grade=line.grade,
        inferred=line.inferred,
        note=note[:LONGEST_LINE_NOTE],
        created_at=at,
        **differences,
    )
    audit.record(
        verb="time_line.corrected", thing=correction, by=by, at=at, reason=note, corrects=line.public_id
    )
    seat = seat_of(line)
    if seat is not None:
        sessions.change_commitment(
            gig_id=seat.session.gig_id,
            delta_minor=differences["amount_minor"] + differences["fee_minor"],
        )
    return correction


def _reckon(session: Session, *, by: Actor, at: datetime) -> list[Reckoned]:
    seats = list(session.seats.select_related("performer", "session").order_by("id"))
    terms, room, marks = terms_of(session, seats), read_room(evidence_of(session)), marks_of(session, at=at)

    def fold(terms: SessionTerms) -> list[tuple[SessionTerms, SeatTime]]:
        own = [terms_of_seat(seat, terms) for seat in seats]
        by_seat = zip(own, terms.seats, strict=True)
        return [(each, fold_seat(terms=each, seat=seat, room=room, marks=marks)) for each, seat in by_seat]

    folded = fold(terms)
    if session.outcome in BY_EVIDENCE:
        times = [time for _, time in folded]
        # Where the performer directs alone nobody of the company need come (decision 0034).
        absent = not session.gig.self_directed and company_never_came(
            terms=terms, room=room, times=times, company=session.company.public_id
        )
        came = any(time.connections or time.showed for time in times)
        _settle_outcome(session, came=came, company_absent=absent, by=by, at=at)
        folded = fold(replace(terms, outcome=Outcome.COMPANY_NO_SHOW)) if absent else folded
    reckoned = []
    for seat, agreed, (own, time) in zip(seats, terms.seats, folded, strict=True):
        pay = pay_seat(terms=own, seat=agreed, time=time)
        fields = {
            "worked_s": time.worked_s,
            "payable_s": pay.payable_s,
            "rate_minor": seat.rate_minor,
            "currency": seat.currency,
            "amount_minor": pay.amount.minor,
            "fee_minor": pay.amount.share(seat.fee_bps).minor,
            "grade": time.grade.value,
            "inferred": time.inferred,
            "stretches": [line.to_json() for line in time.lines],
            "proposes_hold": bool(proposed_holds(time.lines, scheduled_end_at=terms.scheduled_end_at)),
            "behind": asdict(time.behind) if time.behind else None,
            "note": NOTES.get(pay.basis, ""),
            "rules_version": RULES_VERSION,
        }
        reckoned.append(Reckoned(seat, fields))
    return reckoned


def _settle_outcome(session: Session, *, came: bool, company_absent: bool, by: Actor, at: datetime) -> None:
    """Keep what the evidence says of both sides. Word that comes later can show that one was there after all."""
    outcome = SessionState.WRAPPED if came else SessionState.PERFORMER_NO_SHOW
    if session.outcome != outcome:
        session.outcome = outcome
        audit.record(verb=f"session.found_{outcome}", thing=session, by=by, at=at)
    if company_absent != (session.no_show_found_at is not None):
        session.no_show_found_at = at if company_absent else None
        verb = "session.company_was_absent" if company_absent else "session.company_was_there"
        audit.record(verb=verb, thing=session, by=by, at=at)
        sessions.tell_of_company(session, absent=company_absent, by=by, at=at)
    session.save(update_fields=["outcome", "no_show_found_at"])


def seat_of(line: TimeLine) -> Seat | None:
    """The seat whose time this is about, through all that the line corrects."""
    while line.seat is None and line.corrects is not None:
        line = line.corrects
    return line.seat


def pay_for(line: TimeLine, *, payable_s: int, fee_bps: int) -> tuple[Money, Money]:
    """What so many seconds pay at the line's rate, and the fee on it."""
    amount = Rate(line.rate_minor, line.currency).for_seconds(payable_s)
    return amount, amount.share(fee_bps)
