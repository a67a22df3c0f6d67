"""What a performer is guaranteed is refused at a booking that would break it: rest after 90 minutes, 4 h a day, 12 h a night."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ranges import Span
from marketplace.engagements.models import Engagement
from marketplace.presence.guarantees import Guarantee, Guarantees, broken_by
from marketplace.sessions.models import Session
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.stories import CALL

MIN, HOUR = 60, 3600
BY = Guarantees(stretch_s=90 * MIN, stretch_rest_s=10 * MIN, day_s=4 * HOUR, night_s=12 * HOUR)
NEW_YORK = ZoneInfo("America/New_York")
NOON = int(datetime(2026, 11, 10, 12, tzinfo=NEW_YORK).timestamp())
AsSomeone = Callable[[Any], Caller]


def call(start_s: int, length_s: int) -> Span:
    return Span(NOON + start_s, NOON + start_s + length_s)


def broken(asked: Span, *others: Span) -> Guarantee | None:
    return broken_by(asked, others, zone=NEW_YORK, by=BY)


class TestRules:
    @pytest.mark.parametrize(
        ("gap_s", "found"), [(0, Guarantee.STRETCH), (599, Guarantee.STRETCH), (600, None)]
    )
    def test_after_ninety_minutes_there_is_rest(self, gap_s: int, found: Guarantee | None) -> None:
        assert broken(call(90 * MIN + gap_s, 60), call(0, 90 * MIN)) == found
        assert broken(call(0, 90 * MIN), call(90 * MIN + gap_s, 60)) == found

    def test_ninety_minutes_in_two_calls_are_no_more_than_in_one(self) -> None:
        assert broken(call(45 * MIN, 45 * MIN), call(0, 45 * MIN)) is None
        assert broken(call(45 * MIN, 45 * MIN + 1), call(0, 45 * MIN)) == Guarantee.STRETCH

    def test_one_long_call_has_its_rest_within_it(self) -> None:
        assert broken(call(0, 4 * HOUR)) is None

    def test_a_day_has_four_hours_and_not_a_second_more(self) -> None:
        morning = call(-4 * HOUR, 2 * HOUR)
        assert broken(call(0, 2 * HOUR), morning) is None
        assert broken(call(0, 2 * HOUR + 1), morning) == Guarantee.DAY

    def test_a_call_over_midnight_counts_for_each_day_what_lies_in_it(self) -> None:
        late = call(11 * HOUR, 2 * HOUR)
        assert broken(late, call(0, 3 * HOUR)) is None
        assert broken(late, call(0, 3 * HOUR + 1)) == Guarantee.DAY

    @pytest.mark.parametrize(("rest_s", "found"), [(12 * HOUR - 1, Guarantee.NIGHT), (12 * HOUR, None)])
    def test_between_two_days_there_are_twelve_hours(self, rest_s: int, found: Guarantee | None) -> None:
        evening = call(9 * HOUR, HOUR)
        assert broken(Span(evening.end + rest_s, evening.end + rest_s + HOUR), evening) == found

    @settings(max_examples=100, deadline=None)
    @given(
        asked=st.tuples(st.integers(0, 96), st.integers(1, 16)),
        others=st.lists(st.tuples(st.integers(-96, 192), st.integers(1, 16)), max_size=6),
    )
    def test_holds_what_a_walk_of_every_quarter_finds(
        self, asked: tuple[int, int], others: list[tuple[int, int]]
    ) -> None:
        """The day's hours, counted by walking."""
        quarter = 15 * MIN
        spans = [call(start * quarter, length * quarter) for start, length in others]
        wanted = call(asked[0] * quarter, asked[1] * quarter)
        beside = [span for span in spans if not span.overlaps(wanted)]
        on_camera: dict[object, int] = {}
        for at in range(NOON - 200 * quarter, NOON + 300 * quarter, quarter):
            if any(span.start <= at < span.end for span in [wanted, *beside]):
                day = datetime.fromtimestamp(at, NEW_YORK).date()
                on_camera[day] = on_camera.get(day, 0) + quarter
        days = {
            datetime.fromtimestamp(at, NEW_YORK).date() for at in range(wanted.start, wanted.end, quarter)
        }
        too_much = any(on_camera[day] > BY.day_s for day in days)
        found = broken_by(wanted, spans, zone=NEW_YORK, by=Guarantees(10**9, 0, BY.day_s, 0))
        assert (found == Guarantee.DAY) == too_much


@pytest.mark.django_db
class TestDoors:
    @pytest.fixture
    def engaged(self, it_is: Callable[[datetime], None]) -> Engagement:
        it_is(CALL - timedelta(days=3))
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company(), seats=2))
        stories.a_booked_session(engaged, at=CALL - timedelta(days=3))
        return engaged

    def test_a_booking_that_takes_the_rest_is_refused_at_both_doors(
        self, engaged: Engagement, as_someone: AsSomeone
    ) -> None:
        owner = stories.person(stories.owner_of(engaged.company))
        sent = {"gig": engaged.gig.public_id, "engagements": [engaged.public_id]}
        refused = as_someone(owner).post("sessions", sent | {"call_at": "2026-11-10T16:35:00Z"})
        assert (refused[0], refused[1]["code"]) == (409, "guarantee_broken")
        assert refused[1]["facts"] == {"guarantee": "stretch"}
        assert refused[1]["detail"].endswith("has 10 minutes of rest after 90 minutes on camera.")
        page = f"/company/{engaged.company.public_id}/gigs/{engaged.gig.public_id}/book/"
        typed = {"minutes": "90", "engagements": [engaged.public_id]}
        browser = logs_in(owner)
        said = browser.post(page, typed | {"call_at": "2026-11-10T11:35"})
        assert said.status_code == 422
        assert "10 minutes of rest" in said.content.decode()
        assert Session.objects.count() == 1
        assert browser.post(page, typed | {"call_at": "2026-11-10T11:40"}).status_code == 302
        day = as_someone(owner).post("sessions", sent | {"call_at": "2026-11-10T19:00:00Z"})
        assert day[1]["facts"] == {"guarantee": "day"}
        night = as_someone(owner).post("sessions", sent | {"call_at": "2026-11-11T05:00:00Z"})
        assert night[1]["facts"] == {"guarantee": "night"}

    def test_a_move_keeps_it_too(self, engaged: Engagement, as_someone: AsSomeone) -> None:
        later = stories.a_booked_session(
            engaged, call_at=CALL + timedelta(days=2), at=CALL - timedelta(days=3)
        )
        owner = as_someone(stories.person(stories.owner_of(engaged.company)))
        me, path = as_someone(engaged.performer), f"sessions/{later.public_id}/moves"
        wrong = owner.post(path, {"call_at": "2026-11-10T16:30:00Z"})[1]["id"]
        assert me.post(f"moves/{wrong}/agree")[1]["code"] == "guarantee_broken"
        me.post(f"moves/{wrong}/decline")
        right = owner.post(path, {"call_at": "2026-11-10T16:40:00Z"})[1]["id"]
        assert me.post(f"moves/{right}/agree")[1]["state"] == "agreed"
