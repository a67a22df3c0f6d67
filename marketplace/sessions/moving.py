"""Moving a session to another time: either side proposes, everyone who is concerned agrees, and then it is moved.

Nobody has to. A company that cannot wait calls the session off, and pays by the notice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from psycopg.types.range import TimestamptzRange

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.errors import DomainError, Forbidden
from kit.instants import for_machines
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.sessions import entries
from marketplace.sessions.booking import (
    one_place_at_a_time,
    refuse_broken_guarantee,
    refuse_full_week,
    refuse_outside_terms,
    refuse_time,
)
from marketplace.sessions.models import Move, Seat, Session
from marketplace.sessions.operations import TooLate, locked
from marketplace.sessions.reminders import REMINDED
from marketplace.sessions.states import BEFORE, MoveState, SessionState

ANSWERED_WITHIN = timedelta(hours=48)
CALENDAR = Actor.of_system("calendar")
PERFORMER, COMPANY = "performer", "company"
ASKED = {PERFORMER: Kind.MOVE_ASKED_TO_PERFORMER, COMPANY: Kind.MOVE_ASKED_TO_COMPANY}
MOVED = {PERFORMER: Kind.MOVED_TO_PERFORMER, COMPANY: Kind.MOVED_TO_COMPANY}
NOT_MOVED = {PERFORMER: Kind.NOT_MOVED_TO_PERFORMER, COMPANY: Kind.NOT_MOVED_TO_COMPANY}
S = MoveState


class MoveOpen(DomainError):
    """Answer the proposal that is open, or take it back."""

    code = "move_open"
    title = "Another time is proposed already"


def propose_move(*, session: Session, call_at: datetime, by: Actor, at: datetime) -> Move:
    """Propose another call of the same length. Whoever proposes has agreed.

    Raises MoveOpen, TooLate, AlreadyBooked, WeekIsFull, GuaranteeBroken (409), Invalid (422), Forbidden (403), NotFound (404).
    """
    refuse_time(session.gig, call_at, at=at)
    with transaction.atomic():
        session = locked(session.pk)
        seat = _seat(session, by)
        if session.state not in BEFORE or at >= session.call_at:
            raise TooLate("The call has passed, or the session was called off.")
        if session.moves.filter(state=S.ASKED).exists():
            raise MoveOpen("Everyone answers that one first.")
        move = Move.objects.create(
            session=session,
            proposed_by=seat,
            call_at=call_at,
            asked_at=at,
            answer_due_at=min(session.call_at, at + ANSWERED_WITHIN),
            company_agreed_at=None if seat else at,
        )
        if seat is not None:
            move.agreed.add(seat)
        audit.record(verb="move.asked", thing=move, by=by, at=at, call_at=for_machines(call_at))
        about: About = {
            "gig": session.gig.title,
            "call_at": session.call_at,
            "new_call_at": move.call_at,
            "answer_by": move.answer_due_at,
        }
        _tell(move, kinds=ASKED, about=about, by=by, at=at)
        return move


def agree_to_move(*, move: Move, by: Actor, at: datetime) -> Move:
    """One of those who are asked says yes; with the last yes the session is moved, and confirmed by all.

    Raises TooLate, AlreadyBooked, WeekIsFull, GuaranteeBroken (409), Invalid (422), Forbidden (403), NotFound (404).
    """
    _seat(move.session, by)  # who may not answer is told nothing of how it stands
    with one_place_at_a_time():
        session, move = _open(move, at=at)
        seat = _seat(session, by)
        if seat is None:
            move.company_agreed_at = at
            move.save(update_fields=["company_agreed_at"])
        else:
            move.agreed.add(seat)
        audit.record(verb="move.agreed_to", thing=move, by=by, at=at)
        if move.company_agreed_at and not _held(session).exclude(pk__in=move.agreed.all()).exists():
            _apply(session, move, by=by, at=at)
        return move


@transaction.atomic
def decline_move(*, move: Move, by: Actor, at: datetime) -> Move:
    """One of those who are asked says no, or whoever proposed it takes it back: the session stays as it was.

    Raises TooLate (409), Forbidden (403), NotFound (404).
    """
    _seat(move.session, by)
    session, move = _open(move, at=at)
    seat = _seat(session, by)
    own = move.proposed_by_id == (seat.pk if seat else None)
    audit.move(move, S.WITHDRAWN if own else S.DECLINED, by=by, at=at, ended_at=at)
    _tell_it_stays(move, session, by=by, at=at)
    return move


def lapse_moves(*, at: datetime) -> int:
    """The tick: what was not answered by all in time leaves the session as it was. Returns how many."""
    late = Move.objects.filter(state=S.ASKED, answer_due_at__lte=at).select_related("session").order_by("pk")
    return retries.each(
        late, lambda move: _lapse(move, at=at), job=Job.LAPSE_MOVE, page=_page_of_its_session, at=at
    )


def _page_of_its_session(move: Move) -> str:
    return reverse("session_detail", args=[move.session.public_id])


def _lapse(move: Move, *, at: datetime) -> bool:
    session = locked(move.session_id)
    move = Move.objects.select_for_update(of=("self",)).get(pk=move.pk)
    if move.state != S.ASKED:
        return False
    move.session = session
    audit.move(move, S.LAPSED, by=CALENDAR, at=at, ended_at=at)
    _tell_it_stays(move, session, by=CALENDAR, at=at)
    return True


def _apply(session: Session, move: Move, *, by: Actor, at: datetime) -> None:
    length = session.scheduled_end_at - session.call_at
    session.call_at, session.scheduled_end_at = move.call_at, move.call_at + length
    session.reminded_at = (
        at if move.call_at <= at + REMINDED else None
    )  # of a call that near they read just now
    session.revise(at=at)
    session.save(update_fields=["call_at", "scheduled_end_at", "reminded_at", "revision", "revised_at"])
    during = TimestamptzRange(session.call_at, session.scheduled_end_at)
    for seat in _held(session).select_related("performer__user", "terms").order_by("performer_id"):
        seat.session = session
        refuse_outside_terms(seat)
        refuse_full_week(seat)
        refuse_broken_guarantee(seat)
        seat.during, seat.confirmed_at = during, at
        seat.save(update_fields=["during", "confirmed_at"])
    audit.move(move, S.AGREED, by=by, at=at, ended_at=at)
    if session.state == SessionState.BOOKED:
        audit.move(session, SessionState.CONFIRMED, by=by, at=at)
    _tell(
        move,
        kinds=MOVED,
        about={"gig": session.gig.title, "call_at": session.call_at},
        by=by,
        at=at,
    )


def _tell_it_stays(move: Move, session: Session, *, by: Actor, at: datetime) -> None:
    about: About = {"gig": session.gig.title, "call_at": session.call_at}
    _tell(move, kinds=NOT_MOVED, about=about, by=by, at=at)


def _open(move: Move, *, at: datetime) -> tuple[Session, Move]:
    session = locked(move.session_id)
    move = Move.objects.select_for_update(of=("self",)).get(pk=move.pk)
    move.session = session
    if move.state != S.ASKED or session.state not in BEFORE or at >= move.answer_due_at:
        raise TooLate("The proposal is answered, or its time is over.")
    return session, move


def _held(session: Session) -> QuerySet[Seat]:
    return session.seats.filter(released_at=None)


def _seat(session: Session, by: Actor) -> Seat | None:
    """Whose answer it is: a performer's own seat; None for the company's. Raises Forbidden (403)."""
    seat = _held(session).filter(performer_id=by.performer_id).first() if by.is_performer else None
    if seat is None:
        if session.company_id not in by.company_ids:
            raise Forbidden("Those who play in it answer, and its company.")
        by.require(Act.BOOK, company_id=session.company_id)
    return seat


def _tell(move: Move, *, kinds: Mapping[str, Kind], about: About, by: Actor, at: datetime) -> None:
    """Everyone concerned but whoever did it; and each whose calendar changes."""
    session = move.session
    key, where = f"move:{move.public_id}:{move.state}", {"session_id": session.public_id}
    is_moved = kinds is MOVED
    for seat in _held(session).select_related("performer__user"):
        seat.session = session
        # A call that is moved is moved in each calendar, also of who said the last yes.
        if is_moved or seat.performer_id != by.performer_id:
            notify(
                kind=kinds[PERFORMER],
                user_id=seat.performer.user_id,
                key=key,
                about=about,
                where=where,
                calendar=entries.mail_of(seat, method=entries.Method.REQUEST, at=at) if is_moved else None,
                at=at,
            )
    if session.company_id not in by.company_ids:
        company = session.company_id
        tell_company(kind=kinds[COMPANY], company_id=company, key=key, about=about, where=where, at=at)
