"""When a call may be: an instant that is told apart from all others, ahead, and not beyond what anyone plans."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.access.actors import Actor
from kit.errors import Invalid
from marketplace.engagements.models import Engagement
from marketplace.sessions.booking import FURTHEST_AHEAD, book_session
from marketplace.sessions.models import Session
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(NOW)


@pytest.fixture
def engaged() -> Engagement:
    return stories.an_active_engagement(stories.a_gig(stories.a_company()))


@pytest.fixture
def owner(engaged: Engagement) -> Actor:
    return stories.owner_of(engaged.company)


def books(owner: Actor, engaged: Engagement, call_at: str) -> Any:
    sent = {"gig": engaged.gig.public_id, "call_at": call_at, "engagements": [engaged.public_id]}
    return Api(client=logs_in(stories.person(owner))).post("sessions", sent)


class TestOnTheApi:
    @pytest.mark.parametrize(
        ("call_at", "code"),
        [
            ("9999-12-31T23:59:59Z", "out_of_range"),
            ("9999-12-31T23:59:59-12:00", "out_of_range"),
            ("2400-01-01T15:00:00Z", "out_of_range"),
            ("2027-11-10T09:00:01Z", "out_of_range"),
            ("0001-01-01T00:00:00Z", "out_of_range"),
            ("1999-12-31T23:59:59Z", "out_of_range"),
            ("2001-01-01T00:00:00Z", "in_the_past"),
            ("0001-01-01T00:00:00+14:00", "out_of_range"),
            ("2026-11-26T18:22:00", "naive"),
            ("2026-11-26", "naive"),
            ("2026-11-26T25:00:00Z", "invalid"),
            ("tomorrow", "invalid"),
        ],
    )
    def test_refuses_what_is_no_time_for_a_call(
        self, owner: Actor, engaged: Engagement, call_at: str, code: str
    ) -> None:
        refused = books(owner, engaged, call_at)
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert (error["field"], error["code"]) == ("call_at", code)
        assert not Session.objects.exists()

    def test_says_that_the_offset_is_missing(self, owner: Actor, engaged: Engagement) -> None:
        (error,) = books(owner, engaged, "2026-11-26T18:22:00").json()["errors"]
        assert error["detail"].startswith("Write the offset too, as in 2026-11-26T18:22:00-05:00")

    @pytest.mark.parametrize(
        ("call_at", "is_at"),
        [
            ("2026-11-26T18:22:00-05:00", "2026-11-26T23:22:00Z"),
            ("2026-11-26T23:22:00Z", "2026-11-26T23:22:00Z"),
            ("2027-11-10T08:59:59Z", "2027-11-10T08:59:59Z"),
        ],
    )
    def test_takes_an_instant(self, owner: Actor, engaged: Engagement, call_at: str, is_at: str) -> None:
        assert body_of(books(owner, engaged, call_at))["call_at"] == is_at

    def test_asks_for_the_offset_where_sessions_are_looked_for(
        self, owner: Actor, engaged: Engagement
    ) -> None:
        body_of(books(owner, engaged, "2026-11-26T23:22:00Z"))
        api = Api(client=logs_in(stories.person(owner)))
        for name in ("since", "until"):
            assert api.get("sessions", **{name: "2026-11-26T18:22:00"}).status_code == 422
        found = body_of(api.get("sessions", since="2026-11-26T18:22:00-05:00", until="2026-11-26T23:22:01Z"))
        assert len(found["data"]) == 1


class TestOnThePage:
    def book(self, owner: Actor, engaged: Engagement, call_at: str, **also: str) -> Any:
        path = reverse("session_book", args=[engaged.company.public_id, engaged.gig.public_id])
        sent = {"call_at": call_at, "minutes": "90", "engagements": [engaged.public_id]} | also
        return logs_in(stories.person(owner)).post(path, sent)

    @pytest.mark.parametrize(
        ("call_at", "said"),
        [
            ("9999-12-31T23:59", "from 1 Jan 2000 to 31 Dec 2199"),
            ("0001-01-01T00:00", "from 1 Jan 2000 to 31 Dec 2199"),
            ("2199-12-31T15:00", "at most 365 days ahead"),
            ("2001-01-01T00:00", "must lie ahead"),
            ("2026-11-26 18:22", "Write a day and a time."),
            ("11/26/2026 18:22", "Write a day and a time."),
            ("2026-11-26T18:22Z", "Write a day and a time."),
            ("", "required"),
            ("2027-03-14T02:30", "leaves out 02:30. Choose 01:30 EST or 03:30 EDT."),
        ],
    )
    def test_refuses_what_is_no_time_for_a_call(
        self, owner: Actor, engaged: Engagement, call_at: str, said: str
    ) -> None:
        refused = self.book(owner, engaged, call_at)
        assert refused.status_code == 422
        assert said in refused.content.decode()
        assert not Session.objects.exists()

    @pytest.mark.parametrize(("nth", "is_at"), [(0, "05:30"), (1, "06:30")])
    def test_offers_both_where_an_hour_comes_twice(
        self, owner: Actor, engaged: Engagement, nth: int, is_at: str
    ) -> None:
        asked = self.book(owner, engaged, "2027-11-07T01:30")
        said = asked.content.decode()
        assert asked.status_code == 422
        assert "01:30 comes twice. Choose which one you mean." in said
        offered = re.findall(r'name="call_at-reading" value="([^"]+)"><span>([^<]+)</span>', said)
        assert [label for _, label in offered] == ["The first 01:30 EDT", "The second 01:30 EST"]
        assert not Session.objects.exists()
        chosen = offered[nth][0]
        assert self.book(owner, engaged, "2027-11-07T01:30", **{"call_at-reading": chosen}).status_code == 302
        assert Session.objects.get().call_at.isoformat() == f"2027-11-07T{is_at}:00+00:00"

    def test_forgets_the_choice_with_the_time_that_it_was_for(
        self, owner: Actor, engaged: Engagement
    ) -> None:
        chosen = {"call_at-reading": "2027-11-07T05:30:00Z"}
        asked = self.book(owner, engaged, "2027-11-07T01:45", **chosen)
        assert "01:45 comes twice" in asked.content.decode()
        assert self.book(owner, engaged, "2027-11-07T03:30", **chosen).status_code == 302
        assert Session.objects.get().call_at.isoformat() == "2027-11-07T08:30:00+00:00"

    def test_keeps_the_choice_when_something_else_is_refused(self, owner: Actor, engaged: Engagement) -> None:
        chosen = {"call_at-reading": "2027-11-07T06:30:00Z"}
        again = self.book(owner, engaged, "2027-11-07T01:30", minutes="1", **chosen)
        assert again.status_code == 422
        assert 'value="2027-11-07T06:30:00Z" checked' in again.content.decode()

    def test_takes_the_time_in_the_readers_zone(self, owner: Actor, engaged: Engagement) -> None:
        assert self.book(owner, engaged, "2026-11-26T18:22").status_code == 302
        assert Session.objects.get().call_at.isoformat() == "2026-11-26T23:22:00+00:00"


def test_a_call_lies_a_year_ahead_at_most_to_the_second(owner: Actor, engaged: Engagement) -> None:
    last = stories.BEFORE + FURTHEST_AHEAD
    booking: dict[str, Any] = {
        "gig": engaged.gig,
        "engagements": [engaged],
        "by": owner,
        "at": stories.BEFORE,
    }
    with pytest.raises(Invalid):
        book_session(call_at=last + timedelta(seconds=1), **booking)
    assert book_session(call_at=last, **booking).call_at == last


@pytest.mark.parametrize("monday", ["0001-01-01", "9999-12-27", "1999-12-27", "2200-01-06"])
def test_a_week_in_which_nobody_worked_is_none(owner: Actor, engaged: Engagement, monday: str) -> None:
    company, performer = engaged.company.public_id, engaged.performer.user
    own, theirs = logs_in(stories.person(owner)), logs_in(performer)
    for client, path in ((own, f"/company/{company}/week/"), (theirs, "/week/")):
        assert client.get(f"{path}{monday}/").status_code == 404
        assert client.get(f"{path}2026-11-09/").status_code == 200
    assert own.post(f"/company/{company}/week/{monday}/approve/").status_code == 404
    assert theirs.post(f"/week/{monday}/confirm/").status_code == 404
    assert Api(client=own).get(f"companies/{company}/weeks/{monday}").status_code == 404
