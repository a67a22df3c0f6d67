"""A break or a hold that nobody ended ends with its session: when that ended, and not when the house noticed."""

from datetime import timedelta

import pytest

from marketplace.endings.orphans import orphans
from marketplace.sessions import marks, room
from marketplace.sessions.models import Mark, Session
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.stories import CALL

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def is_live() -> Session:
    """One performer and the company are in the room, and stay."""
    session = stories.a_booked_session(stories.an_active_engagement(stories.a_gig(stories.a_company())))
    seat = session.seats.select_related("performer").get()
    leaves = session.scheduled_end_at + 15 * MINUTE
    stories.arrives(session, stories.joined(session, seat.performer, CALL), at=CALL)
    came, gone = stories.somebody_of_the_company(session, leaves)
    stories.arrives(session, came, at=CALL)
    stories.the_sweep_runs(at=CALL + MINUTE)
    stories.arrives(session, gone, stories.left(session, seat.performer, leaves), at=leaves)
    session.refresh_from_db()
    assert session.state == "live"
    return session


def breaks(session: Session, kind: Mark.Kind, *, after_s: int) -> None:
    seat = session.seats.select_related("performer").get()
    me, at = stories.acting(seat.performer), CALL + timedelta(seconds=after_s)
    marks.start_mark(session=session, kind=kind, seat=seat, by=me, at=at)


@pytest.mark.parametrize(
    ("begun_s", "worked_s"), [(6300 - 1799, 6300), (6300 - 1800, 6300 - 1800), (5700, 6300)]
)
def test_a_late_sweep_makes_no_meal_of_a_short_break(begun_s: int, worked_s: int) -> None:
    session = is_live()
    breaks(session, Mark.Kind.MEAL, after_s=begun_s)
    stories.the_sweep_runs(at=session.scheduled_end_at + timedelta(hours=5))
    assert Mark.objects.get().ended_at == session.scheduled_end_at + 15 * MINUTE
    assert TimeLine.objects.get().worked_s == worked_s


def test_none_runs_on_where_the_company_did_not_come() -> None:
    session = is_live()
    breaks(session, Mark.Kind.REST, after_s=600)
    us = stories.owner_of(session.company)
    room.nobody_came(session=session, by=us, at=CALL + 15 * MINUTE)
    assert Mark.objects.get().ended_at == CALL + 15 * MINUTE
    assert orphans() == {}


def test_one_of_the_last_second_lasts_a_second() -> None:
    session = is_live()
    breaks(session, Mark.Kind.REST, after_s=900)
    room.end(session=session, by=stories.owner_of(session.company), at=CALL + 15 * MINUTE)
    assert Mark.objects.get().ended_at == CALL + 15 * MINUTE + timedelta(seconds=1)
    assert orphans() == {}


@pytest.mark.parametrize(("begun_s", "worked_s"), [(5700 - 1799, 5700), (5700 - 1800, 5700 - 1800)])
@pytest.mark.parametrize("of_all", [True, False])
@pytest.mark.usefixtures("long_days")
def test_one_that_nobody_ended_is_as_long_as_each_seats_own_time(
    begun_s: int, worked_s: int, of_all: bool
) -> None:
    """Of two, one has another call ten minutes before the session's window is over: there their own time ends."""
    session = stories.a_pair_booked()
    first, second = session.seats.select_related("performer", "engagement").order_by("id")
    stories.a_booked_session(first.engagement, call_at=CALL + timedelta(seconds=5700), at=session.created_at)
    leaves = session.scheduled_end_at + 15 * MINUTE
    for seat in (first, second):
        stories.arrives(session, stories.joined(session, seat.performer, CALL), at=CALL)
    stories.the_sweep_runs(at=CALL + MINUTE)
    by = stories.owner_of(session.company) if of_all else stories.acting(first.performer)
    marks.start_mark(
        session=session,
        kind=Mark.Kind.MEAL,
        seat=None if of_all else first,
        by=by,
        at=CALL + timedelta(seconds=begun_s),
    )
    gone = [stories.left(session, seat.performer, leaves) for seat in (first, second)]
    stories.arrives(session, *stories.somebody_of_the_company(session, leaves), *gone, at=leaves)
    stories.the_sweep_runs(at=leaves + timedelta(hours=5))
    mine, theirs = TimeLine.objects.order_by("seat_id").values_list("worked_s", flat=True)
    # For the other, it lasted to the end of the session's window, and so was a meal.
    assert (mine, theirs) == (worked_s, begun_s if of_all else 6300)
    assert orphans() == {}
