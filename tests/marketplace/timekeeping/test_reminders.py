"""Before each deadline whoever is asked is reminded, once, in their own zone; and of nothing that is over."""

from datetime import datetime, timedelta

import pytest

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.notifications.models import Notification
from kit.instants import in_words
from marketplace.casting import operations as casting
from marketplace.engagements import operations as engagements
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.disputes import disagree
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine
from marketplace.timekeeping.reminders import remind
from tests import stories

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
TOKYO = "Asia/Tokyo"


def told(user: User, title: str) -> list[str]:
    return list(Notification.objects.filter(user=user, title=title).values_list("body", flat=True))


def is_reminded_once(user: User, title: str, *, from_at: datetime, due_at: datetime, zone: str = "") -> None:
    """Not a second early, then once however often the calendar ticks, with the deadline in their zone."""
    remind(at=from_at - SECOND)
    assert told(user, title) == []
    for at in (from_at, from_at + SECOND, due_at - SECOND, due_at, due_at + DAY):
        remind(at=at)
    (body,) = told(user, title)
    assert in_words(due_at, zone or user.time_zone) in body


@pytest.fixture
def line() -> TimeLine:
    """Of a performer in Tokyo, whose week is over and was opened in time."""
    performer = stories.a_performer(zone=TOKYO)
    gig = stories.a_gig(stories.a_company())
    session = stories.a_booked_session(
        stories.an_active_engagement(gig, performer), stories.an_active_engagement(gig)
    )
    lines = stories.they_play(session)
    timekeeping.open_reviews(at=stories_week().ends_at)
    return next(each for each in lines if each.timesheet.performer_id == performer.pk)


def stories_week() -> PayWeek:
    return timekeeping.ensure_week(starts_on=stories.MONDAY)


def owner_of(line: TimeLine) -> User:
    return stories.person(stories.owner_of(line.timesheet.company))


CONFIRM, APPROVE = "Your week waits for you", "A week is approved soon"
ANSWER, DECIDE = "A dispute waits for your answer", "A dispute is to be decided soon"


class TestTheWeek:
    def test_of_a_performer_is_due_in_three_hours(self, line: TimeLine) -> None:
        due_at = stories_week().performer_due_at
        user = line.timesheet.performer.user
        is_reminded_once(user, CONFIRM, from_at=due_at - 3 * HOUR, due_at=due_at, zone=TOKYO)

    def test_that_is_confirmed_reminds_nobody(self, line: TimeLine) -> None:
        stories.everyone_confirms(stories_week(), at=stories_week().ends_at)
        remind(at=stories_week().performer_due_at - HOUR)
        assert not Notification.objects.filter(title=CONFIRM).exists()

    def test_of_a_company_is_due_in_a_day(self, line: TimeLine) -> None:
        week = stories_week()
        stories.everyone_confirms(week, at=week.ends_at)
        due_at = week.company_due_at
        is_reminded_once(owner_of(line), APPROVE, from_at=due_at - DAY, due_at=due_at)

    def test_that_came_late_is_not_told_twice_at_once(self, line: TimeLine) -> None:
        week = stories_week()
        timekeeping.submit_due(at=week.company_due_at)
        for hours in (0, 1, 23):
            remind(at=week.company_due_at + hours * HOUR)
        assert told(owner_of(line), APPROVE) == []

    def test_that_is_approved_reminds_nobody(self, line: TimeLine) -> None:
        week = stories_week()
        stories.everyone_confirms(week, at=week.ends_at)
        by = stories.owner_of(line.timesheet.company)
        timekeeping.approve_week(company=line.timesheet.company, week=week, by=by, at=week.ends_at)
        remind(at=week.company_due_at - HOUR)
        assert told(owner_of(line), APPROVE) == []


class TestADispute:
    @pytest.mark.parametrize("by", ["performer", "company"])
    def test_reminds_the_side_that_was_asked(self, line: TimeLine, by: str) -> None:
        company = stories.owner_of(line.timesheet.company)
        dispute = stories.questions(line, by=None if by == "performer" else company)
        both = owner_of(line), line.timesheet.performer.user
        asked, asker = both if by == "performer" else both[::-1]
        due_at = dispute.answer_due_at
        is_reminded_once(asked, ANSWER, from_at=due_at - DAY, due_at=due_at)
        assert told(asker, ANSWER) == []

    def test_that_was_answered_reminds_talent_operations_alone(self, line: TimeLine) -> None:
        talent = stories.a_member_of_staff(Staff.TALENT)
        dispute = stories.questions(line)
        by = stories.owner_of(line.timesheet.company)
        disagree(dispute=dispute, text="No.", by=by, at=stories.REVIEW_DAY)
        due_at = stories.REVIEW_DAY + 5 * DAY
        is_reminded_once(talent, DECIDE, from_at=due_at - DAY, due_at=due_at)
        assert told(owner_of(line), ANSWER) == []

    def test_that_is_over_reminds_nobody(self, line: TimeLine) -> None:
        talent = stories.a_member_of_staff(Staff.TALENT)
        dispute = stories.questions(line)
        company, me = stories.owner_of(line.timesheet.company), stories.acting(line.timesheet.performer)
        disagree(dispute=dispute, text="No.", by=company, at=stories.REVIEW_DAY)
        timekeeping.resolve_dispute(
            dispute=dispute, resolution="Settled.", adjusted_s=None, by=me, at=stories.REVIEW_DAY
        )
        remind(at=stories.REVIEW_DAY + 5 * DAY - HOUR)
        assert told(talent, DECIDE) == []
        assert Dispute.objects.for_talent().count() == 0


