"""Posting in minutes: a template makes a whole draft, a gig makes another like it, and both are seen before they are posted."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.keys.acting import of_user
from kit.errors import Forbidden, Invalid, NotFound
from kit.money import Money
from marketplace.desk import posting
from marketplace.endings import operations as endings
from marketplace.gigs import limits
from marketplace.gigs import operations as gigs
from marketplace.gigs.gallery import TEMPLATES
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.operations import Fields
from marketplace.rights import use_terms
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.casting.test_answering import html

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
DAYS = {"starts_on": date(2026, 12, 1), "ends_on": date(2027, 1, 31)}
As = Callable[[Any], Any]


def taken(template_id: str) -> Gig:
    company = stories.a_company()
    return posting.post_from_template(
        company=company,
        template=posting.get_template(template_id),
        rate=Money(7400, "usd"),
        by=stories.owner_of(company),
        at=AT,
        **DAYS,
    )


class TestATemplate:
    @pytest.mark.parametrize("template_id", TEMPLATES)
    def test_makes_a_whole_draft(self, template_id: str) -> None:
        template, gig = TEMPLATES[template_id], taken(template_id)
        assert (gig.state, gig.rate_minor, gig.funded_minor) == ("draft", 7400, 0)
        assert all([gig.brief, gig.content_notes, gig.skills, gig.languages])
        assert [each.text for each in gig.questions.all()] == [each["text"] for each in template.questions]
        assert gig.prompts.count() == len(template.prompts) <= limits.MOST_PROMPTS
        asked = {each.purpose: each.bonus_minor for each in gig.use_terms.all()}
        assert asked == {purpose: price.bonus_minor for purpose, price in template.uses.items()}
        assert set(gig.purposes) == set(asked) <= set(PURPOSES)
        assert not gig.warnings

    def test_is_read_for_its_secret_cards_and_what_they_touch(self) -> None:
        cards = taken("improv-pair").prompts
        assert cards.filter(for_one=True).count() == 1
        assert cards.exclude(content_note="").get().content_note == "conflict"

    def test_can_be_put_on_the_board_as_it_stands(self) -> None:
        gig = taken("solo-monologue")
        stories.is_set_aside(gig, 100_000)
        assert gigs.publish(gig=gig, by=stories.owner_of(gig.company), at=AT).state == "in_review"

    def test_is_not_taken_for_days_that_are_past(self) -> None:
        company = stories.a_company()
        past = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 2, 1)}
        with pytest.raises(Invalid):
            posting.post_from_template(
                company=company,
                template=TEMPLATES["four-hander"],
                rate=Money(7400, "usd"),
                by=stories.owner_of(company),
                at=AT,
                **past,
            )
        assert not Gig.objects.exists()

    def test_that_is_none(self) -> None:
        with pytest.raises(NotFound):
            posting.get_template("a-musical")


class TestADuplicate:
    def test_has_everything_but_money_days_and_who_it_is(self) -> None:
        gig = stories.a_gig(
            stories.a_company(), audition="Two minutes.", policy={"minimum_call_s": 1800}, exclusive=True
        )
        us = stories.owner_of(gig.company)
        gig.questions.create(position=1, text="Why?", required=False)
        gig.prompts.create(position=1, text="A knock.", content_note="fear", for_one=True)
        said: use_terms.Fields = {"bonus_minor": 700, "territory": "Europe"}
        use_terms.set_use_terms(gig=gig, purpose="evaluation", fields=said, by=us, at=AT)
        stories.applies(stories.a_performer(), gig)
        made = posting.duplicate(gig=gig, by=us, at=AT, **DAYS)
        gig.refresh_from_db()
        same = set(Fields.__annotations__) - {"starts_on", "ends_on"}
        assert {name: getattr(made, name) for name in same} == {name: getattr(gig, name) for name in same}
        assert (made.starts_on, made.ends_on) == (DAYS["starts_on"], DAYS["ends_on"])
        assert (made.state, made.funded_minor, made.committed_minor) == ("draft", 0, 0)
        assert (made.published_at, made.closed_at, made.applications.count()) == (None, None, 0)
        assert made.public_id != gig.public_id
        for rows in ("questions", "prompts", "use_terms"):
            copied = [list(getattr(each, rows).values()) for each in (gig, made)]
            bare = [
                [{k: v for k, v in row.items() if k not in ("id", "gig_id")} for row in one] for one in copied
            ]
            assert bare[0] == bare[1]
            assert bare[0]

    def test_is_made_of_a_gig_that_has_ended_too_and_twice_is_two(self) -> None:
        gig = stories.a_gig(stories.a_company())
        us = stories.owner_of(gig.company)
        endings.cancel_gig(gig=gig, reason="No studio.", by=us, at=AT)
        gig.refresh_from_db()
        made = [posting.duplicate(gig=gig, by=us, at=AT, **DAYS) for _ in range(2)]
        assert [each.state for each in made] == ["draft", "draft"]

    def test_is_for_who_may_post(self) -> None:
        gig = stories.a_gig(stories.a_company())
        reviewer = of_user(stories.a_member(gig.company, Role.REVIEWER))
        with pytest.raises(Forbidden):
            posting.duplicate(gig=gig, by=reviewer, at=AT, **DAYS)
        assert Gig.objects.count() == 1


class TestTheDoors:
    def test_from_the_gallery_to_the_preview_by_page(self, it_is: Callable[[datetime], None]) -> None:
        it_is(AT)
        company = stories.a_company()
        us = browser(stories.person(stories.owner_of(company)))
        gallery = f"/company/{company.public_id}/gigs/templates/"
        assert "Improv pair" in html(us.get(gallery))
        one = f"{gallery}four-hander/"
        assert "A band gives itself a new name." in html(us.get(one))
        typed = {"rate": "80.00", "starts_on": "2026-12-01", "ends_on": "2026-11-01"}
        wrong = us.post(one, typed)
        assert (wrong.status_code, Gig.objects.count()) == (422, 0)
        assert "It ends before it starts." in html(wrong)
        saved = us.post(one, typed | {"ends_on": "2026-12-31"}, follow=True)
        assert "Saved as a draft." in html(saved)
        gig = Gig.objects.get()
        preview = html(us.get(f"/gigs/{gig.public_id}/preview/"))
        assert "Here performers press" in preview
        assert "Run this gig" not in preview
        for stranger in (stories.a_performer().user, stories.person(stories.owner_of(stories.a_company()))):
            assert browser(stranger).get(f"/gigs/{gig.public_id}/preview/").status_code in (403, 404)
        again = us.post(
            f"/gigs/{gig.public_id}/duplicate/",
            {"starts_on": "2027-01-01", "ends_on": "2027-02-01"},
            follow=True,
        )
        assert "Saved as a draft." in html(again)
        assert Gig.objects.count() == 2

    def test_a_gig_whose_recordings_are_good_for_nothing_says_so(
        self, as_someone: As, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        draft = stories.a_draft(stories.a_company(), purposes=[])
        us, owner = (
            stories.person(stories.owner_of(draft.company)),
            f"/company/{draft.company.public_id}/gigs/",
        )
        pages = (
            f"{owner}{draft.public_id}/",
            f"/gigs/{draft.public_id}/preview/",
            f"{owner}{draft.public_id}/change/",
        )
        for page in pages[:2]:
            assert "they can be used for nothing" in html(browser(us).get(page)), page
        typed = {"rate": "74.00", "seats": "2", "minutes": "90"}
        assert "used for nothing" in html(browser(us).post(f"{owner}new/cost/", typed))
        told = browser(us).post(f"{owner}new/cost/", typed | {"purposes": "evaluation"})
        assert "used for nothing" not in html(told)
        _, answered = as_someone(us).get(f"gigs/{draft.public_id}")
        assert [each["code"] for each in answered["warnings"]] == ["no_purposes"]
        _, changed = as_someone(us).patch(f"gigs/{draft.public_id}", {"purposes": ["evaluation"]})
        assert changed["warnings"] == []

    def test_by_the_api(self, as_someone: As, it_is: Callable[[datetime], None]) -> None:
        it_is(AT)
        company = stories.a_company()
        us = as_someone(stories.person(stories.owner_of(company)))
        _, listed = us.get("gig-templates")
        assert [each["id"] for each in listed["data"]] == list(TEMPLATES)
        days = {"starts_on": "2026-12-01", "ends_on": "2026-12-31"}
        asked = days | {
            "company": company.public_id,
            "template": "improv-pair",
            "rate": {"amount_minor": 7400, "currency": "usd"},
        }
        status, made = us.post("gigs/from-template", asked)
        assert (status, made["state"], made["seats"]) == (201, "draft", 2)
        assert us.post("gigs/from-template", asked | {"template": "a-musical"})[0] == 404
        status, again = us.post(f"gigs/{made['id']}/duplicate", days)
        assert (status, again["title"]) == (201, made["title"])
        assert again["id"] != made["id"]
        stranger = as_someone(stories.person(stories.owner_of(stories.a_company())))
        assert stranger.post(f"gigs/{made['id']}/duplicate", days)[0] == 404
