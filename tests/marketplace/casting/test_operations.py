"""Casting's rules: one live application, answers by a date, places that cannot be given away twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event
from time import sleep
from typing import Any

import pytest

from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from kit.errors import Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.casting import operations
from marketplace.casting.models import Application
from marketplace.casting.states import Reason
from marketplace.endings import operations as endings
from marketplace.engagements import operations as engagements
from marketplace.gigs import operations as gig_operations
from marketplace.gigs.models import Gig
from tests import stories
from tests.database import together

AT = stories.BEFORE


def applied(gig: Gig, performer: Performer | None = None) -> Application:
    return stories.applies(performer or stories.a_performer(), gig)


# How an application comes to each state, and what may follow there. What is offered was shortlisted on the way.
WAYS: dict[str, list[str]] = {
    "submitted": [],
    "shortlisted": ["shortlist"],
    "offered": ["offer"],
    "accepted": ["offer", "accept"],
    "declined": ["offer", "decline_offer"],
    "not_selected": ["decline"],
    "withdrawn": ["withdraw"],
    "expired": ["offer", "expire"],
}
MAY: dict[str, dict[str, str]] = {
    "submitted": {
        "shortlist": "shortlisted",
        "decline": "not_selected",
        "offer": "offered",
        "withdraw": "withdrawn",
    },
    "shortlisted": {"decline": "not_selected", "offer": "offered", "withdraw": "withdrawn"},
    "offered": {"withdraw": "withdrawn", "accept": "accepted", "decline_offer": "declined"},
    "accepted": {},
    "declined": {},
    "not_selected": {},
    "withdrawn": {},
    "expired": {"offer": "offered"},
}


def takes(application: Application, step: str) -> None:
    """The one whose step it is takes it."""
    us, me = stories.owner_of(application.gig.company), stories.acting(application.performer)
    match step:
        case "shortlist":
            operations.shortlist(application=application, by=us, at=AT)
        case "decline":
            operations.decline(application=application, reason=Reason.SKILLS, by=us, at=AT)
        case "offer":
            operations.offer(applications=[application], by=us, at=AT)
        case "withdraw":
            operations.withdraw(application=application, by=me, at=AT)
        case "accept":
            engagements.accept_offer(application=application, by=me, at=AT)
        case "decline_offer":
            operations.decline_offer(application=application, by=me, at=AT)
        case "expire":
            assert operations.expire(at=AT + operations.OFFER_STANDS) == 1


@pytest.mark.django_db
class TestApplying:
    def test_promises_an_answer_by_a_date(self) -> None:
        application = applied(stories.a_gig(stories.a_company(), answer_days=5))
        assert (application.state, application.answer_due_at) == ("submitted", AT + timedelta(days=5))

    def test_refuses_a_second_live_one_but_not_after_taking_it_back(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        first = applied(gig, performer)
        with pytest.raises(operations.AlreadyApplied):
            applied(gig, performer)
        operations.withdraw(application=first, by=stories.acting(performer), at=AT)
        assert applied(gig, performer).state == "submitted"

    def test_refuses_a_gig_that_is_not_open(self) -> None:
        gig = stories.a_gig(stories.a_company())
        paused = gig_operations.pause(gig=gig, by=stories.owner_of(gig.company), at=AT)
        with pytest.raises(operations.GigNotOpen):
            applied(paused)

    def test_is_done_for_nobody_else(self) -> None:
        gig = stories.a_gig(stories.a_company())
        with pytest.raises(NotFound):
            stories.applies(stories.a_performer(), gig, by=stories.acting(stories.a_performer()))

    def test_names_every_answer_that_does_not_hold(self) -> None:
        gig = stories.a_gig(stories.a_company())
        gig.questions.create(position=1, text="Why?")
        gig.questions.create(position=2, text="Sure?", kind="yes_no")
        performer = stories.a_performer()
        with pytest.raises(Invalid) as refused:
            stories.applies(performer, gig, answers={2: "maybe", 9: "?"})
        assert {(e["field"], e["code"], e["detail"]) for e in refused.value.errors} == {
            ("answers.1", "required", "Why?"),
            ("answers.2", "not_a_choice", "Answer yes or no."),
            ("answers.9", "unknown_field", "The gig asks no such question."),
        }
        assert not Application.objects.exists()


@pytest.mark.django_db
class TestAnswering:
    @pytest.mark.parametrize("step", ["shortlist", "decline", "offer", "withdraw", "accept", "decline_offer"])
    @pytest.mark.parametrize("state", list(WAYS))
    def test_each_step_is_taken_in_turn_only(self, state: str, step: str) -> None:
        application = applied(stories.a_gig(stories.a_company(), openings=2))
        for before in WAYS[state]:
            takes(application, before)
        application.refresh_from_db()
        assert application.state == state
        if step in MAY[state]:
            takes(application, step)
            application.refresh_from_db()
            assert application.state == MAY[state][step]
        else:
            with pytest.raises(IllegalMove):
                takes(application, step)

    def test_is_told_the_reason_and_the_moment(self) -> None:
        application = applied(stories.a_gig(stories.a_company()))
        owner = stories.owner_of(application.gig.company)
        done = operations.decline(application=application, reason=Reason.SKILLS, by=owner, at=AT)
        assert (done.state, done.reason, done.decided_at) == ("not_selected", "skills", AT)

    def test_an_offer_that_ran_out_is_not_accepted_and_expires(self) -> None:
        application = applied(stories.a_gig(stories.a_company()))
        operations.offer(applications=[application], by=stories.owner_of(application.gig.company), at=AT)
        me, late = stories.acting(application.performer), AT + operations.OFFER_STANDS
        with pytest.raises(operations.OfferExpired):
            operations.accept(application=application, by=me, at=late)
        assert operations.expire(at=late - timedelta(seconds=1)) == 0
        assert operations.expire(at=late) == 1
        assert operations.expire(at=late) == 0
        with pytest.raises(IllegalMove):
            operations.accept(application=application, by=me, at=late)

    def test_an_offer_that_is_made_anew_and_runs_out_again_is_told_again_to_both(self) -> None:
        application = applied(stories.a_gig(stories.a_company()))
        us = stories.owner_of(application.gig.company)
        for number, offered_at in enumerate((AT, AT + 2 * operations.OFFER_STANDS), start=1):
            operations.offer(applications=[application], by=us, at=offered_at)
            operations.expire(at=offered_at + operations.OFFER_STANDS)
            for reader, title in (
                (application.performer.user_id, "An offer has run out"),
                (us.user_id or 0, "Your offer has run out"),
            ):
                assert Notification.objects.filter(user_id=reader, title=title).count() == number

    def test_offers_all_or_none(self) -> None:
        gig = stories.a_gig(stories.a_company(), openings=1)
        both = [applied(gig), applied(gig)]
        with pytest.raises(operations.NoOpenings):
            operations.offer(applications=both, by=stories.owner_of(gig.company), at=AT)
        assert not Application.objects.filter(state="offered").exists()


@pytest.mark.usefixtures("committed_db")
def test_four_who_offer_at_once_give_one_place_away_once() -> None:
    gig = stories.a_gig(stories.a_company(), openings=1)
    applications, owner = [applied(gig) for _ in range(4)], stories.owner_of(gig.company)

    def offer(number: int) -> list[Application]:
        return operations.offer(applications=[applications[number]], by=owner, at=AT)

    answers = together([lambda n=n: offer(n) for n in range(4)])  # type: ignore[misc] # n is bound early
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert sum(isinstance(answer, operations.NoOpenings) for answer in answers) == 3
    assert Application.objects.filter(state="offered").count() == 1


@pytest.mark.usefixtures("committed_db")
def test_whoever_applies_while_the_gig_ends_is_refused_or_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
    answer_all, ending = operations.answer_all, Event()

    def answers(**given: Any) -> int:
        answered = answer_all(**given)
        ending.set()  # everybody is answered, and nothing has committed yet
        sleep(0.5)
        return answered

    def apply() -> object:
        assert ending.wait(10)
        return applied(gig, performer)

    monkeypatch.setattr(operations, "answer_all", answers)
    us = stories.owner_of(gig.company)
    end = partial(endings.cancel_gig, gig=gig, reason="The money went elsewhere.", by=us, at=stories.BEFORE)
    acts: list[Callable[[], object]] = [end, apply]
    _, refused = together(acts)
    assert isinstance(refused, operations.GigNotOpen)
    assert not Application.objects.exists()


@pytest.mark.usefixtures("committed_db")
def test_a_double_press_applies_once() -> None:
    gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
    answers = together([lambda: applied(gig, performer)] * 3)
    assert sum(isinstance(answer, Application) for answer in answers) == 1
    assert sum(isinstance(answer, operations.AlreadyApplied) for answer in answers) == 2
