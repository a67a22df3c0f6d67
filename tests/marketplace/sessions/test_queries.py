"""Which sessions a list holds, to the second: what comes, what may still run, and what is asked of whom."""

from datetime import datetime, timedelta

import pytest

from marketplace.sessions import calling_off, operations, queries
from marketplace.sessions.models import Session
from tests import stories
from tests.stories import CALL

pytestmark = pytest.mark.django_db
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def session() -> Session:
    return stories.a_pair_booked()


def test_a_list_begins_with_since_and_ends_before_until(session: Session) -> None:
    us = stories.owner_of(session.company)

    def listed(since: datetime | None = None, until: datetime | None = None, **also: str) -> int:
        return queries.sessions_for(us, since=since, until=until, **also).count()

    assert [listed(since=at) for at in (CALL - SECOND, CALL, CALL + SECOND)] == [1, 1, 0]
    assert [listed(until=at) for at in (CALL - SECOND, CALL, CALL + SECOND)] == [0, 0, 1]
    assert (listed(state="booked"), listed(state="live"), listed()) == (1, 0, 1)
    other = stories.a_gig(session.company)
    assert (listed(gig=session.gig.public_id), listed(gig=other.public_id)) == (1, 0)


def test_what_began_half_a_day_ago_may_still_run_and_what_was_called_off_does_not(session: Session) -> None:
    def comes(at: datetime) -> int:
        return queries.ahead(Session.objects.all(), at=at).count()

    assert [comes(CALL + 12 * HOUR + late) for late in (-SECOND, timedelta(0), SECOND)] == [1, 1, 0]
    us = stories.owner_of(session.company)
    calling_off.cancel_session(session=session, reason="No studio.", by=us, at=CALL - HOUR)
    assert comes(CALL - HOUR) == 0


def test_a_performers_next_call_is_theirs_until_its_end_and_is_asked_for_until_they_confirm(
    session: Session,
) -> None:
    first, second = session.seats.select_related("performer__user", "session").order_by("id")
    me, other = stories.acting(first.performer), stories.acting(second.performer)
    later = stories.a_booked_session(first.engagement, call_at=CALL + 24 * HOUR, at=CALL - 24 * HOUR)
    ends = session.scheduled_end_at
    assert [queries.next_session(me, at=at) for at in (CALL - HOUR, ends - SECOND, ends)] == [
        session,
        session,
        later,
    ]
    assert queries.next_session(stories.owner_of(session.company), at=CALL - HOUR) is None
    assert queries.next_session(stories.acting(stories.a_performer()), at=CALL - HOUR) is None
    asked = [list(queries.to_confirm(me, at=at)) for at in (CALL - SECOND, CALL)]
    assert asked == [[session, later], [later]]
    operations.confirm_seat(seat=first, by=me, at=CALL - HOUR)
    assert list(queries.to_confirm(me, at=CALL - HOUR)) == [later]
    assert list(queries.to_confirm(other, at=CALL - HOUR)) == [session]
    calling_off.cancel_session(session=session, reason="Ill.", by=me, at=CALL - HOUR)
    assert queries.next_session(me, at=CALL - HOUR) == later
    assert queries.next_session(other, at=CALL - HOUR) == session
    session.refresh_from_db()
    assert queries.own_seat(session, me) == first
    assert queries.own_seat(session, other) == second
    assert queries.own_seat(session, stories.owner_of(session.company)) is None
