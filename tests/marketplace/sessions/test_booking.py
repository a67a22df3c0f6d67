"""Booking by page: several calls at once, the performers' own times beside one's own, and the days of the gig."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.urls import reverse

from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.sessions.models import Seat, Session
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def four(it_is: Callable[[datetime], None]) -> list[Engagement]:
    """Four who have signed for a gig of two seats, in two zones."""
    it_is(stories.BEFORE)
    gig = stories.a_gig(stories.a_company(), ends_on=date(2026, 12, 31))
    zones = ("America/New_York", "Europe/Berlin", "America/New_York", "Asia/Shanghai")
    names = ("Ada Reyes", "Bo Weber", "Cy Smith", "Dao Lin")
    return [
        stories.an_active_engagement(gig, stories.a_performer(name, zone=zone))
        for name, zone in zip(names, zones, strict=True)
    ]


def owner(four: list[Engagement]) -> Any:
    return logs_in(stories.person(stories.owner_of(four[0].company)))


def path(four: list[Engagement], name: str = "session_book") -> str:
    return reverse(name, args=[four[0].company.public_id, four[0].gig.public_id])


def row(*engaged: Engagement, call_at: str = "2026-11-10T10:00", prefix: str = "") -> dict[str, Any]:
    lead = f"{prefix}-" if prefix else ""
    chosen = [one.public_id for one in engaged]
    return {f"{lead}call_at": call_at, f"{lead}minutes": "90", f"{lead}engagements": chosen}


class TestSeveral:
    def test_pairs_are_booked_at_once(self, four: list[Engagement]) -> None:
        sent = row(*four[:2]) | row(*four[2:], prefix="more1", call_at="2026-11-11T12:00") | {"rows": "2"}
        answer = owner(four).post(path(four), sent, follow=True)
        assert "2 sessions are booked" in answer.content.decode()
        assert Session.objects.count() == 2
        assert Seat.objects.count() == 4

    def test_a_row_more_keeps_what_was_typed(self, four: list[Engagement]) -> None:
        page = owner(four).post(path(four), row(*four[:2]) | {"more": "1"}).content.decode()
        assert 'name="rows" value="2"' in page
        assert 'value="2026-11-10T10:00"' in page
        assert f'value="{four[1].public_id}" id="id_engagements_1" aria' not in page
        assert len(re.findall(r'name="engagements" value="[^"]+"[^>]* checked', page)) == 2
        assert 'name="more1-call_at"' in page
        assert "needs another look" not in page
        assert not Session.objects.exists()

    def test_none_is_booked_when_one_cannot_be(self, four: list[Engagement]) -> None:
        both = row(*four[:2]) | row(four[1], four[2], prefix="more1") | {"rows": "2"}
        refused = owner(four).post(path(four), both)
        assert refused.status_code == 422
        said = refused.content.decode()
        assert said.index("Session 2") < said.index("has another booking at that time")
        assert not Session.objects.exists()
        mended = both | row(four[2], four[3], prefix="more1")
        assert owner(four).post(path(four), mended).status_code == 302
        assert Session.objects.count() == 2

    def test_an_empty_row_is_passed_over(self, four: list[Engagement]) -> None:
        sent = row(*four[:2]) | {"rows": "3", "more1-minutes": "90", "more2-minutes": "90"}
        assert owner(four).post(path(four), sent).status_code == 302
        assert Session.objects.count() == 1


class TestBothZones:
    def test_the_performers_times_are_told_while_one_types(self, four: list[Engagement]) -> None:
        times = owner(four).get(path(four, "session_book_times"), row(*four[:2])).content.decode()
        assert re.findall(r"<li>.*?</li>", times) == [
            '<li><span class="strong">Ada Reyes</span> Tue 10 Nov, 10:00 EST</li>',
            '<li><span class="strong">Bo Weber</span> Tue 10 Nov, 16:00 CET</li>',
        ]
        everyone = owner(four).get(path(four, "session_book_times"), row()).content.decode()
        assert "Tue 10 Nov, 23:00 Asia/Shanghai" in everyone
        assert owner(four).get(path(four, "session_book_times")).content.decode().strip() == ""

    def test_the_session_says_them_to_the_company(self, four: list[Engagement]) -> None:
        page = owner(four).post(path(four), row(*four[:2]), follow=True).content.decode()
        assert "Tue 10 Nov, 16:00 CET" in page

    def test_the_rate_is_the_one_that_was_signed(self, four: list[Engagement]) -> None:
        owner_ = stories.owner_of(four[0].company)
        gigs.change_gig(gig=four[0].gig, fields={"rate_minor": 9900}, by=owner_, at=stories.BEFORE)
        page = owner(four).get(path(four)).content.decode()
        assert "Ada Reyes · 74.00 USD an hour · America/New York" in page
        mine = logs_in(four[0].performer.user).get("/work/").content.decode()
        assert "74.00 USD" in mine
        assert "99.00" not in mine


class TestTheDaysOfTheGig:
    @pytest.mark.parametrize("call_at", ["2027-01-01T09:00", "2026-12-31T23:59"])
    def test_a_call_keeps_to_them_by_the_clock_of_the_gig(self, four: list[Engagement], call_at: str) -> None:
        answer = owner(four).post(path(four), row(*four[:2], call_at=call_at))
        assert answer.status_code == (302 if call_at.startswith("2026") else 422)
        said = "This gig runs from Mon 2 Nov to Thu 31 Dec, by the clock of America/New_York."
        assert (said in answer.content.decode()) == (answer.status_code == 422)
        sent = {"gig": four[0].gig.public_id, "engagements": [four[2].public_id]}
        by_api = Api(client=owner(four)).post("sessions", sent | {"call_at": f"{call_at}:00-05:00"})
        assert by_api.status_code == (201 if call_at.startswith("2026") else 422)

    def test_a_gig_that_is_over_takes_no_application_and_leaves_the_board(
        self, four: list[Engagement], it_is: Callable[[datetime], None]
    ) -> None:
        gig, newcomer = four[0].gig, stories.a_performer()
        client = logs_in(newcomer.user)
        assert gig.title in client.get("/").content.decode()
        it_is(datetime.fromisoformat("2027-01-02T12:00:00Z"))
        client = logs_in(newcomer.user)
        assert gig.title not in client.get("/").content.decode()
        assert [one["id"] for one in body_of(Api(client=client).get("gigs"))["data"]] == []
        assert "takes no applications now" in client.get(f"/gigs/{gig.public_id}/").content.decode()
        answer = client.post(f"/gigs/{gig.public_id}/apply/", {"note": "Me!"})
        assert "This gig takes no applications now" in answer.content.decode()
        refused = Api(client=client).post(f"gigs/{gig.public_id}/applications", {"note": "Me!"})
        assert refused.status_code == 409
