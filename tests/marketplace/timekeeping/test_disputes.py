"""A dispute about one line, and late evidence: what changes a line, and when it becomes a correction."""

from datetime import timedelta

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.audit.models import AuditEvent
from accounts.keys import acting
from kit.errors import Forbidden, Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.sessions.models import Session
from marketplace.timekeeping import disputes
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, TimeLine, Timesheet
from tests import stories

pytestmark = pytest.mark.django_db
AT = stories.REVIEW_DAY
AFTER = AT + timedelta(days=1)


def a_dispute(*, claimed_s: int = 6000) -> Dispute:
    """A performer says that time is missing, in a week that the company then approves around it."""
    session = stories.a_pair_booked()
    line = stories.they_play(session)[0]
    week = stories.the_week_is_over()
    dispute = stories.questions(line, claimed_s=claimed_s)
    stories.everyone_confirms(week)
    owner = stories.owner_of(session.company)
    assert timekeeping.approve_week(company=session.company, week=week, by=owner, at=AT) == 1
    return dispute


def talent() -> Actor:
    return acting.of_user(stories.a_member_of_staff(Staff.TALENT))


class TestDispute:
    def test_leaves_only_its_own_line_behind(self) -> None:
        dispute = a_dispute()
        assert dispute.line.state == "disputed"
        assert set(Timesheet.objects.values_list("state", flat=True)) == {"approved"}
        assert sorted(TimeLine.objects.values_list("state", flat=True)) == ["approved", "disputed"]
        week = timekeeping.ensure_week(starts_on=stories.MONDAY)
        finance = Actor.of_system("payroll")
        timekeeping.lock_timesheets(week=week, by=finance, at=week.close_at)
        both = list(Timesheet.objects.values_list("performer_id", flat=True))
        assert timekeeping.mark_paid(week=week, performers=both, by=finance, at=week.close_at) == 1

    def test_agreeing_approves_the_line_and_corrects_it_beside(self) -> None:
        dispute = a_dispute()
        owner = stories.owner_of(dispute.line.timesheet.company)
        timekeeping.resolve_dispute(dispute=dispute, resolution="Right", adjusted_s=6000, by=owner, at=AFTER)
        line = TimeLine.objects.get(pk=dispute.line_id)
        correction = TimeLine.objects.get(kind="correction")
        assert (line.state, line.payable_s, line.amount_minor) == ("approved", 5400, 11_100)
        assert (correction.state, correction.corrects_id) == ("approved", line.pk)
        assert (correction.payable_s, correction.amount_minor, correction.fee_minor) == (600, 1_233, 185)
        assert correction.timesheet.week.starts_on == stories.MONDAY + timedelta(days=7)
        line.seat.session.gig.refresh_from_db()  # type: ignore[union-attr] # a session's line has a seat
        assert line.seat.session.gig.committed_minor == 2 * 12_765 + 1_418  # type: ignore[union-attr] # as above

    def test_talent_operations_decides_anything(self) -> None:
        dispute = a_dispute()
        timekeeping.resolve_dispute(
            dispute=dispute, resolution="Not seen", adjusted_s=0, by=talent(), at=AFTER
        )
        line = TimeLine.objects.get(pk=dispute.line_id)
        assert (line.state, line.note, line.approved_at) == ("rejected", "Not seen", None)
        with pytest.raises(disputes.AlreadyResolved):
            timekeeping.resolve_dispute(dispute=dispute, resolution="?", adjusted_s=1, by=talent(), at=AFTER)

    def test_a_correction_may_go_below_zero(self) -> None:
        dispute = a_dispute()
        timekeeping.resolve_dispute(
            dispute=dispute, resolution="Less", adjusted_s=3600, by=talent(), at=AFTER
        )
        correction = TimeLine.objects.get(kind="correction")
        assert (correction.payable_s, correction.amount_minor, correction.fee_minor) == (-1800, -3_700, -555)

    def test_is_taken_back_by_who_asked(self) -> None:
        dispute = a_dispute()
        me = stories.acting(dispute.line.timesheet.performer)
        timekeeping.resolve_dispute(
            dispute=dispute, resolution="My mistake", adjusted_s=None, by=me, at=AFTER
        )
        # The company has approved the week already, so there is nobody left to approve it.
        assert TimeLine.objects.get(pk=dispute.line_id).state == "approved"

    def test_is_not_decided_by_who_asked_nor_by_halves(self) -> None:
        dispute = a_dispute()
        me = stories.acting(dispute.line.timesheet.performer)
        owner = stories.owner_of(dispute.line.timesheet.company)
        for by, adjusted_s in ((me, 6000), (owner, 5500), (owner, None)):
            with pytest.raises(disputes.NotYoursToDecide):
                timekeeping.resolve_dispute(
                    dispute=dispute, resolution="So", adjusted_s=adjusted_s, by=by, at=AFTER
                )
        stranger = stories.owner_of(stories.a_company())
        with pytest.raises(NotFound):
            timekeeping.resolve_dispute(
                dispute=dispute, resolution="So", adjusted_s=6000, by=stranger, at=AFTER
            )
        assert Dispute.objects.get().resolved_at is None

    def test_of_a_line_that_is_not_paid_is_refused(self) -> None:
        dispute = a_dispute()
        timekeeping.resolve_dispute(dispute=dispute, resolution="No", adjusted_s=0, by=talent(), at=AFTER)
        with pytest.raises(disputes.LineAlreadyDecided):
            stories.questions(dispute.line, at=AFTER)

    @pytest.mark.parametrize(("text", "claimed_s"), [(" ", 10), ("Hm", -1), ("Hm", 86_401)])
    def test_says_what_and_how_much(self, text: str, claimed_s: int) -> None:
        line = stories.they_play(stories.a_pair_booked())[0]
        with pytest.raises(Invalid):
            stories.questions(line, text=text, claimed_s=claimed_s)