class TestAfterTheDeadline:
    """The calendar was away: who is late already is not told to hurry."""

    def test_of_a_week_nobody_is_reminded(self, line: TimeLine) -> None:
        remind(at=stories_week().performer_due_at)
        assert not Notification.objects.filter(title=CONFIRM).exists()
        stories.everyone_confirms(stories_week(), at=stories_week().ends_at)
        remind(at=stories_week().company_due_at)
        assert told(owner_of(line), APPROVE) == []

    def test_of_a_dispute_nobody_is_reminded(self, line: TimeLine) -> None:
        talent = stories.a_member_of_staff(Staff.TALENT)
        dispute = stories.questions(line)
        remind(at=dispute.answer_due_at)
        assert told(owner_of(line), ANSWER) == []
        by = stories.owner_of(line.timesheet.company)
        disagree(dispute=dispute, text="No.", by=by, at=stories.REVIEW_DAY)
        remind(at=stories.REVIEW_DAY + 5 * DAY)
        assert told(talent, DECIDE) == []


class TestAnOffer:
    TITLE = "An offer runs out soon"

    def test_reminds_a_day_before_it_runs_out(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer(zone=TOKYO)
        applied = casting.apply(
            gig=gig, performer=performer, note="", answers={}, by=stories.acting(performer), at=stories.BEFORE
        )
        casting.offer(applications=[applied], by=stories.owner_of(gig.company), at=stories.BEFORE)
        applied.refresh_from_db()
        due_at = applied.offer_expires_at
        assert due_at is not None
        casting.remind_of_offers(at=due_at - DAY - SECOND)
        assert told(performer.user, self.TITLE) == []
        for at in (due_at - DAY, due_at - HOUR, due_at, due_at + DAY):
            casting.expire(at=at)
            casting.remind_of_offers(at=at)
        (body,) = told(performer.user, self.TITLE)
        assert in_words(due_at, TOKYO) in body

    def test_that_was_answered_reminds_nobody(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        by = stories.acting(performer)
        applied = casting.apply(gig=gig, performer=performer, note="", answers={}, by=by, at=stories.BEFORE)
        casting.offer(applications=[applied], by=stories.owner_of(gig.company), at=stories.BEFORE)
        casting.decline_offer(application=applied, by=by, at=stories.BEFORE)
        casting.remind_of_offers(at=stories.BEFORE + 3 * DAY - HOUR)
        assert told(performer.user, self.TITLE) == []


class TestASignature:
    TITLE = "Terms wait for your signature"

    def test_that_waits_three_days_is_asked_for_once_of_whoever_is_next(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        by, at = stories.acting(performer), stories.BEFORE
        applied = casting.apply(gig=gig, performer=performer, note="", answers={}, by=by, at=at)
        casting.offer(applications=[applied], by=stories.owner_of(gig.company), at=at)
        applied.refresh_from_db()
        engagement = engagements.accept_offer(application=applied, by=by, at=at)
        owner = stories.person(stories.owner_of(gig.company))
        remind(at=at + 3 * DAY - SECOND)
        assert told(performer.user, self.TITLE) == told(owner, self.TITLE) == []
        for days in (3, 4, 9):
            remind(at=at + days * DAY)
        assert (len(told(performer.user, self.TITLE)), told(owner, self.TITLE)) == (1, [])
        user, sha256 = performer.user, engagement.versions.get().text_sha256
        signed = at + 9 * DAY
        engagements.sign_as_performer(
            engagement=engagement,
            name=user.name,
            read_sha256=sha256,
            by=stories.proved(by, at=signed),
            at=signed,
        )
        for seconds in (-1, 0, 1):
            remind(at=signed + 3 * DAY + seconds * SECOND)
            assert len(told(owner, self.TITLE)) == (seconds >= 0)
        assert len(told(user, self.TITLE)) == 1
        engagement.refresh_from_db()
        engagements.terminate(engagement=engagement, reason="Done.", by=by, at=at + 9 * DAY)
        Notification.objects.all().delete()
        remind(at=at + 20 * DAY)
        assert not Notification.objects.filter(title=self.TITLE).exists()
