"""From reckoned lines to an approved, locked and paid week."""

from datetime import timedelta

import pytest

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests import stories

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
        finance = Actor.of_system("payroll")
        assert timekeeping.lock_timesheets(week=week, by=finance, at=week.close_at) == 2
        sheets = Timesheet.objects.all()
        performers = [sheet.performer_id for sheet in sheets]
        paid = timekeeping.mark_paid(week=week, performers=performers[:1], by=finance, at=week.close_at)
        assert paid == 1
