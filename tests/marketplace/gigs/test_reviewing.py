"""A company's first gig waits for talent operations, by both doors; an unvetted company publishes nothing."""

from typing import Any

import pytest
from django.http import HttpResponse

from accounts.access.roles import Staff
from accounts.companies.models import Company
from accounts.notifications.models import Notification
from marketplace.gigs import operations
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.standing.doors import DOORS, Person, done, refused, talent

pytestmark = pytest.mark.django_db


def owner(company: Company, door: str) -> Person:
    return Person(stories.person(stories.owner_of(company)), door)


def steps(me: Person, gig: Gig, step: str) -> HttpResponse:
    """`publish` or `take_back`, by its company."""
    path = f"gigs/{gig.public_id}/{step.replace('_', '-')}"
    to = {"company_id": gig.company.public_id, "gig_id": gig.public_id, "step": step}
    return me.sends("gig_step", path, {}, **to)


def answers(me: Person, gig: Gig, answer: str, **sent: str) -> HttpResponse:
    """`approve` or `send_back`, by talent operations."""
    body: dict[str, Any] = {"answer": answer} if me.door == "page" else {}
    path = f"gigs/{gig.public_id}/{answer.replace('_', '-')}"
    return me.sends("gig_review_answer", path, body | sent, gig_id=gig.public_id)


def state(gig: Gig) -> str:
    return Gig.objects.get(pk=gig.pk).state


@DOORS
class TestTheFirstGig:
    def test_waits_for_talent_operations_and_then_stands_on_the_board(self, door: str) -> None:
        gig = stories.a_draft(stories.a_company(), title="Our first")
        us, desk = owner(gig.company, door), talent(door)
        assert refused(answers(desk, gig, "approve"), "illegal_state")
        assert done(steps(us, gig, "publish"))
        assert state(gig) == "in_review"
        assert "“Our first”" in Notification.objects.get(user=desk.user, kind="gig_to_review").body
        assert "Our first" not in us.reads("/")
        assert "Talent operations look at your first gig" in us.reads(
            f"/company/{gig.company.public_id}/gigs/{gig.public_id}/"
        )
        assert refused(steps(us, gig, "publish"), "gig_in_review")
        assert refused(answers(us, gig, "approve"), "forbidden")
        assert done(answers(desk, gig, "approve"))
        assert state(gig) == "published"
        assert "Our first" in us.reads("/")
        assert Notification.objects.filter(user=us.user, title="Your first gig is on the board").exists()
        second = stories.a_draft(gig.company, title="Our second")
        assert done(steps(us, second, "publish"))
        assert state(second) == "published"

    def test_is_sent_back_changed_and_handed_in_again(self, door: str) -> None:
        gig = stories.a_draft(stories.a_company())
        us, desk = owner(gig.company, door), talent(door)
        steps(us, gig, "publish")
        assert refused(us.api.patch(f"gigs/{gig.public_id}", {"title": "Another"}), "gig_in_review")
        assert refused(answers(desk, gig, "send_back", reason=" "), "invalid")
        assert done(answers(desk, gig, "send_back", reason="Say what the scene may touch."))
        assert state(gig) == "draft"
        told = Notification.objects.get(user=us.user, title="Your gig needs another look")
        assert "Say what the scene may touch." in told.body
        assert "Say what the scene may touch." in us.reads(told.path)
        assert us.api.patch(f"gigs/{gig.public_id}", {"content_notes": "Grief."}).status_code == 200
        assert done(steps(us, gig, "publish"))
        assert done(answers(desk, gig, "approve"))
        assert state(gig) == "published"

    def test_is_taken_back_by_its_company(self, door: str) -> None:
        gig = stories.a_draft(stories.a_company())
        us = owner(gig.company, door)
        assert refused(steps(us, gig, "take_back"), "illegal_state")
        steps(us, gig, "publish")
        assert done(steps(us, gig, "take_back"))
        assert state(gig) == "draft"
        assert refused(answers(talent(door), gig, "approve"), "illegal_state")

    def test_goes_on_the_board_only_when_it_is_funded(self, door: str) -> None:
        gig = stories.a_draft(stories.a_company())
        us, desk = owner(gig.company, door), talent(door)
        steps(us, gig, "publish")
        operations.record_funding(gig=gig, delta_minor=-1_000_000, by=stories.HOUSE, at=stories.BEFORE)
        assert refused(answers(desk, gig, "approve"), "gig_not_funded")
        operations.record_funding(gig=gig, delta_minor=1_000_000, by=stories.HOUSE, at=stories.BEFORE)
        assert done(answers(desk, gig, "approve"))

    def test_paused_by_its_company_is_put_back_by_nobody_else(self, door: str) -> None:
        gig = stories.a_gig(stories.a_company())
        us = owner(gig.company, door)
        assert done(steps(us, gig, "pause"))
        assert refused(answers(talent(door), gig, "approve"), "illegal_state")
        assert done(steps(us, gig, "publish"))
        assert state(gig) == "published"

    def test_nobody_approves_their_own(self, door: str) -> None:
        gig = stories.a_draft(stories.a_company())
        us = owner(gig.company, door)
        steps(us, gig, "publish")
        stories.becomes_staff(us.user, Staff.TALENT)
        assert refused(answers(us, gig, "approve"), "own_standing")
        assert refused(answers(us, gig, "send_back", reason="?"), "own_standing")
        assert done(answers(talent(door), gig, "approve"))


@DOORS
def test_a_company_publishes_once_it_is_vetted(door: str) -> None:
    company = stories.a_new_company()
    gig, us = stories.a_draft(company), owner(company, door)
    assert refused(steps(us, gig, "publish"), "not_approved")
    assert "Have " in us.reads(f"/company/{company.public_id}/gigs/{gig.public_id}/")
    stories.asks_to_be_vetted(company)
    assert refused(steps(us, gig, "publish"), "not_approved")
    assert state(gig) == "draft"
    stories.is_vetted(company)
    assert done(steps(us, gig, "publish"))
    assert state(gig) == "in_review"
