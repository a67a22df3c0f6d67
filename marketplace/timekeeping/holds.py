"""A machine failed: the hold that is proposed for it becomes a paid one when the company, or talent operations, say so."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.notifications.operations import notify
from accounts.notifications.time_kinds import TimeKind as Kind
from kit.errors import DomainError
from marketplace.presence.faults import ProposedHold
from marketplace.sessions import marks
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Mark
from marketplace.timekeeping.disputes import LineAlreadyDecided, adjudicates
from marketplace.timekeeping.models import UNDECIDED, TimeLine, Timesheet
from marketplace.timekeeping.operations import OwnTime
from marketplace.timekeeping.reckoning import reckon_session

SYSTEM = Actor.of_system("presence")


class NoHoldProposed(DomainError):
    """Read the line again: its `proposed_holds` say what can be accepted."""

    code = "no_hold_proposed"
    title = "No hold is proposed from then"


@transaction.atomic
def accept_hold(*, line: TimeLine, started_at: datetime | None, by: Actor, at: datetime) -> TimeLine:
    """The hold that is proposed from `started_at` (None: from no second) is paid; the line is worked out again and comes back.

    Until the line is decided. Raises NoHoldProposed, LineAlreadyDecided (409), OwnTime, Forbidden (403), NotFound (404).
    """
    _refuse(line, by)
    if line.seat is None:
        raise NoHoldProposed("This line is of no session.")
    # The session first, then the sheet: in the order of those who work time out.
    session = sessions.locked(line.seat.session_id)
    Timesheet.objects.select_for_update().get(pk=line.timesheet_id)
    line.refresh_from_db(fields=["state", "stretches", "proposes_hold"])
    _refuse(line, by)
    hold = _proposed(line, started_at)
    marks.add_hold(session=session, seat=line.seat, span=hold.span, by=by)
    reckon_session(session=session, at=at, by=SYSTEM, is_news=False)
    audit.record(
        verb="time_line.hold_accepted",
        thing=line,
        by=by,
        at=at,
        reason=hold.reason,
        started_s=hold.span.start,
        ended_s=hold.span.end,
    )
    _tell(line, hold, at=at)
    line.refresh_from_db()
    return line


def may_accept(line: TimeLine, by: Actor) -> bool:
    """Whether `accept_hold` would not be refused to them."""
    try:
        _refuse(line, by)
    except DomainError:
        return False
    return True


def _refuse(line: TimeLine, by: Actor) -> None:
    if by.is_performer and by.performer_id == line.timesheet.performer_id:
        raise OwnTime("The company, or talent operations, accept it. You can dispute the line.")
    if not adjudicates(line, by):
        by.require(Act.APPROVE_TIME, company_id=line.timesheet.company_id)
    if line.state not in UNDECIDED:
        raise LineAlreadyDecided("It is decided. Ask for a correction of the line.")


def _proposed(line: TimeLine, started_at: datetime | None) -> ProposedHold:
    held = Mark.objects.filter(seat=line.seat, kind=Mark.Kind.HOLD_PLATFORM)
    for hold in line.proposed_holds:
        if hold.span.started_at == started_at and not held.filter(started_at=started_at).exists():
            return hold
    raise NoHoldProposed("Nothing is proposed from that second, or it was accepted already.")


def _tell(line: TimeLine, hold: ProposedHold, *, at: datetime) -> None:
    if line.seat is None:
        return
    session = line.seat.session
    notify(
        kind=Kind.HOLD_PAID,
        user_id=line.timesheet.performer.user_id,
        key=f"hold:{line.public_id}:{hold.span.start}",
        about={"gig": session.gig.title, "call_at": session.call_at},
        where={"line_id": line.public_id},
        at=at,
    )
