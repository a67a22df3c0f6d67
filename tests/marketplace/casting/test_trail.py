"""What each act on an application leaves: its row in the trail, and news to the applicant where the other side acted."""

from datetime import datetime, timedelta

import pytest

from accounts.access.roles import Role
from marketplace.casting import operations
from marketplace.casting.models import Application
from marketplace.endings import operations as endings
from tests import stories
from tests.marketplace.casting.test_operations import applied, takes
from tests.marketplace.trail import done, left_by

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
# What was done before, the act, its rows in the trail, and what the applicant is told of it.
OURS: list[tuple[list[str], str, list[str], list[str]]] = [
    ([], "shortlist", ["application.shortlisted"], ["You are on the shortlist"]),
    ([], "decline", ["application.not_selected"], ["Not this time"]),
    ([], "offer", ["application.shortlisted", "application.offered"], ["You have an offer"]),
    (["shortlist"], "offer", ["application.offered"], ["You have an offer"]),
]
THEIRS: list[tuple[list[str], str, list[str]]] = [
    ([], "withdraw", ["application.withdrawn"]),
    (["offer"], "decline_offer", ["application.declined"]),
    (["offer"], "accept", ["application.accepted", "engagement.sent"]),
]


def an_application(*before: str) -> Application:
    application = applied(stories.a_gig(stories.a_company()), stories.a_performer("Ada Quill"))
    for step in before:
        takes(application, step)
    return application


@pytest.mark.parametrize(("before", "step", "verbs", "titles"), OURS)
def test_what_the_company_does_is_told_to_the_applicant(
    before: list[str], step: str, verbs: list[str], titles: list[str]
) -> None:
    application = an_application(*before)
    left = left_by(lambda: takes(application, step))
    assert left.trail == done(*verbs, by=stories.owner_of(application.gig.company), at=AT)
    assert left.told == [("Ada Quill", title, f"/work/#{application.public_id}") for title in titles]


@pytest.mark.parametrize(("before", "step", "verbs"), THEIRS)
def test_what_the_applicant_does_is_in_the_trail(before: list[str], step: str, verbs: list[str]) -> None:
    application = an_application(*before)
    left = left_by(lambda: takes(application, step))
    assert left.trail == done(*verbs, by=stories.acting(application.performer), at=AT)
    application.refresh_from_db()
    assert application.decided_at == AT


def test_an_offer_that_is_taken_back_is_told() -> None:
    application = an_application("offer")
    us = stories.owner_of(application.gig.company)
    left = left_by(lambda: operations.take_offer_back(application=application, by=us, at=AT))
    assert left.trail == done("application.shortlisted", by=us, at=AT)
    assert left.told == [("Ada Quill", "An offer was taken back", f"/work/#{application.public_id}")]


def time_comes(at: datetime) -> None:
    """What the calendar does."""
    operations.expire(at=at)
    operations.remind_of_offers(at=at)
    operations.remind_of_answers(at=at)


def test_an_offer_that_runs_out_is_told_a_day_before_and_then() -> None:
    application = an_application("offer")
    here, ends = f"/work/#{application.public_id}", AT + operations.OFFER_STANDS
    a_day_before = ends - operations.OFFER_REMINDER
    assert left_by(lambda: time_comes(at=a_day_before - timedelta(seconds=1))).told == []
    reminded = left_by(lambda: time_comes(at=a_day_before))
    assert reminded.told == [("Ada Quill", "An offer runs out soon", here)]
    assert left_by(lambda: time_comes(at=ends - timedelta(seconds=1))).told == []
    over = left_by(lambda: time_comes(at=ends))
    assert over.trail == done("application.expired", by=operations.SYSTEM, at=ends)
    us = stories.person(stories.owner_of(application.gig.company)).name
    assert over.told == [
        ("Ada Quill", "An offer has run out", here),
        (us, "Your offer has run out", f"/gigs/{application.gig.public_id}/applicants/"),
    ]


def test_an_offer_that_stands_for_a_day_or_less_has_no_reminder() -> None:
    application = an_application()
    us = stories.owner_of(application.gig.company)
    for stands in (operations.OFFER_REMINDER, operations.OFFER_REMINDER + timedelta(seconds=1)):
        operations.offer(applications=[application], stands=stands, by=us, at=AT)
        told = left_by(lambda: time_comes(at=AT + timedelta(seconds=1))).told
        assert len(told) == (stands > operations.OFFER_REMINDER)
        operations.take_offer_back(application=application, by=us, at=AT)


def test_an_answer_that_is_overdue_is_told_to_those_who_cast_once_a_day() -> None:
    application = an_application()
    company, due_at = application.gig.company, application.answer_due_at
    for role in (Role.REVIEWER, Role.BILLING):
        member = stories.a_member(company, role)
        member.name = role.title()
        member.save()
    assert due_at is not None
    assert left_by(lambda: time_comes(at=due_at - timedelta(seconds=1))).told == []
    told = left_by(lambda: time_comes(at=due_at)).told
    assert {title for _, title, _ in told} == {"Applicants wait for an answer"}
    assert {path for *_, path in told} == {f"/gigs/{application.gig.public_id}/applicants/"}
    assert "Billing" not in {who for who, *_ in told}
    assert left_by(lambda: time_comes(at=due_at + timedelta(hours=1))).told == []
    assert left_by(lambda: time_comes(at=due_at + timedelta(days=1))).told == told


def test_a_gig_that_ends_answers_whoever_waits() -> None:
    application = an_application("offer")
    gig = application.gig
    us = stories.owner_of(gig.company)
    left = left_by(lambda: endings.cancel_gig(gig=gig, reason="No studio.", by=us, at=AT))
    assert ("application.not_selected", us.label, AT) in left.trail
    assert left.told == [("Ada Quill", "Not this time", f"/work/#{application.public_id}")]
