"""From reckoned lines to an approved, locked and paid week."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent
from accounts.notifications.models import Notification
from kit.instants import in_words
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping import queries
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db


class TestApproveWeek:
    def test_approves_each_line_once(self) -> None:
        session = stories.a_pair_booked()
        week = stories.an_approved_week(session)
        owner = stories.owner_of(session.company)
        assert set(TimeLine.objects.values_list("state", "worked_s", "amount_minor", "fee_minor")) == {
            ("approved", 5400, 11_100, 1_665)
        }
        assert set(Timesheet.objects.values_list("state", flat=True)) == {"approved"}
        again = timekeeping.approve_week(
            company=session.company, week=week, by=owner, at=stories.REVIEW_DAY + timedelta(hours=1)
        )
        assert again == 0
        line = TimeLine.objects.order_by("id")[0]
        trail = AuditEvent.objects.get(verb="time_line.approved", thing=line.public_id)
        assert (trail.actor, trail.from_state, trail.to_state) == (owner.label, "recorded", "approved")

    def test_leaves_what_is_excepted_until_the_calendar_approves_it(self) -> None:
        session = stories.a_pair_booked()
        lines = stories.they_play(session)
        week = stories.everyone_confirms()
        owner = stories.owner_of(session.company)
        approved = timekeeping.approve_week(
            company=session.company,
            week=week,
            by=owner,
            at=stories.REVIEW_DAY,
            except_lines=[lines[0].public_id],
        )
        assert approved == 1
        assert timekeeping.auto_approve_due(at=week.company_due_at - timedelta(seconds=1)) == 0
        assert timekeeping.auto_approve_due(at=week.company_due_at) == 1
        assert sorted(Timesheet.objects.values_list("state", flat=True)) == ["approved", "auto_approved"]
        assert timekeeping.auto_approve_due(at=week.company_due_at) == 0


class TestCalendar:
    def test_silence_carries_a_week_to_approval(self) -> None:
        session = stories.a_pair_booked()
        stories.they_play(session)
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        assert timekeeping.open_reviews(at=week.ends_at - timedelta(seconds=1)) == 0
        assert timekeeping.open_reviews(at=week.ends_at) == 2
        assert timekeeping.submit_due(at=week.performer_due_at) == 2
        assert timekeeping.auto_approve_due(at=week.company_due_at) == 2
        sheet = Timesheet.objects.all()[0]
        assert (sheet.told_performer_at, sheet.told_company_at) == (week.ends_at, week.performer_due_at)
        finance = Actor.of_system("payroll")
        assert timekeeping.lock_timesheets(week=week, by=finance, at=week.close_at) == 2
        sheets = Timesheet.objects.all()
        performers = [sheet.performer_id for sheet in sheets]
        paid = timekeeping.mark_paid(week=week, performers=performers[:1], by=finance, at=week.close_at)
        assert paid == 1


SECOND = timedelta(seconds=1)


class TestWindowsGivenBack:
    """The calendar's jobs were away: each side has its least time from when it was told, to the second."""

    def a_week_found_late(self, late: timedelta) -> tuple[PayWeek, datetime]:
        """The first look at a week that ended: so long after the performers' deadline of the calendar."""
        stories.they_play(stories.a_pair_booked())
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        told = week.performer_due_at + late
        assert timekeeping.open_reviews(at=told) == 2
        return week, told

    def test_a_performer_has_ten_hours_from_being_told(self) -> None:
        week, told = self.a_week_found_late(timedelta(hours=3))
        due = told + timedelta(hours=10)
        assert {sheet.performer_due_at for sheet in Timesheet.objects.select_related("week")} == {due}
        assert timekeeping.submit_due(at=told) == timekeeping.submit_due(at=due - SECOND) == 0
        assert timekeeping.submit_due(at=due) == 2
        # Nobody lost time on the company's side: its deadline is the calendar's.
        assert {sheet.company_due_at for sheet in Timesheet.objects.select_related("week")} == {
            week.company_due_at
        }
        assert timekeeping.auto_approve_due(at=week.company_due_at - SECOND) == 0
        assert timekeeping.auto_approve_due(at=week.company_due_at) == 2

    def test_a_company_has_a_day_from_being_told(self) -> None:
        week, told = self.a_week_found_late(timedelta(days=2))
        submitted = told + timedelta(hours=10)
        assert timekeeping.submit_due(at=submitted) == 2
        due = submitted + timedelta(hours=24)
        assert due > week.company_due_at
        assert {sheet.company_due_at for sheet in Timesheet.objects.select_related("week")} == {due}
        assert timekeeping.auto_approve_due(at=due - SECOND) == 0
        assert timekeeping.auto_approve_due(at=due) == 2

    def test_each_is_told_the_deadline_that_holds(self) -> None:
        week, told = self.a_week_found_late(timedelta(days=2))
        sheet = Timesheet.objects.select_related("performer__user", "company")[0]
        said = Notification.objects.get(user=sheet.performer.user, title="Your week is ready").body
        assert in_words(told + timedelta(hours=10), sheet.performer.user.time_zone) in said
        timekeeping.submit_timesheet(timesheet=sheet, by=stories.acting(sheet.performer), at=told)
        owner = stories.person(stories.owner_of(sheet.company))
        said = Notification.objects.get(user=owner, title="A week waits for your approval").body
        assert in_words(told + timedelta(hours=24), owner.time_zone) in said
        # The other one's comes later, with a later deadline, which the company hears too.
        assert timekeeping.submit_due(at=told + timedelta(hours=10)) == 1
        assert Notification.objects.filter(user=owner, title="A week waits for your approval").count() == 2
        company = queries.company_due_at(sheet.company, week)
        assert company == told + timedelta(hours=24)

    def test_a_week_of_before_they_were_kept_follows_the_calendar(self) -> None:
        week, _ = self.a_week_found_late(-timedelta(seconds=1))
        Timesheet.objects.update(told_performer_at=None)
        assert timekeeping.submit_due(at=week.performer_due_at - SECOND) == 0
        assert timekeeping.submit_due(at=week.performer_due_at) == 2

    def test_pages_and_api_say_it(
        self, as_someone: Callable[[Any], Caller], it_is: Callable[[datetime], None]
    ) -> None:
        week, told = self.a_week_found_late(timedelta(days=2))
        it_is(told)
        sheet = Timesheet.objects.select_related("performer__user", "company")[0]
        due = told + timedelta(hours=10)
        read = as_someone(sheet.performer).get(f"timesheets/{sheet.public_id}")[1]
        assert datetime.fromisoformat(read["performer_due_at"]) == due
        page = logs_in(sheet.performer.user).get(f"/week/{week.starts_on}/").content.decode()
        assert f'datetime="{due:%Y-%m-%dT%H:%M:%SZ}"' in page
        timekeeping.submit_due(at=due)
        it_is(due)
        due += timedelta(hours=24)
        owner = stories.person(stories.owner_of(sheet.company))
        path = f"companies/{sheet.company.public_id}/weeks/{week.starts_on}"
        assert datetime.fromisoformat(as_someone(owner).get(path)[1]["company_due_at"]) == due
        path = f"/company/{sheet.company.public_id}/week/{week.starts_on}/"
        page = logs_in(owner).get(path).content.decode()
        assert f'datetime="{due:%Y-%m-%dT%H:%M:%SZ}"' in page
