"""A line that comes when its week is under review: both sides are told, and have their time; the others are not held up."""

from datetime import datetime, timedelta

import pytest

from accounts.notifications.models import Notification
from kit.instants import in_words
from marketplace.sessions.models import Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def two_sessions() -> tuple[Session, Session]:
    """Of one performer in one week; the first is played and reckoned, of the second no word has come yet."""
    engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    early = stories.a_booked_session(engaged)
    late = stories.a_booked_session(engaged, call_at=stories.CALL + DAY, at=stories.BEFORE + DAY)
    stories.they_play(early)
    return early, late


def the_late_one_comes(session: Session, *, at: datetime) -> TimeLine:
    (line,) = stories.they_play(session, heard_at=at)
    return line


class TestOfAWeekThatIsWithTheCompany:
    def test_has_a_time_of_its_own_and_holds_up_no_other(self) -> None:
        early, late = two_sessions()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        # Where it is not reckoned, a week waits for it, but not beyond its performer's deadline.
        timekeeping.open_reviews(at=week.performer_due_at)
        stories.everyone_confirms(week, at=week.performer_due_at)
        came_at = week.company_due_at - HOUR
        line = the_late_one_comes(late, at=came_at)
        due_at = came_at + DAY
        assert (line.timesheet.state, line.told_at, line.company_due_at) == ("client_review", came_at, due_at)
        assert timekeeping.auto_approve_due(at=week.company_due_at) == 1
        assert TimeLine.objects.get(seat__session=early).state == "approved"
        assert timekeeping.auto_approve_due(at=due_at - SECOND) == 0
        assert Timesheet.objects.get().state == "client_review"
        assert timekeeping.auto_approve_due(at=due_at) == 1
        assert Timesheet.objects.get().state == "auto_approved"

    def test_is_told_to_both_with_their_deadline(self) -> None:
        _, late = two_sessions()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        timekeeping.open_reviews(at=week.performer_due_at)
        stories.everyone_confirms(week, at=week.performer_due_at)
        line = the_late_one_comes(late, at=week.company_due_at - HOUR)
        owner, me = stories.person(stories.owner_of(late.company)), line.timesheet.performer.user
        for user, title in ((owner, "A line of a week came late"), (me, "A line of your week came late")):
            told = Notification.objects.get(user=user, title=title)
            assert f"Look at it by {in_words(line.company_due_at, user.time_zone)}" in told.body
            assert logs_in(user).get(told.path).status_code == 200
        assert body_of(Api(client=logs_in(me)).get(f"time-lines/{line.public_id}"))["company_due_at"]

    def test_is_approved_by_the_company_as_soon_as_it_has_looked(self) -> None:
        _, late = two_sessions()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        timekeeping.open_reviews(at=week.performer_due_at)
        stories.everyone_confirms(week, at=week.performer_due_at)
        came_at = week.company_due_at - HOUR
        the_late_one_comes(late, at=came_at)
        us = stories.owner_of(late.company)
        assert timekeeping.approve_week(company=late.company, week=week, by=us, at=came_at) == 2
        assert Timesheet.objects.get().state == "approved"


def test_of_a_week_that_is_with_its_performer_begins_their_time_anew() -> None:
    _, late = two_sessions()
    week = timekeeping.ensure_week(starts_on=stories.MONDAY)
    timekeeping.open_reviews(at=week.performer_due_at)
    came_at = week.performer_due_at + 9 * HOUR
    line = the_late_one_comes(late, at=came_at)
    assert line.told_at is None
    assert Timesheet.objects.get().told_performer_at == came_at
    assert Notification.objects.filter(title="A line of your week came late").count() == 1
    assert timekeeping.submit_due(at=came_at + 10 * HOUR - SECOND) == 0
    assert timekeeping.submit_due(at=came_at + 10 * HOUR) == 1


def test_of_an_open_week_is_news_with_the_week() -> None:
    _, late = two_sessions()
    the_late_one_comes(late, at=late.scheduled_end_at + HOUR)
    assert not Notification.objects.filter(title="A line of your week came late").exists()


class TestALineThatIsWorkedOutAnew:
    """Word comes that they played, when the week says that they did not."""

    def played_after_all(self) -> tuple[Session, TimeLine]:
        _, late = two_sessions()
        stories.they_play(late, performers=[])
        return late, TimeLine.objects.get(seat__session=late)

    def test_has_a_new_time_of_its_own_at_the_company(self) -> None:
        late, _ = self.played_after_all()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        timekeeping.open_reviews(at=week.performer_due_at)
        stories.everyone_confirms(week, at=week.performer_due_at)
        heard_at = week.company_due_at - HOUR
        line = the_late_one_comes(late, at=heard_at)
        assert (line.told_at, line.company_due_at) == (heard_at, heard_at + DAY)
        assert timekeeping.auto_approve_due(at=heard_at + DAY - SECOND) == 1  # the other line
        assert TimeLine.objects.get(pk=line.pk).state == "recorded"
        assert timekeeping.auto_approve_due(at=heard_at + DAY) == 1
        assert Timesheet.objects.get().state == "auto_approved"

    def test_begins_its_performers_time_anew(self) -> None:
        late, _ = self.played_after_all()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        timekeeping.open_reviews(at=week.performer_due_at)
        heard_at = week.performer_due_at + 9 * HOUR
        the_late_one_comes(late, at=heard_at)
        assert timekeeping.submit_due(at=heard_at + 10 * HOUR - SECOND) == 0
        assert timekeeping.submit_due(at=heard_at + 10 * HOUR) == 1

    def test_with_the_same_pay_is_no_news(self) -> None:
        late, _ = self.played_after_all()
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        timekeeping.open_reviews(at=week.performer_due_at)
        stories.they_play(late, performers=[], heard_at=week.performer_due_at + HOUR)
        assert not Notification.objects.filter(title__contains="worked out anew").exists()
