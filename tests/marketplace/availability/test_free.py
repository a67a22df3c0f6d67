"""When somebody is free: whenever their clock shows a time of their hours, but for what they said of certain times."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ranges import Span
from marketplace.availability.calculate import Hours, free_spans
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.stories import CALL

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
AT = CALL - timedelta(days=5)
AsSomeone = Callable[[Any], Caller]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def free(hours: list[Hours], zone: ZoneInfo, since: str, until: str) -> list[tuple[str, str]]:
    found = free_spans(hours, zone=zone, free=[], away=[], within=Span.between(at(since), at(until)))
    return [(f"{span.started_at:%d %H:%M}", f"{span.ended_at:%d %H:%M}") for span in found]


class TestHours:
    def test_are_by_the_clock_of_their_own_zone(self) -> None:
        tuesday = [Hours(1, 600, 840)]
        assert free(tuesday, NEW_YORK, "2026-11-09", "2026-11-16") == [("10 15:00", "10 19:00")]
        assert free(tuesday, BERLIN, "2026-11-09", "2026-11-16") == [("10 09:00", "10 13:00")]

    def test_the_hour_that_comes_twice_is_free_twice(self) -> None:
        sunday = [Hours(6, 60, 90)]
        assert free(sunday, NEW_YORK, "2026-11-01", "2026-11-02") == [
            ("01 05:00", "01 05:30"),
            ("01 06:00", "01 06:30"),
        ]

    def test_the_hour_that_is_left_out_is_never_free(self) -> None:
        assert free([Hours(6, 120, 180)], NEW_YORK, "2027-03-14", "2027-03-15") == []
        assert free([Hours(6, 90, 210)], NEW_YORK, "2027-03-14", "2027-03-15") == [("14 06:30", "14 07:30")]

    def test_a_whole_day_ends_at_midnight_and_meets_the_next(self) -> None:
        weekend = [Hours(5, 0, 1440), Hours(6, 0, 60)]
        assert free(weekend, BERLIN, "2026-11-13", "2026-11-16") == [("13 23:00", "15 00:00")]

    @settings(max_examples=60, deadline=None)
    @given(
        zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Chatham"]),
        day=st.integers(0, 400),
        minute=st.integers(0, 2 * 1440),
        range_=st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1]),
    )
    def test_hold_exactly_the_minutes_that_the_clock_shows(
        self, zone: str, day: int, minute: int, range_: tuple[int, int]
    ) -> None:
        since = at("2026-10-01") + timedelta(days=day)
        where, asked = ZoneInfo(zone), since + timedelta(minutes=minute)
        hours = [Hours(weekday, *range_) for weekday in range(5)]
        within = Span.between(since, since + timedelta(days=2))
        found = free_spans(hours, zone=where, free=[], away=[], within=within)
        local = asked.astimezone(where)
        shown = local.weekday() < 5 and range_[0] <= local.hour * 60 + local.minute < range_[1]
        second = Span.between(asked, asked + timedelta(seconds=1))
        assert any(span.overlaps(second) for span in found) == (shown and second.start < within.end)


@pytest.mark.django_db
class TestDoors:
    @pytest.fixture(autouse=True)
    def _five_days_ahead(self, it_is: Callable[[datetime], None]) -> None:
        it_is(AT)

    @pytest.fixture
    def gig(self) -> Gig:
        return stories.a_gig(stories.a_company("Northlight"), openings=5)

    @pytest.fixture
    def cast(self, gig: Gig) -> list[Engagement]:
        names = ("Ada", "Bo", "Cy", "Dee")
        return [stories.an_active_engagement(gig, stories.a_performer(name)) for name in names]

    def test_a_company_sees_how_each_stands_to_a_call_and_not_why(
        self, gig: Gig, cast: list[Engagement], as_someone: AsSomeone
    ) -> None:
        ada, bo, cy, dee = (as_someone(each.performer) for each in cast)
        for each in (ada, bo, cy):
            hours = {"hours": [{"weekday": 1, "from_min": 600, "to_min": 720}]}
            assert each.api.send("PUT", "me/availability", hours).status_code == 200
        away = {"starts_at": "2026-11-10T14:00:00Z", "ends_at": "2026-11-10T15:01:00Z", "is_free": False}
        said = bo.post("me/availability/times", away)[1]
        elsewhere = stories.an_active_engagement(stories.a_gig(stories.a_company("Other")), cast[2].performer)
        stories.a_booked_session(elsewhere, call_at=CALL + timedelta(minutes=89), at=AT)
        us = as_someone(stories.person(stories.owner_of(gig.company)))
        found = us.get(f"gigs/{gig.public_id}/free", call_at="2026-11-10T15:00:00Z")[1]["data"]
        assert [(row["performer_name"], row["free"]) for row in found] == [
            ("Ada", "free"),
            ("Bo", "away"),
            ("Cy", "booked"),
            ("Dee", "says_nothing"),
        ]
        assert "Other" not in str(found)
        # A call that is a minute longer than what they said is no call for which they are free.
        longer = us.get(f"gigs/{gig.public_id}/free", call_at="2026-11-10T15:00:00Z", length_s="7260")[1]
        assert {row["free"] for row in longer["data"]} == {"away", "booked", "says_nothing"}
        assert bo.api.send("DELETE", f"me/availability/times/{said['id']}").status_code == 204
        again = us.get(f"gigs/{gig.public_id}/free", call_at="2026-11-10T15:00:00Z")[1]["data"]
        assert [row["free"] for row in again if row["performer_name"] == "Bo"] == ["free"]
        assert dee.get("me/availability")[1] == {"time_zone": "America/New_York", "hours": [], "special": []}

    def test_is_said_and_seen_on_pages_with_both_clocks(self, gig: Gig) -> None:
        engaged = stories.an_active_engagement(gig, stories.a_performer("Ada", zone="Europe/Berlin"))
        me = logs_in(engaged.performer.user)
        assert me.post("/availability/", {"day1": "16:00-18:00, 9:00-10:00"}).status_code == 302
        assert 'value="09:00-10:00, 16:00-18:00"' in me.get("/availability/").content.decode()
        assert me.post("/availability/", {"day1": "18:00-16:00"}).status_code == 422
        assert me.post("/availability/", {"day1": "all day"}).status_code == 422
        assert me.post("/availability/", {"day1": "9:00-10:00, 9:30-11:00"}).status_code == 422
        assert 'value="09:00-10:00, 16:00-18:00"' in me.get("/availability/").content.decode()
        us = logs_in(stories.person(stories.owner_of(gig.company)))
        page = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/free/"
        shown = us.get(page, {"call_at": "2026-11-10T10:00", "minutes": "90"}).content.decode()
        assert "16:00 CET" in shown
        assert "10:00–12:00" in shown
        assert us.get(page, {"call_at": "soon", "minutes": "90"}).status_code == 422

    def test_an_hour_that_comes_twice_is_one_of_two_to_choose(
        self, it_is: Callable[[datetime], None], gig: Gig
    ) -> None:
        it_is(at("2027-11-01T12:00:00"))
        me = logs_in(stories.a_performer("Ada").user)
        sent = {"starts_at": "2027-11-07T01:30", "ends_at": "2027-11-07T03:00", "is_free": "away"}
        asked = me.post("/availability/times/", sent)
        assert asked.status_code == 422
        assert "The clock goes back that night, and 01:30 comes twice" in asked.content.decode()
        chosen = me.post(
            "/availability/times/", sent | {"starts_at-reading": "2027-11-07T06:30:00Z"}, follow=True
        )
        assert "Away" in chosen.content.decode()
        assert me.get("/availability/").status_code == 200

    def test_a_stranger_sees_nothing_of_it(
        self, gig: Gig, cast: list[Engagement], as_someone: AsSomeone
    ) -> None:
        said = as_someone(cast[0].performer).post(
            "me/availability/times",
            {"starts_at": "2026-11-10T14:00:00Z", "ends_at": "2026-11-10T16:00:00Z", "is_free": True},
        )[1]["id"]
        other = as_someone(stories.person(stories.owner_of(stories.a_company("B"))))
        assert other.get(f"gigs/{gig.public_id}/free", call_at="2026-11-10T15:00:00Z")[0] == 404
        stranger = as_someone(cast[1].performer)
        assert stranger.api.send("DELETE", f"me/availability/times/{said}").status_code == 404

    @pytest.mark.parametrize(
        "hours",
        [
            [{"weekday": 1, "from_min": 600, "to_min": 600}],
            [{"weekday": 7, "from_min": 600, "to_min": 700}],
            [{"weekday": 1, "from_min": 0, "to_min": 700}, {"weekday": 1, "from_min": 699, "to_min": 800}],
            [{"weekday": 1, "from_min": n * 10, "to_min": n * 10 + 5} for n in range(7)],
        ],
    )
    def test_what_no_hours_can_be_is_refused(self, as_someone: AsSomeone, hours: Any) -> None:
        me = as_someone(stories.a_performer())
        assert me.api.send("PUT", "me/availability", {"hours": hours}).status_code == 422
        assert (
            me.api.send("PUT", "me/availability", {"hours": hours[:1] if len(hours) > 1 else []}).status_code
            == 200
        )
