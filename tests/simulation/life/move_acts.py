"""What people do about another time for a session: propose it, agree, say no, take it back."""

from collections.abc import Sequence
from datetime import timedelta

from accounts.access.actors import Actor
from accounts.notifications.session_kinds import SessionKind as Kind
from marketplace.sessions import moving
from marketplace.sessions.models import Move, Seat, Session
from marketplace.sessions.states import BEFORE, MoveState
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press


def proposes_move(life: Life) -> Press | None:
    """For a day or two later, now and then into a time that somebody has already."""
    ahead = Session.objects.filter(state__in=BEFORE, call_at__gt=life.at, seats__released_at=None)
    session, at = life.one_of(ahead.exclude(moves__state=MoveState.ASKED).distinct()), life.at
    if session is None:
        return None
    later = timedelta(days=life.chance.choice([1, 1, 2]), minutes=15 * life.chance.randrange(1, 12))
    by, call_at = life.chance.choice(_concerned(life, session)), session.call_at + later
    return Press(
        lambda actor: moving.propose_move(session=session, call_at=call_at, by=actor, at=at),
        by,
        told=_others(life, session, by, Kind.MOVE_ASKED_TO_PERFORMER, Kind.MOVE_ASKED_TO_COMPANY),
        again=False,
        strangers=[life.other_owner(session.company_id), *_not_in(life, session)],
    )


def agrees_to_move(life: Life) -> Press | None:
    """The last yes moves it, where all can still come."""
    move = _open_one(life)
    if move is None:
        return None
    session, at = move.session, life.at
    by = life.chance.choice(_concerned(life, session))
    yes = set(move.agreed.values_list("performer_id", flat=True)) | {by.performer_id}
    all_agreed = {seat.performer_id for seat in _held(session)} <= yes
    all_agreed &= move.company_agreed_at is not None or not by.is_performer
    told = _others(life, session, by, Kind.MOVED_TO_PERFORMER, Kind.MOVED_TO_COMPANY)
    return Press(
        lambda actor: moving.agree_to_move(move=move, by=actor, at=at),
        by,
        told=told if all_agreed else [],
        must=not all_agreed,
        again=False if all_agreed else None,
        strangers=[life.other_owner(session.company_id), *_not_in(life, session)],
    )


def declines_move(life: Life) -> Press | None:
    """Whoever proposed it takes it back so."""
    move = _open_one(life)
    if move is None:
        return None
    session, at = move.session, life.at
    by = life.chance.choice(_concerned(life, session))
    return Press(
        lambda actor: moving.decline_move(move=move, by=actor, at=at),
        by,
        told=_others(life, session, by, Kind.NOT_MOVED_TO_PERFORMER, Kind.NOT_MOVED_TO_COMPANY),
        must=True,
        again=False,
        strangers=[life.other_owner(session.company_id), *_not_in(life, session)],
    )


def _open_one(life: Life) -> Move | None:
    """In time, of a session that is still ahead."""
    asked = Move.objects.filter(
        state=MoveState.ASKED,
        answer_due_at__gt=life.at,
        session__state__in=BEFORE,
        session__seats__released_at=None,
    )
    return life.one_of(asked.select_related("session").distinct())


def _held(session: Session) -> list[Seat]:
    return list(session.seats.filter(released_at=None).order_by("pk"))


def _concerned(life: Life, session: Session) -> list[Actor]:
    seated = [life.house.performers[seat.performer_id] for seat in _held(session)]
    return [life.staff_of(session.company_id), *seated]


def _not_in(life: Life, session: Session) -> list[Actor]:
    held = {seat.performer_id for seat in _held(session)}
    return [actor for key, actor in life.house.performers.items() if key not in held][:1]


def _others(
    life: Life, session: Session, by: Actor, to_performer: Kind, to_company: Kind
) -> Sequence[tuple[int, str]]:
    """Everyone concerned but whoever does it."""
    told = [
        (user_of(life, seat.performer_id), to_performer.stored)
        for seat in _held(session)
        if seat.performer_id != by.performer_id
    ]
    if by.is_performer:
        told.append((reader_of(life, session.company_id), to_company.stored))
    return told
