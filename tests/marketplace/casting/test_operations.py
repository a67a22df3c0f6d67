"""Casting's rules: one live application, answers by a date, places that cannot be given away twice."""

from datetime import timedelta
from typing import Any

import pytest

from kit.errors import Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.casting import operations
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, ApplicationState, Reason
from marketplace.gigs import operations as gig_operations
from marketplace.gigs.models import Gig
from tests import stories
from tests.database import together

AT = stories.BEFORE


def applied(gig: Gig, performer: Any = None) -> Application:
    performer = performer or stories.a_performer()
    return operations.apply(
        gig=gig, performer=performer, note="", answers={}, by=stories.acting(performer), at=AT
    )


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
            operations.apply(
                gig=gig,
                performer=stories.a_performer(),
                note="",
                answers={},
                by=stories.acting(stories.a_performer()),
                at=AT,
            )

    def test_names_every_answer_that_does_not_hold(self) -> None:
        gig = stories.a_gig(stories.a_company())
        gig.questions.create(position=1, text="Why?")
        gig.questions.create(position=2, text="Sure?", kind="yes_no")
        performer = stories.a_performer()
        with pytest.raises(Invalid) as refused:
            operations.apply(
                gig=gig,
                performer=performer,
                note="",
                answers={2: "maybe", 9: "?"},
                by=stories.acting(performer),
                at=AT,
            )
        assert {(e["field"], e["code"]) for e in refused.value.errors} == {
            ("answers.1", "required"),
            ("answers.2", "not_a_choice"),
            ("answers.9", "unknown_field"),
        }
        assert not Application.objects.exists()


@pytest.mark.django_db
class TestAnswering:
    @pytest.mark.parametrize("state", list(ApplicationState))
    def test_declines_only_what_waits(self, state: ApplicationState) -> None:
        application = applied(stories.a_gig(stories.a_company()))
        Application.objects.filter(pk=application.pk).update(
            state=state, offer_expires_at=AT, reason=Reason.SKILLS if state == "not_selected" else ""
        )
        owner = stories.owner_of(application.gig.company)
        if state in OPEN:
            done = operations.decline(application=application, reason=Reason.SKILLS, by=owner, at=AT)
            assert (done.state, done.decided_at) == ("not_selected", AT)
        else:
            with pytest.raises(IllegalMove):
                operations.decline(application=application, reason=Reason.SKILLS, by=owner, at=AT)

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
def test_a_double_press_applies_once() -> None:
    gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
    answers = together([lambda: applied(gig, performer)] * 3)
    assert sum(isinstance(answer, Application) for answer in answers) == 1
    assert sum(isinstance(answer, operations.AlreadyApplied) for answer in answers) == 2
