"""What people do in the room of a session, and around its door."""

from datetime import datetime, timedelta
from functools import partial

from accounts.access.actors import Actor
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.ranges import epoch_s
from marketplace.sessions import arrivals, marks, room
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.timekeeping.sweep import sweep_rooms
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press
from tests.simulation.life.provider import Stay, tells, weather

BREAKS = (Mark.Kind.REST, Mark.Kind.MEAL)
HOLDS = (Mark.Kind.HOLD_COMPANY, Mark.Kind.REST, Mark.Kind.MEAL)


# The sweep looks every few seconds; here where it matters for what can be pressed, in seconds from the call.
SWEEPS = (20, 420, 1600)


def plans_the_day(life: Life, *, beat: bool) -> None:
    """For each call of today: who comes when, and how it ends; with the beat, the sweep looks in meanwhile."""
    today = Session.objects.filter(
        state__in=BEFORE, call_at__gt=life.at, call_at__lt=life.at + timedelta(hours=22)
    )
    for session in today.select_related("gig", "company").order_by("pk"):
        # One that is moved is planned anew on its new day.
        with life.planning(Session.objects.filter(pk=session.pk, call_at=session.call_at).exists):
            _plans_a_session(life, session, beat=beat)


def _plans_a_session(life: Life, session: Session, *, beat: bool) -> None:
    for seat in session.seats.filter(released_at=None).select_related("performer").order_by("pk"):
        _plans_coming(life, session, seat)
    life.plan(session.call_at - timedelta(seconds=90), partial(_plays, life, session))
    _plans_the_end(life, session)
    for after_s in SWEEPS if beat else ():
        life.plan(session.call_at + timedelta(seconds=after_s), partial(_sweeps, life))
    if not life.livekit:
        life.plan(session.call_at, partial(_plays_at_home, life, session))


def _sweeps(life: Life) -> None:
    life.does({"sweep_rooms": lambda: sweep_rooms(at=life.at)})


def _plans_coming(life: Life, session: Session, seat: Seat) -> None:
    when = life.chance.choice([-1700, -600, -60, 0, 0, 30, 400, 900, 901])
    if life.is_likely(0.12):
        when = -2400  # before the doors open
    if life.is_likely(0.9):
        at = session.call_at + timedelta(seconds=when)
        life.plans(at, "enters", partial(entering, life, seat))
    if life.is_likely(0.35):
        at = session.call_at + timedelta(seconds=life.chance.randrange(100, 3000))
        life.plan(at, lambda: _breaks(life, session, seat))


def _plays(life: Life, session: Session) -> None:
    """Whoever still has a seat is there by and large; LiveKit tells it."""
    session.refresh_from_db()
    if not life.livekit or session.state not in (*BEFORE, *UNDER_WAY):
        return
    call, end = epoch_s(session.call_at), epoch_s(session.scheduled_end_at)
    stays = []
    for seat in session.seats.filter(released_at=None).select_related("performer").order_by("pk"):
        stays += _stays(life, seat.performer.public_id, call, end)
    if life.is_likely(0.8):
        stays.append(
            Stay(
                f"{session.company.public_id}.{life.chance.randrange(99)}",
                call + life.chance.choice([-60, 0, 900, 901]),
                end,
            )
        )
    tells(life, session, stays, weather(life))


def _stays(life: Life, who: str, call: int, end: int) -> list[Stay]:
    chance, fate = life.chance, life.chance.random()
    if fate < 0.1:
        return []
    if fate < 0.17:
        return [Stay(who, call + 5, call + 9, chance.choice(["JOIN_FAILURE", "ABORTED"]))]
    start = call + chance.choice([-85, -1, 0, 0, 60, 899, 900, 901])
    until = end + chance.choice([-1200, -120, 0, 0, 300, 899, 901])
    until = max(until, start + 60)
    if fate < 0.5 or until - start < 700:
        return [Stay(who, start, until)]
    middle = (start + until) // 2
    gap = chance.choice([-200, 5, 119, 120, 121, 300])  # -200: a second device
    reason = chance.choice(["", "CLIENT_INITIATED", "MIGRATION", "SIGNAL_CLOSE", "CONNECTION_TIMEOUT"])
    return [Stay(who, start, middle, reason), Stay(who, middle + gap, until)]


def _plays_at_home(life: Life, session: Session) -> None:
    """In the platform's own room: somebody of the company comes in, and those inside are heard of for a while."""
    if life.is_likely(0.8):
        life.press("company enters", company_entering(life, session))
    for seat in session.seats.filter(released_at=None).select_related("performer").order_by("pk"):
        for n in range(1, life.chance.randrange(2, 9)):
            at = session.call_at + timedelta(seconds=40 * n)
            life.plans(at, "is heard of", partial(beating, life, seat))
        at = session.call_at + timedelta(seconds=life.chance.randrange(100, 800))
        life.plans(at, "leaves", partial(leaving, life, seat))


def _breaks(life: Life, session: Session, seat: Seat) -> None:
    mark = breaking(life, session, seat if life.is_likely(0.6) else None)
    if life.press("begins a mark", mark) and life.is_likely(0.8):
        at = life.at + timedelta(seconds=life.chance.choice([30, 300, 1199, 1800, 2400]))
        life.plans(at, "ends a mark", partial(mark_ending, life, session))


