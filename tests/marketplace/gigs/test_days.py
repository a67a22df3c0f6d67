"""A gig's days are not past where it plays, when it is posted, changed or published; and it is not called off without a word."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.companies.queries import companies_of
from marketplace.gigs import operations
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, logs_in
from tests.marketplace.gigs.test_api import body
from tests.marketplace.gigs.test_pages import typed

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
# 1 December has begun in Tokyo and not in New York.
NIGHT = datetime(2026, 11, 30, 20, tzinfo=UTC)
DOORS = pytest.mark.parametrize("door", ["page", "api"])


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(NIGHT)


@pytest.fixture
def owner() -> Actor:
    return stories.owner_of(stories.a_company())


class Door:
    """What an owner does about gigs, by page or API, after a real log-in. Each returns the words of the answer."""

    def __init__(self, owner: Actor, door: str) -> None:
        self.by_page, self.browser, self.company = (
            door == "page",
            logs_in(stories.person(owner)),
            companies_of(owner)[0],
        )
        self.api = Api(client=self.browser)

    def posts(self, **days: str) -> str:
        if self.by_page:
            return self.said(
                self.browser.post(reverse("gig_post", args=[self.company.public_id]), typed(**days))
            )
        return self.said(self.api.post("gigs", body(self.company, **days)))

    def changes(self, gig: Gig, **days: str) -> str:
        if self.by_page:
            now = {name: str(getattr(gig, name)) for name in ("starts_on", "ends_on", "time_zone")}
            path = reverse("gig_change", args=[self.company.public_id, gig.public_id])
            return self.said(self.browser.post(path, typed(**now | days)))
        return self.said(self.api.patch(f"gigs/{gig.public_id}", days))

    def steps(self, gig: Gig, step: str, **sent: str) -> str:
        if self.by_page:
            path = reverse("gig_step", args=[self.company.public_id, gig.public_id, step])
            return self.said(self.browser.post(path, sent))
        return self.said(self.api.post(f"gigs/{gig.public_id}/{step}", sent))

    def said(self, answer: Any) -> str:
        return f"{answer.status_code} {answer.content.decode()}"


def done(said: str) -> bool:
    return said.startswith(("200", "201", "302"))


@DOORS
class TestPosting:
    @pytest.mark.parametrize(
        "days",
        [
            {"starts_on": "2020-01-01", "ends_on": "2020-12-31"},
            {"starts_on": "2020-01-01"},
            {"starts_on": "2026-11-29"},
            {"starts_on": "2026-11-30", "time_zone": "Asia/Tokyo"},
            {"starts_on": "2001-01-01"},
        ],
    )
    def test_refuses_days_that_are_past_where_it_plays(
        self, owner: Actor, door: str, days: dict[str, str]
    ) -> None:
        said = Door(owner, door).posts(**days)
        assert said.startswith("422")
        assert "That day is past; today is " in said
        assert not Gig.objects.exists()

    @pytest.mark.parametrize(
        "days",
        [
            {"starts_on": "2026-11-30"},
            {"starts_on": "2026-11-30", "ends_on": "2026-11-30"},
            {"starts_on": "2026-12-01", "time_zone": "Asia/Tokyo"},
        ],
    )
    def test_takes_a_day_that_is_today_where_it_plays(
        self, owner: Actor, door: str, days: dict[str, str]
    ) -> None:
        said = Door(owner, door).posts(**days)
        assert done(said), said
        assert str(Gig.objects.get().starts_on) == days["starts_on"]


@DOORS
class TestChanging:
    def test_moves_no_day_into_the_past_and_leaves_what_has_begun(self, owner: Actor, door: str) -> None:
        gig, company = stories.a_gig(companies_of(owner)[0]), Door(owner, door)
        assert company.changes(gig, ends_on="2026-11-29").startswith("422")
        assert company.changes(gig, starts_on="2026-11-10").startswith("422")
        assert done(company.changes(gig, ends_on="2026-12-24"))
        gig.refresh_from_db()
        assert (gig.starts_on, gig.ends_on) == (date(2026, 11, 2), date(2026, 12, 24))


@DOORS
class TestPublishing:
    def a_paused_gig_that_ended(self, owner: Actor, it_is: ItIs) -> Gig:
        gig = stories.a_gig(companies_of(owner)[0], ends_on=date(2026, 11, 29))
        return operations.pause(gig=gig, by=owner, at=stories.BEFORE)

    def test_refuses_a_gig_that_is_over(self, owner: Actor, door: str, it_is: ItIs) -> None:
        gig, company = self.a_paused_gig_that_ended(owner, it_is), Door(owner, door)
        said = company.steps(gig, "publish")
        assert said.startswith("409")
        assert "Its last day was Sun 29 Nov 2026." in said
        gig.refresh_from_db()
        assert gig.state == "paused"
        assert done(company.changes(gig, ends_on="2026-12-24"))
        assert done(company.steps(gig, "publish"))
        gig.refresh_from_db()
        assert gig.state == "published"

    def test_takes_a_gig_on_its_last_day_and_one_that_has_begun(
        self, owner: Actor, door: str, it_is: ItIs
    ) -> None:
        gig, company = self.a_paused_gig_that_ended(owner, it_is), Door(owner, door)
        last_minute = datetime(2026, 11, 30, 4, 59, tzinfo=UTC)
        it_is(last_minute + timedelta(minutes=1))
        assert company.steps(gig, "publish").startswith("409")
        it_is(last_minute)
        assert done(company.steps(gig, "publish"))


@DOORS
class TestCallingOff:
    @pytest.mark.parametrize("sent", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": "x" * 501}])
    def test_takes_a_reason(self, owner: Actor, door: str, sent: dict[str, str]) -> None:
        gig, company = stories.a_gig(companies_of(owner)[0]), Door(owner, door)
        assert company.steps(gig, "cancel", **sent).startswith("422")
        gig.refresh_from_db()
        assert gig.state == "published"
        assert done(company.steps(gig, "cancel", reason="The studio burned down."))
        gig.refresh_from_db()
        assert gig.state == "cancelled"


def test_a_day_in_the_past_is_named(owner: Actor) -> None:
    api = Api(client=Door(owner, "api").browser)
    refused = api.post("gigs", body(companies_of(owner)[0], starts_on="2020-01-01"))
    assert code_of(refused) == "invalid"
    assert refused.json()["errors"] == [  # type: ignore[attr-defined] # the test client's
        {"field": "starts_on", "code": "in_the_past", "detail": "That day is past; today is Mon 30 Nov 2026."}
    ]
    assert body_of(api.post("gigs", body(companies_of(owner)[0])))["state"] == "draft"
