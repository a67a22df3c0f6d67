"""What waits for a signature stands before whoever signs it: first terms and later versions, at both sides, until they have."""

from typing import Any

import pytest
from django.test import Client

from accounts.performers import operations as performers
from kit.money import Money
from marketplace.engagements import operations
from marketplace.engagements.models import Engagement
from tests import stories
from tests.accounts.browsing import browser
from tests.stories import BEFORE as AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(it_is: Any) -> None:
    it_is(AT)


class Lists:
    def __init__(self, engagement: Engagement) -> None:
        self.engagement, company = engagement, engagement.company
        self.me: Client = browser(engagement.performer.user)
        self.us: Client = browser(stories.person(stories.owner_of(company)))
        self.ours = f"/company/{company.public_id}/waiting/"

    def whose(self) -> str:
        """Before whom it stands: "performer", "company" or nobody."""
        found = [
            side
            for side, client, path in (
                ("performer", self.me, "/work/"),
                ("performer", self.me, "/work/waiting/"),
                ("company", self.us, self.ours),
            )
            if self._asks(client, path)
        ]
        assert found in (["performer", "performer"], ["company"], [])
        return found[0] if found else ""

    def _asks(self, client: Client, path: str) -> bool:
        page = client.get(path)
        assert page.status_code == 200, path
        text = page.content.decode()
        return any(words in text for words in ("To be signed by you", "Read the terms", "Countersign"))


def an_offer() -> Engagement:
    return stories.accepts(stories.a_performer("Ada Quill"), stories.a_gig(stories.a_company("Northlight")))


def is_raised(engagement: Engagement) -> None:
    us = stories.owner_of(engagement.company)
    operations.amend(engagement=engagement, rate=Money(8_000, "usd"), by=us, at=AT)


def test_first_terms_and_then_an_amendment() -> None:
    engagement = an_offer()
    lists = Lists(engagement)
    assert lists.whose() == "performer"
    stories.signs_as_performer(engagement)
    assert lists.whose() == "company"
    stories.countersigns(engagement)
    assert lists.whose() == ""
    is_raised(engagement)
    assert lists.whose() == "performer"
    assert "the terms of before hold" in lists.me.get("/work/waiting/").content.decode()
    stories.signs_as_performer(engagement)
    assert lists.whose() == "company"
    assert "the terms of before hold" in lists.us.get(lists.ours).content.decode()
    stories.countersigns(engagement)
    assert lists.whose() == ""


def test_terms_that_a_move_draws_anew_stand_before_the_performer_again() -> None:
    engagement = an_offer()
    lists, performer = Lists(engagement), engagement.performer
    stories.signs_as_performer(engagement)
    performers.say_where(performer=performer, country="US", region="IL", by=stories.acting(performer), at=AT)
    assert lists.whose() == "performer"
    assert "you cannot be booked" in lists.me.get("/work/waiting/").content.decode()
    stories.signs_as_performer(engagement)
    assert lists.whose() == "company"


def test_what_has_ended_waits_for_nobody() -> None:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    is_raised(engagement)
    lists = Lists(engagement)
    assert lists.whose() == "performer"
    operations.terminate(
        engagement=engagement, reason="Done.", by=stories.owner_of(engagement.company), at=AT
    )
    assert lists.whose() == ""
