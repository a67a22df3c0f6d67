"""The board and a company's gigs as pages."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from accounts.access.roles import Role
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _before_december(it_is: Callable[[datetime], None]) -> None:
    it_is(stories.BEFORE)


def typed(**other: str | list[str]) -> dict[str, Any]:
    form: dict[str, Any] = {
        "title": "Two strangers in a lift",
        "scene": "It stops between floors",
        "brief": "Say yes, and.",
        "rate": "74.00",
        "seats": "2",
        "minutes": "90",
        "sessions_planned": "10",
        "openings": "4",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
        "time_zone": "America/New_York",
        "answer_days": "7",
        "purposes": ["evaluation"],
    }
    return form | other


class TestBoard:
    def test_needs_no_log_in_and_shows_the_rate(self) -> None:
        stories.a_gig(stories.a_company("Northlight"))
        page = browser().get("/")
        assert page.status_code == 200
        assert "74.00" in page.content.decode()

    def test_sends_only_what_was_found_while_one_types(self) -> None:
        company = stories.a_company()
        stories.a_gig(company)
        stories.a_gig(company, title="The last lighthouse", scene="Storm", brief="Waves.")
        found = browser().get("/", {"q": "lighthouse"}, headers={"HX-Request": "true"}).content.decode()
        assert "The last lighthouse" in found
        assert "strangers" not in found
        assert "<html" not in found

    def test_passes_over_what_does_not_hold_in_the_address(self) -> None:
        stories.a_gig(stories.a_company())
        page = browser().get("/", {"rate_min": "much", "seats": "9", "skill": "juggling", "order": "worst"})
        assert page.status_code == 200
        assert "Two strangers" in page.content.decode()

    def test_refuses_a_cursor_it_did_not_give_out(self) -> None:
        assert browser().get("/", {"cursor": "made-up"}).status_code == 422

    def test_pages_by_key(self) -> None:
        company = stories.a_company()
        for n in range(21):
            stories.a_gig(company, title=f"Gig number {n:02}")
        first = browser().get("/").content.decode()
        assert "Show more gigs" in first
        assert first.count("gig-row") == 20

    @pytest.mark.usefixtures("long_days")
    def test_marks_what_is_not_asked_and_what_is(self) -> None:
        stories.a_gig(stories.a_company(), purposes=["voice_replica"], exclusive=True, session_s=18_000)
        page = browser().get("/").content.decode()
        assert "Make a replica of your voice" in page
        for gone in ("No replica of you</li>", "No exclusivity", "No camera over 4 h"):
            assert gone not in page

    def test_asks_the_same_number_of_queries_for_one_gig_as_for_many(
        self, django_assert_max_num_queries: Any
    ) -> None:
        company = stories.a_company()
        for n in range(12):
            stories.a_gig(company, title=f"Gig {n}")
        with django_assert_max_num_queries(6):
            browser().get("/")


class TestGigPage:
    def test_is_for_everyone(self) -> None:
        gig = stories.a_gig(stories.a_company())
        page = browser().get(f"/gigs/{gig.public_id}/").content.decode()
        assert "111.00 USD" in page  # 90 min at 74.00

    def test_hides_a_draft(self) -> None:
        company = stories.a_company()
        owner = stories.owner_of(company)
        browser(stories.person(owner)).post(f"/company/{company.public_id}/gigs/new/", typed())
        gig = Gig.objects.get()
        assert browser().get(f"/gigs/{gig.public_id}/").status_code == 404
        assert browser(stories.person(owner)).get(f"/gigs/{gig.public_id}/").status_code == 200

    @pytest.mark.parametrize("gig_id", ["gig_nonsense", "1", "usr_0"])
    def test_does_not_find_what_is_no_id(self, gig_id: str) -> None:
        assert browser().get(f"/gigs/{gig_id}/").status_code == 404


class TestPosting:
    def test_saves_a_draft_with_its_questions_and_prompts(self) -> None:
        company = stories.a_company()
        sent = typed(question_1="Have you played in pairs?", yes_no_1="on", prompts="A letter.\n\nA knock.")
        answer = browser(stories.person(stories.owner_of(company))).post(
            f"/company/{company.public_id}/gigs/new/", sent
        )
        gig = Gig.objects.get()
        assert answer.status_code == 302
        assert (gig.rate_minor, gig.session_s, gig.starts_on) == (7400, 5400, date(2026, 12, 1))
        assert [(q.text, q.kind) for q in gig.questions.all()] == [("Have you played in pairs?", "yes_no")]
        assert [prompt.text for prompt in gig.prompts.all()] == ["A letter.", "A knock."]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("rate", "seventy"),
            ("rate", "74.005"),
            ("rate", "-1"),
            ("rate", "NaN"),
            ("rate", "1e9"),
            ("rate", "0"),
            ("seats", "5"),
            ("minutes", "10"),
            ("ends_on", "2026-11-01"),
            ("time_zone", "Mars/Olympus"),
            ("purposes", "world_domination"),
            ("title", ""),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, name: str, value: str) -> None:
        company = stories.a_company()
        sent = typed(brief="A brief nobody wants to type twice.") | {name: value}
        answer = browser(stories.person(stories.owner_of(company))).post(
            f"/company/{company.public_id}/gigs/new/", sent
        )
        assert answer.status_code == 422
        assert "A brief nobody wants to type twice." in answer.content.decode()
        assert name in answer.context["form"].errors
        assert not Gig.objects.exists()

    def test_works_out_the_cost_while_one_types(self) -> None:
        company = stories.a_company()
        client, path = (
            browser(stories.person(stories.owner_of(company))),
            f"/company/{company.public_id}/gigs/new/cost/",
        )
        # 90 min and 15 min of overrun at 74.00 are 129.50, 15 % on top 19.43, for two seats.
        assert "297.86 USD" in client.post(path, typed(title="")).content.decode()
        assert "Fill in pay" in client.post(path, {"rate": "7x"}).content.decode()

    def test_is_not_a_reviewers_to_do(self) -> None:
        company = stories.a_company()
        reviewer = stories.a_member(company, Role.REVIEWER)
        answer = browser(reviewer).post(f"/company/{company.public_id}/gigs/new/", typed())
        assert answer.status_code == 403
        assert not Gig.objects.exists()


class TestRunning:
    def test_names_what_is_missing_before_it_publishes(self) -> None:
        company = stories.a_company()
        client, base = (
            browser(stories.person(stories.owner_of(company))),
            f"/company/{company.public_id}/gigs/",
        )
        client.post(f"{base}new/", typed())
        here = f"{base}{Gig.objects.get().public_id}/"
        assert "Set 297.86 USD aside" in client.get(here).content.decode()
        refused = client.post(
            f"{here}step/publish/", headers={"Referer": f"http://testserver{here}"}, follow=True
        )
        assert "set 297.86 USD more aside" in refused.content.decode()
        assert Gig.objects.get().state == "draft"

    def test_walks_from_draft_to_completed(self) -> None:
        company = stories.a_company()
        gig = stories.a_gig(company)
        client = browser(stories.person(stories.owner_of(company)))
        here = f"/company/{company.public_id}/gigs/{gig.public_id}/"
        for step, state in [
            ("pause", "paused"),
            ("publish", "published"),
            ("close", "closed"),
            ("complete", "completed"),
        ]:
            assert client.post(f"{here}step/{step}/").status_code == 302
            gig.refresh_from_db()
            assert gig.state == state
            assert client.get(here).status_code == 200
        assert client.post(f"{here}step/publish/").status_code == 409
        assert client.post(f"{here}step/explode/").status_code == 404

    def test_shows_a_lower_rate_beside_its_field(self) -> None:
        gig = stories.a_gig(stories.a_company())
        client = browser(stories.person(stories.owner_of(gig.company)))
        path = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/change/"
        assert 'value="74.00"' in client.get(path).content.decode()
        answer = client.post(path, typed(rate="60.00"))
        assert answer.status_code == 422
        assert "rate" in answer.context["form"].errors
        assert client.post(path, typed(rate="80.00")).status_code == 302
        gig.refresh_from_db()
        assert gig.rate_minor == 8000

    def test_shows_nothing_to_another_company(self) -> None:
        gig, other = stories.a_gig(stories.a_company()), stories.a_company()
        theirs = browser(stories.person(stories.owner_of(other)))
        for path in (
            f"/company/{gig.company.public_id}/gigs/",
            f"/company/{gig.company.public_id}/gigs/new/",
            f"/company/{gig.company.public_id}/gigs/{gig.public_id}/",
            f"/company/{other.public_id}/gigs/{gig.public_id}/",
            f"/company/{other.public_id}/gigs/{gig.public_id}/change/",
        ):
            assert theirs.get(path).status_code == 404
        assert theirs.post(f"/company/{other.public_id}/gigs/{gig.public_id}/step/pause/").status_code == 404
