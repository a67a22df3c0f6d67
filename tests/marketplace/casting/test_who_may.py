"""Each act of casting is of those who may do it for that company, while the gig takes it and both sides are in good standing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.access.standings import NotApproved, Suspended
from accounts.keys.acting import of_user
from kit.errors import DomainError, Forbidden, Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.casting import operations, queries
from marketplace.casting.models import Application
from marketplace.casting.states import Reason
from marketplace.engagements import operations as engagements
from tests import stories
from tests.marketplace.casting.test_operations import WAYS, applied, takes

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
Act = Callable[[Application, Actor], object]
ACTS: dict[str, tuple[Act, set[Role]]] = {
    "shortlist": (
        lambda one, by: operations.shortlist(application=one, by=by, at=AT),
        {Role.OWNER, Role.PRODUCER, Role.REVIEWER},
    ),
    "decline": (
        lambda one, by: operations.decline(application=one, reason=Reason.SKILLS, by=by, at=AT),
        {Role.OWNER, Role.PRODUCER, Role.REVIEWER},
    ),
    "offer": (
        lambda one, by: operations.offer(applications=[one], by=by, at=AT),
        {Role.OWNER, Role.PRODUCER},
    ),
    "take back": (
        lambda one, by: operations.take_offer_back(application=one, by=by, at=AT),
        {Role.OWNER, Role.PRODUCER},
    ),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_takes_a_role_that_may_in_the_company_whose_gig_it_is(act: str) -> None:
    application = applied(stories.a_gig(stories.a_company()))
    if act == "take back":
        takes(application, "offer")
        application.refresh_from_db()
    (does, may), company, state = ACTS[act], application.gig.company, application.state
    others = (stories.owner_of(stories.a_company()), stories.acting(application.performer))
    for other in others:
        with pytest.raises(NotFound):
            does(application, other)
    for role in set(Role) - may:
        with pytest.raises(Forbidden):
            does(application, of_user(stories.a_member(company, role)))
    application.refresh_from_db()
    assert application.state == state
    does(application, of_user(stories.a_member(company, min(may - {Role.OWNER}, key=list(Role).index))))
    application.refresh_from_db()
    assert application.state != state


@pytest.mark.parametrize("state", ["submitted", "shortlisted", "accepted", "expired"])
def test_only_an_offer_that_stands_is_taken_back(state: str) -> None:
    application = applied(stories.a_gig(stories.a_company(), openings=2))
    for step in WAYS[state]:
        takes(application, step)
    with pytest.raises(IllegalMove):
        operations.take_offer_back(
            application=application, by=stories.owner_of(application.gig.company), at=AT
        )
    application.refresh_from_db()
    assert application.state == state


def test_an_offer_is_to_one_at_least_and_fifty_at_most() -> None:
    gig = stories.a_gig(stories.a_company(), openings=2)
    application, us = applied(gig), stories.owner_of(gig.company)
    for many in ([], [application] * 51):
        with pytest.raises(Invalid) as refused:
            operations.offer(applications=many, by=us, at=AT)
        assert (refused.value.errors[0]["field"], refused.value.errors[0]["code"]) == (
            "applications",
            "out_of_range",
        )
    (offered,) = operations.offer(applications=[application], message=" Yes! ", by=us, at=AT)
    assert (offered.offer_message, offered.offered_at) == ("Yes!", AT)
    assert offered.offer_expires_at == AT + timedelta(hours=72)


def test_an_offer_that_ran_out_is_made_anew_but_not_beside_a_second_application() -> None:
    gig, us = (gig := stories.a_gig(stories.a_company(), openings=3)), stories.owner_of(gig.company)
    application = applied(gig)
    for step in WAYS["expired"]:
        takes(application, step)
    applied(gig)  # another performer's stands in nobody's way
    application.refresh_from_db()
    second = applied(gig, application.performer)
    with pytest.raises(operations.AlreadyApplied):
        operations.offer(applications=[application], by=us, at=AT)
    operations.withdraw(application=second, by=stories.acting(application.performer), at=AT)
    assert operations.offer(applications=[application], by=us, at=AT)[0].state == "offered"


@pytest.mark.parametrize("whose", ["company", "performer"])
def test_who_is_suspended_neither_offers_nor_is_offered_nor_accepts(whose: str) -> None:
    gig = stories.a_gig(stories.a_company(), openings=2)
    waiting, offered = applied(gig), applied(gig)
    takes(offered, "offer")
    us = stories.owner_of(gig.company)
    if whose == "company":
        stories.is_suspended(gig.company)
    else:
        stories.is_suspended(waiting.performer)
        stories.is_suspended(offered.performer)
    for act in (
        lambda: operations.offer(applications=[waiting], by=us, at=AT),
        lambda: engagements.accept_offer(application=offered, by=stories.acting(offered.performer), at=AT),
    ):
        with pytest.raises((Suspended, operations.GigNotOpen, IllegalMove)):
            act()
    waiting.refresh_from_db()
    assert waiting.state != "offered"
    assert not hasattr(Application.objects.get(pk=offered.pk), "engagement")


def test_a_place_that_is_offered_or_taken_is_no_other_ones() -> None:
    gig = stories.a_gig(stories.a_company(), openings=1)
    first, second = applied(gig), applied(gig)
    us = stories.owner_of(gig.company)
    takes(first, "offer")
    for step in ("", "accept"):
        if step:
            takes(first, step)
        with pytest.raises(operations.NoOpenings, match="seeks 1, and 1 are"):
            operations.offer(applications=[second], by=us, at=AT)
    other_gig = stories.a_gig(gig.company, openings=1)
    assert operations.offer(applications=[applied(other_gig)], by=us, at=AT)[0].state == "offered"


@pytest.mark.parametrize("text", ["YES", " no ", "maybe", ""])
def test_a_question_of_yes_or_no_is_answered_so(text: str) -> None:
    gig = stories.a_gig(stories.a_company())
    gig.questions.create(position=1, text="Sure?", kind="yes_no", required=False)
    gig.questions.create(position=2, text="Why?", required=False)
    performer = stories.a_performer()
    if text == "maybe":
        with pytest.raises(Invalid) as refused:
            stories.applies(performer, gig, answers={1: text})
        assert [(e["field"], e["code"]) for e in refused.value.errors] == [("answers.1", "not_a_choice")]
    else:
        made = stories.applies(performer, gig, note=" Hello. ", answers={1: text, 2: "maybe"})
        assert made.note == "Hello."
        told = [text.strip()] if text else []
        assert [answer.text for answer in made.answers.order_by("question__position")] == [*told, "maybe"]


def test_who_was_never_asked_about_does_not_apply() -> None:
    newcomer = stories.a_newcomer()
    refusal: type[DomainError] = NotApproved
    with pytest.raises(refusal):
        stories.applies(newcomer, stories.a_gig(stories.a_company()))


def test_a_queue_has_what_waits_first_by_its_date_and_names_whom_the_company_said_yes_to() -> None:
    gig = stories.a_gig(stories.a_company(), openings=3)
    late, soon, offered = (
        stories.applies(stories.a_performer(name), gig, at=AT + timedelta(days=days))
        for name, days in (("Ada", 1), ("Bo", 0), ("Cy", -1))
    )
    takes(offered, "offer")
    assert list(queries.queue(gig.pk)) == [soon, late, offered]
    shown = [queries.shown_name(one) for one in queries.queue(gig.pk)]
    assert shown == [f"Applicant {soon.pk}", f"Applicant {late.pk}", "Cy"]
    assert list(queries.applications_of(stories.acting(late.performer))) == [late]
