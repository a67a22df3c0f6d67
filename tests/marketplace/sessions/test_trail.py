"""What each act on a session leaves: its row in the trail, and news to everyone concerned but whoever did it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.keys.acting import of_user
from kit.errors import Forbidden, NotFound
from marketplace.sessions import booking, calling_off, marks, moving, operations
from marketplace.sessions.models import Mark, Seat, Session
from tests import stories
from tests.marketplace.trail import Left, done, left_by
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AT = CALL - timedelta(days=1)
ALL = ["Ada Quill", "Bo Lane", "Nora North"]


@pytest.fixture
def session() -> Session:
    """Ada and Bo are booked by Northlight, whose owner is Nora."""
    gig = stories.a_gig(stories.a_company("Northlight", owner=stories.a_person("Nora North")))
    pair = [stories.an_active_engagement(gig, stories.a_performer(name)) for name in ALL[:2]]
    return stories.a_booked_session(*pair)


def seats(session: Session) -> list[Seat]:
    return list(session.seats.select_related("performer__user", "engagement__gig").order_by("id"))


def ada(session: Session) -> Actor:
    return stories.acting(seats(session)[0].performer)


def bo(session: Session) -> Actor:
    return stories.acting(seats(session)[1].performer)


def us(session: Session) -> Actor:
    return stories.owner_of(session.company)


def all_confirm(session: Session) -> None:
    for seat in seats(session):
        operations.confirm_seat(seat=seat, by=stories.acting(seat.performer), at=AT)


def is_played(session: Session) -> None:
    """Both are in the room from the call on."""
    came = [stories.joined(session, seat.performer, CALL) for seat in seats(session)]
    stories.arrives(session, *came, at=CALL)
    operations.go_live(session=session, by=stories.HOUSE, at=CALL)


def test_a_booking_is_told_to_each_who_plays() -> None:
    gig = stories.a_gig(stories.a_company())
    pair = [stories.an_active_engagement(gig, stories.a_performer(name)) for name in ALL[:2]]
    left = left_by(lambda: stories.a_booked_session(*pair, at=AT))
    assert left.trail == done("session.booked", by=stories.owner_of(gig.company), at=AT)
    here = f"/sessions/{Session.objects.get().public_id}/"
    assert left.told == [(name, "You are booked", here) for name in ALL[:2]]
    assert [left_by(lambda s=seat: confirms(s)).trail for seat in seats(Session.objects.get())] == [  # type: ignore[misc] # bound early
        [],
        done("session.confirmed", by=stories.acting(pair[1].performer), at=AT),
    ]
    assert left_by(lambda: confirms(seats(Session.objects.get())[0])).trail == []


def confirms(seat: Seat) -> Session:
    return operations.confirm_seat(seat=seat, by=stories.acting(seat.performer), at=AT)


def test_a_session_that_the_company_calls_off_is_told_to_each_who_plays(session: Session) -> None:
    left = left_by(
        lambda: calling_off.cancel_session(session=session, reason="No studio.", by=us(session), at=AT)
    )
    assert left.trail == done("session.late_cancelled", by=us(session), at=AT)
    assert_told(left, session, "A session was called off", ALL[:2])
    session.refresh_from_db()
    assert (session.cancelled_at, session.cancelled_by, session.cancel_reason) == (
        AT,
        "company",
        "No studio.",
    )
    assert [seat.released_at for seat in seats(session)] == [AT, AT]


def test_a_seat_that_is_called_off_and_given_to_another(session: Session) -> None:
    all_confirm(session)
    moving.propose_move(session=session, call_at=CALL + timedelta(days=1), by=us(session), at=AT)
    left = left_by(
        lambda: calling_off.cancel_session(session=session, reason="I am ill.", by=ada(session), at=AT)
    )
    assert left.trail == done("seat.released", "move.withdrawn", by=ada(session), at=AT)
    here = f"/sessions/{session.public_id}/"
    assert left.told == [
        ("Ada Quill", "Your seat is called off", here),
        ("Bo Lane", "Somebody else's seat was called off", here),
        ("Nora North", "A seat is free", here),
    ]
    third = stories.an_active_engagement(session.gig, stories.a_performer("Cy Stone"))
    filled = left_by(lambda: booking.fill_seat(session=session, engagement=third, by=us(session), at=AT))
    assert filled.trail == done("session.booked", "seat.filled", by=us(session), at=AT)
    assert filled.told == [
        ("Bo Lane", "Somebody else has the free seat", here),
        ("Cy Stone", "You are booked", here),
    ]
    gone = left_by(
        lambda: calling_off.release_seat(seat=seats(session)[2], reason="Too late.", by=us(session), at=AT)
    )
    # Whoever is left had confirmed.
    assert gone.trail == done("seat.released", "session.confirmed", by=us(session), at=AT)
    assert gone.told == [
        ("Bo Lane", "Somebody else's seat was called off", here),
        ("Cy Stone", "A session was called off", here),
    ]
    last = left_by(
        lambda: calling_off.cancel_session(session=session, reason="Ill too.", by=bo(session), at=AT)
    )
    assert last.trail == done("session.cancelled", by=bo(session), at=AT)
    assert last.told == [
        ("Bo Lane", "Your seat is called off", here),
        ("Nora North", "A performer called a session off", here),
    ]


ENDS = {
    "moved": ("move.agreed", "A session is moved"),
    "declined": ("move.declined", "A session stays where it was"),
    "withdrawn": ("move.withdrawn", "A session stays where it was"),
}


@pytest.mark.parametrize("how", list(ENDS))
@pytest.mark.parametrize("side", ["performer", "company"])
def test_a_proposal_to_move_is_told_to_the_others_and_so_is_its_end(
    session: Session, side: str, how: str
) -> None:
    proposer = ada(session) if side == "performer" else us(session)
    others = [bo(session), us(session) if side == "performer" else ada(session)]
    own_name = stories.person(proposer).name
    asked = left_by(
        lambda: moving.propose_move(session=session, call_at=CALL + timedelta(days=1), by=proposer, at=AT)
    )
    assert asked.trail == done("move.asked", by=proposer, at=AT)
    assert_told(asked, session, "Another time is proposed for a session", [n for n in ALL if n != own_name])
    move = session.moves.get()
    verb, title = ENDS[how]
    if how == "moved":
        first = left_by(lambda: moving.agree_to_move(move=move, by=others[0], at=AT))
        assert (first.trail, first.told) == (done("move.agreed_to", by=others[0], at=AT), [])
    by = proposer if how == "withdrawn" else others[1]
    act: Callable[..., object] = moving.agree_to_move if how == "moved" else moving.decline_move
    ended = left_by(lambda: act(move=move, by=by, at=AT))
    moved = ["move.agreed_to", verb, "session.confirmed"]
    assert ended.trail == done(*(moved if how == "moved" else [verb]), by=by, at=AT)
    # What moves is moved in each calendar, also of a performer who said the last yes.
    reads_it_too = ALL[:2] if how == "moved" else []
    names = [name for name in ALL if name != stories.person(by).name or name in reads_it_too]
    assert_told(ended, session, title, names)


def test_a_proposal_that_nobody_answers_lapses_and_all_are_told(session: Session) -> None:
    move = moving.propose_move(
        session=session, call_at=CALL + timedelta(days=1), by=us(session), at=CALL - timedelta(hours=49)
    )
    assert move.answer_due_at == CALL - timedelta(hours=1)
    lapsed = left_by(lambda: moving.lapse_moves(at=move.answer_due_at))
    assert lapsed.trail == done("move.lapsed", by=moving.CALENDAR, at=move.answer_due_at)
    assert_told(lapsed, session, "A session stays where it was", ALL)


@pytest.mark.parametrize("side", ["performer", "company"])
def test_a_stop_is_told_to_the_others_and_ends_the_break(session: Session, side: str) -> None:
    is_played(session)
    marks.start_mark(session=session, kind=Mark.Kind.REST, by=us(session), at=CALL)
    by, later = ada(session) if side == "performer" else us(session), CALL + timedelta(minutes=5)
    left = left_by(lambda: operations.stop_for_safety(session=session, reason="Unsafe.", by=by, at=later))
    assert left.trail == done("session.safety_stopped", by=by, at=later)
    others = [name for name in ALL if name != stories.person(by).name]
    assert_told(left, session, "A session was stopped for safety", others)
    assert Mark.objects.get().ended_at == later
    session.refresh_from_db()
    assert session.wrapped_at == later


def test_a_fault_of_the_houses_is_told_to_all(session: Session) -> None:
    is_played(session)
    marks.start_mark(session=session, kind=Mark.Kind.REST, by=us(session), at=CALL)
    talent = of_user(stories.a_member_of_staff(Staff.TALENT))
    with pytest.raises(operations.TooEarly):
        operations.fail(session=session, reason="No power.", by=talent, at=CALL - timedelta(seconds=1))
    with pytest.raises(Forbidden):
        operations.fail(session=session, reason="No power.", by=us(session), at=CALL)
    left = left_by(lambda: operations.fail(session=session, reason="No power.", by=talent, at=CALL))
    assert left.trail == done("session.technical_failure", by=talent, at=CALL)
    assert_told(left, session, "A session failed technically", ALL)
    assert Mark.objects.get().ended_at == CALL + operations.SHORTEST_MARK


def test_a_hold_of_everyone_is_in_the_trail_from_its_start_to_its_end(session: Session) -> None:
    is_played(session)
    by = us(session)
    own = left_by(
        lambda: marks.start_mark(
            session=session, kind=Mark.Kind.REST, seat=seats(session)[0], by=ada(session), at=CALL
        )
    )
    assert own.trail == []
    held = left_by(lambda: marks.start_mark(session=session, kind=Mark.Kind.HOLD_COMPANY, by=by, at=CALL))
    assert held.trail == done("session.on_hold", by=by, at=CALL)
    went_on = left_by(lambda: marks.end_mark(session=session, by=by, at=CALL + timedelta(minutes=1)))
    assert went_on.trail == done("session.live", by=by, at=CALL + timedelta(minutes=1))
    assert Mark.objects.get(seat=None).ended_at == CALL + timedelta(minutes=1)
    # A rest of everyone holds nothing up, and one seat's break is not the session's.
    for kind, seat in ((Mark.Kind.REST, None), (Mark.Kind.HOLD_COMPANY, seats(session)[1])):
        marked = left_by(
            lambda k=kind, s=seat: marks.start_mark(session=session, kind=k, seat=s, by=by, at=CALL)  # type: ignore[misc] # bound early
        )
        ended = left_by(lambda s=seat: marks.end_mark(session=session, seat=s, by=by, at=CALL))  # type: ignore[misc] # bound early
        assert (marked.trail, ended.trail) == ([], [])


def test_a_mark_is_of_ones_own_seat_or_ones_own_session(session: Session) -> None:
    is_played(session)
    stranger = seats(stories.a_pair_booked())[0]
    with pytest.raises(NotFound):
        marks.start_mark(session=session, kind=Mark.Kind.REST, seat=stranger, by=us(session), at=CALL)
    with pytest.raises((Forbidden, NotFound)):
        marks.start_mark(
            session=session, kind=Mark.Kind.REST, seat=seats(session)[1], by=ada(session), at=CALL
        )
    with pytest.raises((Forbidden, NotFound)):
        marks.end_mark(session=session, seat=seats(session)[1], by=ada(session), at=CALL)


def assert_told(left: Left, session: Session, title: str, names: list[str]) -> None:
    assert left.told == [(name, title, f"/sessions/{session.public_id}/") for name in names]
