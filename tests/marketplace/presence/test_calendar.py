"""The calendar of a week, over every change of the clock in 2026 and 2027."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.presence.calendar import monday_of, week_dates
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import PayWeek
from marketplace.timekeeping.weeks import week_of
from tests import stories

NEW_YORK = ZoneInfo("America/New_York")
# Mondays of the weeks in which New York changes its clocks, and how many hours such a week has.
CHANGES = [
    (date(2026, 3, 2), 167),
    (date(2026, 10, 26), 169),
    (date(2027, 3, 8), 167),
    (date(2027, 11, 1), 169),
]


class TestWeekDates:
    @pytest.mark.parametrize(("monday", "hours"), CHANGES)
    def test_a_week_with_a_clock_change_is_an_hour_off(self, monday: date, hours: int) -> None:
        week = week_dates(monday, zone=NEW_YORK)
        assert week.ends_at - week.starts_at == timedelta(hours=hours)

    @pytest.mark.parametrize(
        "monday", [monday + timedelta(days=7 * n) for monday, _ in CHANGES for n in (-1, 0, 1)]
    )
    def test_deadlines_are_times_of_day_in_the_payroll_zone(self, monday: date) -> None:
        week = week_dates(monday, zone=NEW_YORK)
        local = {
            name: getattr(week, name).astimezone(NEW_YORK)
            for name in ("starts_at", "ends_at", "performer_due_at", "company_due_at", "close_at")
        }
        assert (local["starts_at"].weekday(), local["starts_at"].time()) == (0, time(0))
        assert (local["ends_at"].weekday(), local["ends_at"].time()) == (0, time(0))
        assert (local["performer_due_at"].weekday(), local["performer_due_at"].time()) == (0, time(12))
        assert (local["company_due_at"].weekday(), local["company_due_at"].time()) == (2, time(23, 59))
        assert (local["close_at"].weekday(), local["close_at"].time()) == (3, time(0))
        assert week.pay_on.weekday() == 4

    @given(
        st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"]),
    )
    def test_weeks_follow_each_other_without_a_gap(self, day: date, zone: str) -> None:
        monday = day - timedelta(days=day.weekday())
        here, following = (
            week_dates(monday, zone=ZoneInfo(zone)),
            week_dates(monday + timedelta(days=7), zone=ZoneInfo(zone)),
        )
        assert here.ends_at == following.starts_at

    @given(
        st.integers(0, 730 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
    )
    def test_every_instant_is_in_the_week_of_its_monday(self, instant: datetime) -> None:
        week = week_dates(monday_of(instant, zone=NEW_YORK), zone=NEW_YORK)
        assert week.starts_at <= instant < week.ends_at

    def test_starts_on_a_monday(self) -> None:
        with pytest.raises(ValueError, match="no Monday"):
            week_dates(date(2026, 11, 10), zone=NEW_YORK)


@pytest.mark.django_db
class TestPayWeek:
    def test_is_made_once(self) -> None:
        first = timekeeping.ensure_week(starts_on=stories.MONDAY)
        assert timekeeping.ensure_week(starts_on=stories.MONDAY) == first
        assert PayWeek.objects.count() == 1

    @pytest.mark.parametrize(
        ("call_at", "monday"),
        [
            # 7 November 2027, 02:00 to 01:00 in New York: Sunday lasts until 05:00 UTC on Monday.
            (datetime(2027, 11, 8, 4, 59, 59, tzinfo=UTC), date(2027, 11, 1)),
            (datetime(2027, 11, 8, 5, 0, tzinfo=UTC), date(2027, 11, 8)),
            # 14 March 2027, 02:00 to 03:00: from then on Sunday ends at 04:00 UTC.
            (datetime(2027, 3, 15, 3, 59, 59, tzinfo=UTC), date(2027, 3, 8)),
            (datetime(2027, 3, 15, 4, 0, tzinfo=UTC), date(2027, 3, 15)),
        ],
    )
    def test_of_a_session_is_that_of_its_call(self, call_at: datetime, monday: date) -> None:
        assert week_of(call_at).starts_on == monday
        session = stories.a_pair_booked(call_at=call_at)
        lines = stories.they_play(session)
        assert {line.timesheet.week.starts_on for line in lines} == {monday}
