"""A row that no job of the calendar can work off holds up no other: it is put off, ever later, and shown at the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model, QuerySet

from accounts.access.roles import Staff
from accounts.notifications.models import Notification
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.retries import operations as retries
from marketplace.retries.models import Retry
from marketplace.sessions import moving
from marketplace.sessions.models import Move
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.reminders import remind
from marketplace.timekeeping.silence import decide_unanswered
from tests import stories
from tests.accounts.standing.doors import Person
from tests.marketplace.desk.test_desk import rows as waiting_at_the_desk
from tests.marketplace.retries.poison import cannot_be_told, cured, poisoned

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ItIs = Callable[[datetime], None]


@dataclass
class Work:
    """What a job has to do at `at`: `waiting` are the rows, the eldest of them poisoned."""

    job: Callable[..., object]
    at: datetime
    waiting: QuerySet[Any]
    table: str

    def left(self) -> list[int]:
        return list(self.waiting.order_by("pk").values_list("pk", flat=True))


def _work(job: Callable[..., object], at: datetime, waiting: QuerySet[Any]) -> Work:
    eldest: Model = waiting.order_by("pk")[0]
    poisoned(eldest)
    return Work(job, at, waiting, eldest._meta.db_table)


def offers_that_ran_out() -> Work:
    gig = stories.a_gig(stories.a_company(), openings=2)
    for _ in range(2):
        stories.is_offered(stories.a_performer(), gig)
    return _work(
        casting.expire, stories.BEFORE + casting.OFFER_STANDS, Application.objects.filter(state="offered")
    )


def moves_that_nobody_answered() -> Work:
    company, due = stories.a_company(), stories.CALL
    for day in range(2):
        session = stories.a_pair_booked(company, call_at=stories.CALL + timedelta(days=day))
        us = stories.owner_of(company)
        new = session.call_at + HOUR
        move = moving.propose_move(session=session, call_at=new, by=us, at=stories.CALL - timedelta(days=1))
        due = max(due, move.answer_due_at)
    return _work(moving.lapse_moves, due, Move.objects.filter(state="asked"))


def engagements_whose_performers_are_ready() -> Work:
    gig = stories.a_gig(stories.a_company(), openings=2)
    for _ in range(2):
        performer = stories.a_performer()
        _skills(performer, [])
        stories.an_active_engagement(gig, performer)
        _skills(performer, ["duo"])
    return _work(
        engagements.activate_ready, stories.BEFORE + HOUR, Engagement.objects.filter(state="onboarding")
    )


def weeks_that_ended() -> Work:
    stories.they_play(stories.a_pair_booked())
    return _work(timekeeping.open_reviews, stories.REVIEW_DAY, Timesheet.objects.filter(state="open"))


def weeks_that_performers_left() -> Work:
    stories.they_play(stories.a_pair_booked())
    week = stories.the_week_is_over()
    at = week.performer_due_for(stories.REVIEW_DAY)
    return _work(timekeeping.submit_due, at, Timesheet.objects.filter(state="performer_review"))


def weeks_that_companies_left() -> Work:
    week = _with_the_company()
    at = week.company_due_for(stories.REVIEW_DAY)
    return _work(timekeeping.auto_approve_due, at, Timesheet.objects.filter(state="client_review"))


def disputes_that_nobody_answered() -> Work:
    for line in stories.they_play(stories.a_pair_booked()):
        stories.questions(line)
    at = Dispute.objects.latest("pk").answer_due_at
    return _work(decide_unanswered, at, Dispute.objects.filter(resolved_at=None))


def _with_the_company() -> PayWeek:
    stories.they_play(stories.a_pair_booked())
    return stories.everyone_confirms()


def _skills(performer: Performer, skills: list[str]) -> None:
    performers.update_profile(
        performer=performer,
        stage_name=performer.stage_name,
        about="",
        country="US",
        skills=skills,
        languages=skills and ["en"],
        time_zone=performer.user.time_zone,
        by=stories.acting(performer),
        at=stories.BEFORE,
    )


JOBS = (
    offers_that_ran_out,
    moves_that_nobody_answered,
    engagements_whose_performers_are_ready,
    weeks_that_ended,
    weeks_that_performers_left,
    weeks_that_companies_left,
    disputes_that_nobody_answered,
)


@pytest.mark.parametrize("made", JOBS, ids=lambda made: made.__name__)
class TestAPoisonedRow:
    def test_holds_up_no_other_and_is_tried_ever_later(self, made: Callable[[], Work]) -> None:
        work = made()
        poison, _ = work.left()
        work.job(at=work.at)
        assert work.left() == [poison]
        waits = Retry.objects.get()
        assert (waits.row, waits.tries, waits.due_at) == (poison, 1, work.at + 10 * SECOND)
        work.job(at=waits.due_at - SECOND)
        assert Retry.objects.get().tries == 1
        work.job(at=waits.due_at)
        waits.refresh_from_db()
        assert (waits.tries, waits.due_at) == (2, work.at + 30 * SECOND)

    def test_is_shown_at_the_desk_until_it_is_worked_off(self, made: Callable[[], Work], it_is: ItIs) -> None:
        work = made()
        desk = Person(stories.a_member_of_staff(Staff.TALENT), "page")
        it_is(work.at)
        for minute in range(3):
            assert waiting_at_the_desk(desk, what="calendar") == []
            work.job(at=work.at + minute * MINUTE)
        (row,) = waiting_at_the_desk(desk, what="calendar")
        assert row["detail"].startswith("It failed 3 times (ProgrammingError).")
        assert desk.client.get(row["path"]).status_code == 200
        assert row["title"] in desk.reads("/desk/")
        cured(work.table)
        work.job(at=work.at + HOUR)
        assert (work.left(), waiting_at_the_desk(desk, what="calendar")) == ([], [])


def test_whoever_cannot_be_told_keeps_nobody_from_being_reminded() -> None:
    stories.they_play(stories.a_pair_booked())
    week = stories.the_week_is_over()
    at = week.performer_due_for(stories.REVIEW_DAY) - HOUR
    first, second = Timesheet.objects.order_by("pk").values_list("performer__user_id", flat=True)
    cannot_be_told(first)
    remind(at=at)
    told = Notification.objects.filter(title="Your week waits for you").values_list("user_id", flat=True)
    assert list(told) == [second]
    cured("accounts_notification")
    remind(at=at + MINUTE)
    assert sorted(told.all()) == sorted([first, second])
    assert not Retry.objects.exists()


def test_as_many_poisoned_rows_as_a_batch_holds_do_not_starve_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries, "BATCH", 1)
    work = weeks_that_ended()
    work.job(at=work.at)
    assert len(work.left()) == 1


def test_a_row_that_left_by_itself_is_forgotten() -> None:
    work = weeks_that_performers_left()
    work.job(at=work.at)
    cured(work.table)
    sheet = Timesheet.objects.select_related("performer__user").get(state="performer_review")
    timekeeping.submit_timesheet(timesheet=sheet, by=stories.acting(sheet.performer), at=work.at)
    work.job(at=work.at + SECOND)
    assert not Retry.objects.exists()


def test_lines_of_a_week_are_approved_though_another_week_is_poisoned() -> None:
    work = weeks_that_companies_left()
    work.job(at=work.at)
    assert sorted(TimeLine.objects.values_list("state", flat=True)) == ["approved", "recorded"]
