"""The two pages of a week: the one that is asked for, with the weeks around it, and the company's answer in words."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import browser
from tests.stories import CALL, REVIEW_DAY

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]


@pytest.fixture
def two_weeks(it_is: ItIs) -> Session:
    """A pair played in the week of 9 November, and the same pair a minute in the week after."""
    first = stories.a_pair_booked()
    stories.they_play(first)
    pair = [seat.engagement for seat in first.seats.select_related("engagement__gig__company").order_by("id")]
    second = stories.a_booked_session(*pair, call_at=CALL + timedelta(days=7), length_s=900)
    stories.they_play(second)
    it_is(REVIEW_DAY + timedelta(days=7))
    return first


def test_a_performers_week_is_the_one_that_is_asked_for(two_weeks: Session) -> None:
    performer = two_weeks.seats.select_related("performer__user").order_by("id")[0].performer
    me = browser(performer.user)
    pages = {day: me.get(f"/week/{day}/").content.decode() for day in ("2026-11-09", "2026-11-16")}
    assert "111.00" in pages["2026-11-09"]
    assert "111.00" not in pages["2026-11-16"]
    assert "Mon 9 Nov to Sun 15 Nov" in pages["2026-11-09"]
    assert "/week/2026-11-02/" in pages["2026-11-09"]
    assert "/week/2026-11-16/" in pages["2026-11-09"]
    assert "Week after" in pages["2026-11-16"]
    assert "Week after" not in me.get("/week/2026-11-23/").content.decode()
    assert me.get("/week/2026-11-10/").status_code == 404


def test_a_companys_answer_says_how_many_lines(two_weeks: Session) -> None:
    stories.everyone_confirms()
    company = two_weeks.company
    us = browser(stories.person(stories.owner_of(company)))
    here = f"/company/{company.public_id}/week/2026-11-09/"
    assert "Mon 9 Nov to Sun 15 Nov" in us.get(here).content.decode()
    assert "still looking" not in us.get(f"/company/{company.public_id}/week/2026-11-02/").content.decode()
    lines = [line.public_id for line in TimeLine.objects.filter(seat__session=two_weeks)]
    said = us.post(f"{here}approve/", {"except_lines": lines[:1]}, follow=True).content.decode()
    assert "1 line approved. Pay goes out on" in said
    assert "1 line approved" in us.post(f"{here}approve/", follow=True).content.decode()
    assert "0 lines approved" in us.post(f"{here}approve/", follow=True).content.decode()
