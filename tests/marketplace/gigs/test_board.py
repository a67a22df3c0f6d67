"""The board: each filter's count is what pressing it leaves, words are found as one types, companies' paces are shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.casting import operations as casting
from marketplace.casting.states import Reason
from marketplace.desk import pace
from marketplace.gigs import queries
from marketplace.gigs.models import CompanyPace
from marketplace.gigs.queries import Search
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.casting.test_answering import html

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
HERE = "America/New_York"
As = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def _before_the_week(it_is: Callable[[datetime], None]) -> None:
    it_is(AT)


@pytest.fixture
def _a_full_board(long_days: None) -> None:
    company = stories.a_company()
    stories.a_gig(company, title="Lift", skills=["duo"], languages=["en"], exclusive=True)
    stories.a_gig(company, title="Storm", seats=1, rate_minor=12_000, time_zone="Asia/Tokyo")
    stories.a_gig(company, title="Storm and lift", purposes=["avatar"], skills=["duo", "harold"])
    stories.a_gig(company, title="Long", session_s=18_000, languages=["fr"], starts_on=date(2026, 12, 24))
    stories.a_gig(company, title="Taped", audition="Two minutes.", time_zone="America/Chicago")


def pressed(search: Search, name: str, value: str) -> Search:
    """The search as that link leaves it."""
    parts: dict[str, dict[str, Any]] = {
        "rate_min": {"rate_min_minor": value},
        "near": {"near_zone": HERE},
        "skill": {"skills": (value,)},
        "language": {"language": value},
        "seats": {"seats": value},
        "starts_within": {"starts_within": int(value) if value.isdigit() else 0},
    }
    return replace(search, **parts.get(name, {name: True}))


SEARCHES = [
    Search(),
    Search(text="lift"),
    Search(skills=("duo",), no_replica=True),
    Search(near_zone=HERE, seats=2, rate_min_minor=5_000),
    Search(language="fr", short_camera=True),
    Search(no_exclusivity=True, no_unpaid_audition=True, starts_within=14),
]


class TestCounts:
    @pytest.mark.usefixtures("_a_full_board")
    @pytest.mark.parametrize("search", SEARCHES, ids=str)
    def test_of_each_link_are_what_it_leaves(self, search: Search) -> None:
        with CaptureQueriesContext(connection) as asked:
            found = queries.counts(search, at=AT, reader_zone=HERE)
        assert len(asked) == 1
        assert found.total == queries.board(search, at=AT).count()
        for name, values in found.by.items():
            for value, count in values.items():
                left = queries.board(pressed(search, name, value), at=AT).count()
                assert count == left, (name, value)

    def test_knows_no_hours_of_whoever_has_said_none(self) -> None:
        assert "near" not in queries.counts(Search(), at=AT).by

    @pytest.mark.usefixtures("_a_full_board")
    def test_near_is_within_three_hours(self) -> None:
        titles = set(queries.board(Search(near_zone=HERE), at=AT).values_list("title", flat=True))
        assert "Storm" not in titles
        assert "Taped" in titles
        assert queries.board(Search(near_zone="Asia/Seoul"), at=AT).get().title == "Storm"


class TestThePage:
    @pytest.mark.usefixtures("_a_full_board")
    def test_links_keep_what_else_is_looked_for(self) -> None:
        body = html(browser(stories.a_performer().user).get("/", {"q": "lift", "skill": "duo"}))
        assert "q=lift&amp;skill=duo&amp;no_replica=on" in body
        assert "2 open gigs" in body
        assert '<input type="hidden" name="skill" value="duo">' in body
        assert "Within 3 h of your hours" in body
        assert "Within 3 h of your hours" not in html(browser().get("/"))

    @pytest.mark.usefixtures("_a_full_board")
    def test_says_the_count_where_readers_of_screens_hear_it(self) -> None:
        whole = html(browser().get("/", {"q": "lift"}))
        assert 'id="board-count" class="quiet" role="status" aria-live="polite"' in whole
        part = html(browser().get("/", {"q": "lift"}, headers={"HX-Request": "true"}))
        assert '<p id="board-count" hx-swap-oob="innerHTML">2 open gigs' in part
        assert part.count("board-count") == 1

    @pytest.mark.usefixtures("_a_full_board")
    def test_the_api_narrows_by_the_same(self, as_someone: As) -> None:
        _, found = as_someone(None).get("gigs", near_zone="Asia/Seoul", no_exclusivity="true")
        assert [each["title"] for each in found["data"]] == ["Storm"]
        _, found = as_someone(None).get("gigs", no_unpaid_audition="true", short_camera="true")
        assert "Taped" not in {each["title"] for each in found["data"]}


class TestPace:
    def test_is_the_median_of_answers_and_says_nothing_of_too_few(self, as_someone: As) -> None:
        gig = stories.a_gig(stories.a_company(), openings=5)
        us = stories.owner_of(gig.company)
        for days in (1, 2, 20):
            assert pace.reckon(at=AT + timedelta(days=days)) <= 1
            application = stories.applies(stories.a_performer(), gig)
            at = AT + timedelta(days=days)
            casting.decline(application=application, reason=Reason.SKILLS, by=us, at=at)
        assert pace.reckon(at=AT + timedelta(days=30)) == 1
        found = CompanyPace.objects.get()
        assert (found.answers_in_days, found.pays_in_days) == (2, None)
        body = html(browser().get("/"))
        assert "answers in 2 days" in body
        assert "pays in" not in body
        assert as_someone(None).get(f"gigs/{gig.public_id}")[1]["answers_in_days"] == 2
        assert pace.reckon(at=AT + timedelta(days=30, hours=1)) == 0
        assert pace.reckon(at=AT + timedelta(days=300)) == 1
        found.refresh_from_db()
        assert found.answer_s is None

    def test_of_pay_is_counted_from_the_end_of_the_week(self) -> None:
        stories.an_approved_week(session := stories.a_pair_booked())
        sheets = session.company.timesheets.all()
        paid = sheets[0].week.ends_at + timedelta(days=4, hours=3)
        sheets.update(paid_at=paid)
        pace.reckon(at=paid)
        assert CompanyPace.objects.get().pay_s is None
        CompanyPace.objects.all().delete()
        pace.FEWEST, kept = 2, pace.FEWEST
        try:
            pace.reckon(at=paid)
        finally:
            pace.FEWEST = kept
        assert CompanyPace.objects.get().pays_in_days == 5