class TestLateEvidence:
    def test_before_the_approval_replaces_the_seconds(self) -> None:
        session = stories.a_pair_booked()
        line = stories.they_play(session, for_s=4000)[0]
        assert line.payable_s == 4000
        self.more_is_known(session, line)
        assert line in stories.time_passes(session, at=AT)
        line.refresh_from_db()
        assert line.payable_s == 4060
        facts = AuditEvent.objects.get(verb="time_line.reckoned_again", thing=line.public_id).facts
        assert facts["payable_s"] == [4000, 4060]
        assert stories.time_passes(session, at=AT) == []

    def test_after_the_approval_becomes_a_correction_once(self) -> None:
        session = stories.a_pair_booked()
        line = stories.they_play(session, for_s=4000)[0]
        week = stories.everyone_confirms()
        owner = stories.owner_of(session.company)
        timekeeping.approve_week(company=session.company, week=week, by=owner, at=AT)
        self.more_is_known(session, line)
        (correction,) = stories.time_passes(session, at=AFTER)
        assert (correction.kind, correction.payable_s, correction.state) == ("correction", 60, "recorded")
        assert stories.time_passes(session, at=AFTER) == []
        line.refresh_from_db()
        assert line.payable_s == 4000

    def test_does_not_overrule_what_people_decided(self) -> None:
        dispute = a_dispute()
        timekeeping.resolve_dispute(dispute=dispute, resolution="So", adjusted_s=6000, by=talent(), at=AFTER)
        session = Session.objects.get()
        self.more_is_known(session, dispute.line)
        assert stories.time_passes(session, at=AFTER) == []

    def more_is_known(self, session: Session, line: TimeLine) -> None:
        """Word of the last minute comes late, with a later end of the room."""
        ends = session.call_at + timedelta(seconds=line.worked_s)
        performer = line.timesheet.performer
        stories.arrives(
            session,
            stories.joined(session, performer, ends, sid="PA_late"),
            stories.left(session, performer, ends + timedelta(seconds=60), sid="PA_late"),
            stories.finished(session, ends + timedelta(seconds=60)),
            at=AT,
        )


class TestWhoDecides:
    def test_nobody_approves_their_own_time(self) -> None:
        performer = stories.a_performer()
        company = stories.a_company(owner=performer.user)
        gig = stories.a_gig(company)
        session = stories.a_booked_session(
            stories.an_active_engagement(gig, performer), stories.an_active_engagement(gig)
        )
        stories.they_play(session)
        week = stories.everyone_confirms()
        own = Timesheet.objects.get(performer=performer)
        with pytest.raises(timekeeping.OwnTime):
            timekeeping.approve_timesheet(timesheet=own, by=stories.acting(performer), at=AT)
        assert timekeeping.approve_week(company=company, week=week, by=stories.acting(performer), at=AT) == 1
        assert Timesheet.objects.get(pk=own.pk).state == "client_review"
        colleague = acting.of_user(stories.a_member(company))
        assert timekeeping.approve_timesheet(timesheet=own, by=colleague, at=AT).state == "approved"

    def test_takes_the_right_role_and_the_right_moment(self) -> None:
        session = stories.a_pair_booked()
        stories.they_play(session)
        sheet = Timesheet.objects.select_related("performer__user", "company")[0]
        owner = stories.owner_of(session.company)
        reviewer = acting.of_user(stories.a_member(session.company, Role.REVIEWER))
        with pytest.raises(IllegalMove):
            timekeeping.submit_timesheet(timesheet=sheet, by=stories.acting(sheet.performer), at=AT)
        with pytest.raises(IllegalMove):
            timekeeping.approve_timesheet(timesheet=sheet, by=owner, at=AT)
        with pytest.raises(Forbidden):
            timekeeping.approve_timesheet(timesheet=sheet, by=reviewer, at=AT)
        with pytest.raises(NotFound):
            timekeeping.approve_timesheet(timesheet=sheet, by=stories.owner_of(stories.a_company()), at=AT)
        with pytest.raises(NotFound):
            timekeeping.submit_timesheet(timesheet=sheet, by=owner, at=AT)
        assert set(Timesheet.objects.values_list("state", flat=True)) == {"open"}
