"""The company's week as its owner reads it: what needs a decision stands apart, the rest is approved in one press."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.companies.models import Company
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import logs_in

pytestmark = pytest.mark.django_db
MONDAY = "2026-11-09"


@pytest.fixture
def company(it_is: Callable[[datetime], None]) -> Company:
    """A week of three sessions of one pair: one short, one as booked, one ten minutes over; all of it with the company."""
    session = stories.a_pair_booked(stories.a_company())
    pair = [seat.terms.engagement for seat in session.seats.order_by("id")]
    stories.they_play(session, for_s=3000)
    for day, for_s in ((1, 0), (2, 6000)):
        more = stories.a_booked_session(*pair, call_at=stories.CALL + timedelta(days=day))
        stories.they_play(more, for_s=for_s)
    stories.everyone_confirms(stories.the_week_is_over())
    it_is(stories.REVIEW_DAY + timedelta(hours=20))
    return session.company


def client(company: Company) -> Any:
    return logs_in(stories.person(stories.owner_of(company)))


def week(company: Company, **query: str) -> str:
    path = reverse("company_week_of", args=[company.public_id, MONDAY])
    page: str = client(company).get(path, query).content.decode()
    return page


def presses(company: Company, label: str) -> None:
    """Sends the form whose button says so, with what stands in it."""
    page = week(company)
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if label in form)
    action = re.search(r'action="([^"]+)"', form)
    assert action is not None
    left = re.findall(r'name="except_lines" value="([^"]+)"', form)
    assert client(company).post(action[1], {"except_lines": left}).status_code == 302


def approved() -> int:
    return TimeLine.objects.filter(state="approved").count()


def test_only_what_needs_a_decision_is_set_apart(company: Company) -> None:
    page = week(company)
    assert "2 need a decision" in page
    apart = page[page.index('id="exceptions"') : page.index('id="people"')]
    assert apart.count("Ran over the booked time") == 2
    assert "by the terms" not in apart


def test_each_performer_is_one_row_with_totals_and_the_sessions_beneath(company: Company) -> None:
    page = week(company)
    people = page[page.index('id="people"') :]
    assert people.count('<details class="week-person"') == 2
    assert people.count('class="week-row"') == 6
    assert "3 lines, 4 h 10 min" in people
    assert (
        people.count(">Paid beyond what was worked, by the terms<") == 3
    )  # twice beside a line, once to filter by


def test_all_of_it_is_approved_in_one_press(company: Company) -> None:
    presses(company, "Approve all 6 lines, 8.33 h")
    assert approved() == 6
    assert "Nothing waits for you." in week(company)


def test_or_all_but_what_needs_a_decision(company: Company) -> None:
    presses(company, "Only the 4 that need no decision")
    assert approved() == 4
    presses(company, "Approve all 2 lines")
    assert approved() == 6


def test_a_dispute_keeps_its_own_line_back_alone(company: Company) -> None:
    line = TimeLine.objects.order_by("id")[0]
    said = {"reason": "time_too_long", "text": "Our notes end earlier.", "minutes": "40"}
    assert client(company).post(reverse("line_detail", args=[line.public_id]), said).status_code == 302
    assert "3 need a decision" in week(company)
    presses(company, "Approve all 5 lines")
    assert approved() == 5


def test_one_kind_of_line_is_looked_at_by_address(company: Company) -> None:
    people = week(company, only="overrun").partition('id="people"')[2]
    assert people.count('class="week-row"') == 2
    assert 'class="week-person" open' in people
    assert week(company, only="nonsense").partition('id="people"')[2].count('class="week-row"') == 6


def test_a_line_says_where_it_stands_and_by_when_it_goes_on(company: Company) -> None:
    line = TimeLine.objects.order_by("id")[0]
    path = reverse("line_detail", args=[line.public_id])
    page = client(company).get(path).content.decode()
    way = page[page.index('class="line-way"') :]
    assert "or by the calendar <time" in way
    assert "Wed 18 Nov, 23:59 your time (EST)" in way
    assert "Goes out on Fri 20 Nov" in way
    presses(company, "Approve all 6 lines")
    way = client(company).get(path).content.decode().partition('class="line-way"')[2]
    assert re.search(r'<li class="is-done">Approved <time', way)
    assert reverse("session_detail", args=[line.seat.session.public_id]) in page  # type: ignore[union-attr] # of a session
