from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.figures import drawing, states, times
from callboard.templatetags import figures
from kit import instants
from kit.money import Money
from marketplace.casting.states import ApplicationState
from marketplace.engagements.states import EngagementState
from marketplace.gigs.states import GigState
from marketplace.presence.lines import Code
from marketplace.sessions.states import SessionState

AT = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _that_year(it_is: Callable[[datetime], None]) -> None:
    """A year that is this one is not said."""
    it_is(datetime(2026, 11, 20, 12, tzinfo=UTC))


class TestMoney:
    def test_reads_the_same_of_minor_units_and_of_money(self) -> None:
        assert figures.money(123_450) == figures.money(Money(123_450, "usd")) == "1,234.50 USD"
        assert figures.amount(-4_100) == "-41.00"
        assert figures.money(500, "jpy") == "500 JPY"
        assert figures.money(None) == ""


class TestTimes:
    @pytest.mark.parametrize(
        ("seconds", "said"),
        [
            (0, "0 s"),
            (20, "20 s"),
            (90, "1 min 30 s"),
            (3_600, "1 h"),
            (5_400, "1 h 30 min"),
            (3_605, "1 h 05 s"),
        ],
    )
    def test_durations_in_words(self, seconds: int, said: str) -> None:
        assert times.words(seconds) == said

    def test_clock_and_hours(self) -> None:
        assert times.clock(5_400) == "1:30:00"
        assert times.hours(1_485_000) == "412.50"

    def test_an_instant_is_looked_at_from_where_one_is(self) -> None:
        assert instants.day(AT, "America/New_York") == "Fri 27 Nov"
        assert instants.day(AT, "Asia/Tokyo") == "Sat 28 Nov"
        assert instants.day(date(2026, 11, 27), "Asia/Tokyo") == "Fri 27 Nov"

    @pytest.mark.parametrize(
        ("zone", "label"),
        [
            ("America/New_York", "EST"),
            ("Asia/Kathmandu", "GMT+5:45"),
            ("America/Sao_Paulo", "GMT-3"),
            (None, "UTC"),
        ],
    )
    def test_a_zone_is_named(self, zone: str | None, label: str) -> None:
        assert instants.zone_label(AT, zone) == label

    def test_news_is_as_old_as_it_feels(self) -> None:
        assert times.ago(AT - timedelta(minutes=5), AT) == "5 min ago"
        assert times.ago(AT + timedelta(hours=2), AT) == "in 2 h"
        assert times.ago(AT - timedelta(days=3), AT) == "3 days ago"


class TestStates:
    def test_every_state_that_asks_for_something_has_a_tone(self) -> None:
        known = {state for words in states.TONES.values() for state in words.split()}
        neutral = {"draft", "paused", "open"}
        for table in (ApplicationState, EngagementState, GigState, SessionState):
            assert set(table.values) - known <= neutral


class TestDrawing:
    def test_every_code_of_a_time_line_has_words(self) -> None:
        assert {code.value for code in Code} == set(drawing.CODES)

    def test_stands_in_its_window(self) -> None:
        drawn = drawing.timeline(
            [{"start": 0, "end": 1_800, "code": "present", "paid": True, "grade": "A"}],
            start=0,
            end=3_600,
            where="UTC",
        )
        assert (drawn.pieces[0].x, drawn.pieces[0].width) == (0, 500)
        assert [tick.label for tick in drawn.ticks][:2] == ["00:00", "00:10"]
        assert drawn.said == "00:00 to 01:00 UTC, 30 min counted"

    @given(st.integers(0, 86_400), st.integers(300, 40_000), st.integers(0, 1_800))
    def test_on_a_phone_no_label_of_the_axis_reaches_into_the_next(
        self, start: int, length: int, early: int
    ) -> None:
        """A label is at most 9 in 100 of the line there: 31 px of 350."""
        came = {"start": start - early, "end": start + length, "code": "present"}
        drawn = drawing.timeline([came], start=start, end=start + length, where="America/New_York")
        before = {"start": 0, "middle": 45, "end": 90}
        edges = [(tick.x - before[tick.anchor], tick.x - before[tick.anchor] + 90) for tick in drawn.ticks]
        assert all(left[1] <= right[0] for left, right in pairwise(edges))

    @given(st.lists(st.integers(-5, 10**9), max_size=6))
    def test_a_bar_never_leaves_its_track(self, minors: list[int]) -> None:
        placed = drawing.shares([{"minor": minor} for minor in minors])
        assert all(part["x"] >= 0 and part["x"] + part["width"] <= drawing.WIDTH + 4 for part in placed)
        assert all((part["width"] > 0) == (part["minor"] > 0) for part in placed)