def _plans_the_end(life: Life, session: Session) -> None:
    fate, length = life.chance.random(), int((session.scheduled_end_at - session.call_at).total_seconds())
    late = session.call_at + timedelta(seconds=life.chance.randrange(length // 2, length + 600))
    ends: list[tuple[float, str, datetime]] = [
        (0.45, "ends", late),
        (0.55, "stops", session.call_at + timedelta(seconds=life.chance.choice([-30, 60, 300, 1500]))),
        (0.6, "fails", session.call_at + timedelta(seconds=life.chance.choice([10, 600]))),
        (
            0.72,
            "company does not come",
            session.call_at + timedelta(seconds=life.chance.choice([899, 900, 950])),
        ),
    ]
    for share, name, at in ends:
        if fate < share:
            life.plans(at, name, partial(ENDS[name], life, session))
            break
    if life.is_likely(0.2):
        at = session.call_at + timedelta(seconds=life.chance.choice([200, 899, 900]))
        life.plans(at, "says they came", partial(_arriving, life, session))


def entering(life: Life, seat: Seat) -> Press:
    at, me = life.at, life.house.performers[seat.performer_id]
    seat = Seat.objects.select_related("performer", "session").get(pk=seat.pk)
    session = seat.session
    opened = session.state in (*BEFORE, *UNDER_WAY) and at >= session.call_at - room.DOORS_OPEN

    def call(by: Actor) -> None:
        life.sids[session.pk, seat.performer_id] = room.enter(session=session, by=by, at=at).sid

    must = opened and seat.released_at is None and seat.performer.state == "approved"
    strangers = [life.other_owner(session.company_id)]
    return Press(call, me, must=must, strangers=strangers, knocks=True)


def company_entering(life: Life, session: Session) -> Press:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    return Press(lambda by: room.enter(session=session, by=by, at=at), life.staff_of(session.company_id))


def beating(life: Life, seat: Seat) -> Press | None:
    at, sid = life.at, life.sids.get((seat.session_id, seat.performer_id))
    session = Session.objects.get(pk=seat.session_id)
    other = [life.other_performer(seat.performer_id)]
    return (
        Press(
            lambda by: room.beat(session=session, sid=sid or "", by=by, at=at),
            life.house.performers[seat.performer_id],
            strangers=other,
            knocks=True,
        )
        if sid
        else None
    )


def leaving(life: Life, seat: Seat) -> Press | None:
    at, sid = life.at, life.sids.get((seat.session_id, seat.performer_id))
    session = Session.objects.get(pk=seat.session_id)
    return (
        Press(
            lambda by: room.leave(session=session, sid=sid or "", by=by, at=at),
            life.house.performers[seat.performer_id],
            must=True,
        )
        if sid
        else None
    )


def breaking(life: Life, session: Session, seat: Seat | None) -> Press:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    kind = life.chance.choice(BREAKS if seat else HOLDS)
    by = life.house.performers[seat.performer_id] if seat else life.staff_of(session.company_id)
    free = session.state in UNDER_WAY and not session.marks.filter(seat=seat, ended_at=None).exists()
    return Press(
        lambda by: marks.start_mark(session=session, kind=kind, seat=seat, by=by, at=at),
        by,
        must=free,
        again=False,
        strangers=[life.other_owner(session.company_id)],
    )


def mark_ending(life: Life, session: Session) -> Press | None:
    mark, at = session.marks.filter(ended_at=None).select_related("seat").order_by("pk").first(), life.at
    if mark is None:
        return None
    seat = mark.seat
    by = life.house.performers[seat.performer_id] if seat else life.staff_of(session.company_id)

    def call(actor: Actor) -> None:
        life.ended_by_press.add(marks.end_mark(session=session, seat=seat, by=actor, at=at).pk)

    return Press(call, by, must=True, again=False, strangers=[life.other_owner(session.company_id)])


def ending(life: Life, session: Session) -> Press:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    return Press(
        lambda by: room.end(session=session, by=by, at=at),
        life.staff_of(session.company_id),
        must=session.state in UNDER_WAY,
        again=None,
        strangers=[life.other_owner(session.company_id)],
    )


def stopping(life: Life, session: Session) -> Press | None:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    seats = list(session.seats.filter(released_at=None).order_by("pk"))
    if not seats:
        return None
    mine, free = seats[0], session.state in (*UNDER_WAY, "check_in")
    told = [(user_of(life, seat.performer_id), Kind.STOPPED.stored) for seat in seats[1:]]
    return Press(
        lambda by: room.stop(session=session, reason="I felt unsafe.", by=by, at=at),
        life.house.performers[mine.performer_id],
        told=[*told, (reader_of(life, session.company_id), Kind.STOPPED_TO_COMPANY.stored)],
        must=free,
        again=False,
        strangers=[life.other_owner(session.company_id)],
    )


def failing(life: Life, session: Session) -> Press:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    seats = session.seats.filter(released_at=None).order_by("pk")
    told = [(user_of(life, seat.performer_id), Kind.FAILED.stored) for seat in seats]
    return Press(
        lambda by: room.fail(session=session, reason="Our node was lost.", by=by, at=at),
        life.house.talent,
        told=[*told, (reader_of(life, session.company_id), Kind.FAILED_TO_COMPANY.stored)],
        must=session.state in (*BEFORE, *UNDER_WAY),
        again=False,
        strangers=[life.owner(session.company_id)],
    )


def nobody_coming(life: Life, session: Session) -> Press:
    at = life.at
    session = Session.objects.get(pk=session.pk)
    return Press(
        lambda by: room.nobody_came(session=session, by=by, at=at),
        life.staff_of(session.company_id),
        again=False,
        strangers=[life.other_owner(session.company_id)],
    )


def _arriving(life: Life, session: Session) -> Press | None:
    seat, at = session.seats.select_related("session", "performer").order_by("pk").first(), life.at
    if seat is None:
        return None
    return Press(
        lambda by: arrivals.arrive(session=seat.session, seat=seat, by=by, at=at),
        life.house.performers[seat.performer_id],
        strangers=[life.other_performer(seat.performer_id)],
    )


ENDS = {"ends": ending, "stops": stopping, "fails": failing, "company does not come": nobody_coming}
