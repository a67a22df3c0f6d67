"""What each act on a week leaves: its rows in the trail, and news to whoever is next or has an answer."""

from datetime import datetime, timedelta

import pytest

from accounts.access.roles import Role, Staff
from accounts.companies import operations as companies
from accounts.keys.acting import of_user
from kit.errors import Forbidden, Invalid
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.reminders import remind
from tests import stories
from tests.marketplace.trail import done, left_by
from tests.stories import CALL, HOUSE, REVIEW_DAY

pytestmark = pytest.mark.django_db
AT = REVIEW_DAY
BOTH = ["Ada Quill", "Nora North"]


@pytest.fixture
def line() -> TimeLine:
    """Ada played alone for Northlight, whose owner is Nora."""
    gig = stories.a_gig(stories.a_company("Northlight", owner=stories.a_person("Nora North")))
    session = stories.a_booked_session(stories.an_active_engagement(gig, stories.a_performer("Ada Quill")))
    return stories.they_play(session)[0]


def week_of(line: TimeLine) -> PayWeek:
    return line.timesheet.week


def test_a_session_that_is_over_is_reckoned_once(line: TimeLine) -> None:
    assert line.seat is not None
    at = line.seat.session.scheduled_end_at + timedelta(hours=1)
    again = left_by(lambda: timekeeping.reckon_session(session=line.seat.session, at=at, by=HOUSE))  # type: ignore[union-attr] # asserted above
    assert (again.trail, again.told) == ([], [])
    trail = left_by(lambda: stories.they_play(stories.a_pair_booked(call_at=CALL + timedelta(days=1)))).trail
    verbs = [verb for verb, *_ in trail if verb.startswith(("session", "time_line"))]
    assert verbs == ["session.booked", "session.live", "session.wrapped", "session.time_recorded"]


def test_from_the_end_of_the_week_to_its_pay(line: TimeLine) -> None:
    week, ada, nora = (
        week_of(line),
        stories.acting(line.timesheet.performer),
        stories.owner_of(line.timesheet.company),
    )
    opened = left_by(lambda: timekeeping.open_reviews(at=AT))
    assert opened.trail == done("timesheet.performer_review", by=timekeeping.CALENDAR, at=AT)
    assert opened.told == [("Ada Quill", "Your week is ready", "/week/2026-11-09/")]
    sheet = Timesheet.objects.get()
    submitted = left_by(lambda: timekeeping.submit_timesheet(timesheet=sheet, by=ada, at=AT))
    assert submitted.trail == done("timesheet.submitted", "timesheet.client_review", by=ada, at=AT)
    company = line.timesheet.company.public_id
    assert submitted.told == [
        ("Nora North", "A week waits for your approval", f"/company/{company}/week/2026-11-09/")
    ]
    approved = left_by(lambda: timekeeping.approve_timesheet(timesheet=sheet, by=nora, at=AT))
    assert approved.trail == done("time_line.approved", "timesheet.approved", by=nora, at=AT)
    sheet.refresh_from_db()
    assert (sheet.confirmed_by_performer, sheet.submitted_at, sheet.told_company_at) == (True, AT, AT)
    assert (sheet.approved_at, sheet.approved_by_id) == (AT, nora.user_id)
    close = week.close_at
    locked = left_by(lambda: timekeeping.lock_timesheets(week=week, by=HOUSE, at=close))
    assert locked.trail == done("timesheet.locked", by=HOUSE, at=close)
    who = [line.timesheet.performer_id]
    paid = left_by(lambda: timekeeping.mark_paid(week=week, performers=who, by=HOUSE, at=close))
    assert paid.trail == done("timesheet.paid", by=HOUSE, at=close)
    sheet.refresh_from_db()
    assert (sheet.locked_at, sheet.paid_at) == (close, close)


def test_silence_is_in_the_trail_as_the_calendars(line: TimeLine) -> None:
    week, by = week_of(line), timekeeping.CALENDAR
    timekeeping.open_reviews(at=week.ends_at)
    late = week.performer_due_at
    submitted = left_by(lambda: timekeeping.submit_due(at=late))
    assert submitted.trail == done("timesheet.submitted", "timesheet.client_review", by=by, at=late)
    assert [(who, title) for who, title, _ in submitted.told] == [
        ("Nora North", "A week waits for your approval")
    ]
    sheet = Timesheet.objects.get()
    assert (sheet.submitted_at, sheet.confirmed_by_performer) == (late, False)
    due = week.company_due_at
    approved = left_by(lambda: timekeeping.auto_approve_due(at=due))
    assert approved.trail == done("time_line.approved", "timesheet.auto_approved", by=by, at=due)
    sheet.refresh_from_db()
    assert (sheet.approved_at, sheet.approved_by) == (due, None)


@pytest.mark.parametrize("side", ["performer", "company"])
def test_a_dispute_is_told_to_both_and_to_talent_operations_where_it_goes_on(
    line: TimeLine, side: str
) -> None:
    stories.everyone_confirms()
    talent = stories.a_member_of_staff(Staff.TALENT, "Tala Wu")
    ada, nora = stories.acting(line.timesheet.performer), stories.owner_of(line.timesheet.company)
    by, other = (ada, nora) if side == "performer" else (nora, ada)
    here = f"/week/line/{line.public_id}/#dispute"
    raised = left_by(lambda: stories.questions(line, by=by, at=AT))
    assert raised.trail == done("time_line.disputed", "dispute.raised", by=by, at=AT)
    answers = "Nora North" if side == "performer" else "Ada Quill"
    assert raised.told == [(answers, "A line of the week is disputed", here)]
    dispute = Dispute.objects.get()
    said_no = left_by(lambda: timekeeping.disagree(dispute=dispute, text="No.", by=other, at=AT))
    assert said_no.trail == done("dispute.disagreed", by=other, at=AT)
    asker = "Ada Quill" if side == "performer" else "Nora North"
    assert said_no.told == [
        (asker, "They do not agree", here),
        ("Tala Wu", "A dispute about a line waits for your decision", here),
    ]
    decides = of_user(talent)
    resolved = left_by(
        lambda: timekeeping.resolve_dispute(
            dispute=dispute, resolution="By the tape.", adjusted_s=6000, by=decides, at=AT
        )
    )
    verbs = ("dispute.resolved", "time_line.approved", "time_line.corrected", "time_line.approved")
    assert resolved.trail == done(*verbs, by=decides, at=AT)
    assert resolved.told == [(who, "A dispute about a line is resolved", here) for who in BOTH]


def test_a_dispute_about_what_is_not_paid_leaves_the_budget_to_the_gig(line: TimeLine) -> None:
    assert line.seat is not None
    gig = line.seat.session.gig
    gig.refresh_from_db()
    assert gig.committed_minor == line.amount_minor + line.fee_minor > 0
    stories.everyone_confirms()
    nora = stories.owner_of(line.timesheet.company)
    dispute = stories.questions(line, claimed_s=0, by=nora)
    ada = stories.acting(line.timesheet.performer)
    rejected = left_by(
        lambda: timekeeping.resolve_dispute(
            dispute=dispute, resolution="I did not play.", adjusted_s=0, by=ada, at=AT
        )
    )
    assert rejected.trail == done("dispute.resolved", "time_line.rejected", by=ada, at=AT)
    line.refresh_from_db()
    gig.refresh_from_db()
    assert (line.note, gig.committed_minor) == ("I did not play.", 0)


@pytest.mark.parametrize("claimed_s", [-1, 0, 1, 86_399, 86_400, 86_401])
def test_a_claim_is_of_a_day_at_most(line: TimeLine, claimed_s: int) -> None:
    if 0 <= claimed_s <= 86_400:
        assert stories.questions(line, claimed_s=claimed_s).claimed_s == claimed_s
    else:
        with pytest.raises(Invalid):
            stories.questions(line, claimed_s=claimed_s)


def test_a_week_is_approved_by_those_who_may_and_nobodys_own_time_by_themselves(line: TimeLine) -> None:
    stories.everyone_confirms()
    company, performer = line.timesheet.company, line.timesheet.performer
    billing = of_user(stories.a_member(company, Role.BILLING))
    sheet = Timesheet.objects.get()
    with pytest.raises(Forbidden):
        timekeeping.approve_timesheet(timesheet=sheet, by=billing, at=AT)
    companies.enrol(company=company, user=performer.user, role=Role.PRODUCER, by=HOUSE, at=AT)
    both = of_user(performer.user)
    with pytest.raises(timekeeping.OwnTime):
        timekeeping.approve_timesheet(timesheet=sheet, by=both, at=AT)
    assert timekeeping.approve_week(company=company, week=week_of(line), by=both, at=AT) == 0
    producer = of_user(stories.a_member(company, Role.PRODUCER))
    assert timekeeping.approve_week(company=company, week=week_of(line), by=producer, at=AT) == 1


def test_each_reminder_leads_to_what_is_waited_for(line: TimeLine) -> None:
    week, company = week_of(line), line.timesheet.company.public_id
    talent = stories.a_member_of_staff(Staff.TALENT, "Tala Wu")
    timekeeping.open_reviews(at=week.ends_at)
    confirm = left_by(lambda: remind(at=week.performer_due_at - timedelta(hours=3)))
    assert confirm.told == [("Ada Quill", "Your week waits for you", "/week/2026-11-09/")]
    nora = stories.owner_of(line.timesheet.company)
    stories.everyone_confirms(week, at=week.ends_at)
    approve = left_by(lambda: remind(at=week.company_due_at - timedelta(hours=24)))
    assert approve.told == [("Nora North", "A week is approved soon", f"/company/{company}/week/2026-11-09/")]
    here = f"/week/line/{line.public_id}/#dispute"
    dispute = stories.questions(line, by=nora)
    soon = dispute.answer_due_at - timedelta(hours=24)
    answer = left_by(lambda: remind(at=soon))
    assert answer.told == [("Ada Quill", "A dispute waits for your answer", here)]
    ada = stories.acting(line.timesheet.performer)
    timekeeping.disagree(dispute=dispute, text="No.", by=ada, at=soon)
    dispute.refresh_from_db()
    assert dispute.decision_due_at is not None
    due_at = dispute.decision_due_at
    decide = left_by(lambda: remind(at=due_at - timedelta(hours=24)))
    assert decide.told == [(talent.name, "A dispute is to be decided soon", here)]


def test_a_week_is_locked_and_paid_with_those_before_it_and_none_after(line: TimeLine) -> None:
    assert line.seat is not None
    later = stories.a_booked_session(line.seat.engagement, call_at=CALL + timedelta(days=7))
    stories.they_play(later)
    first, second = PayWeek.objects.order_by("starts_on")
    for week in (first, second):
        timekeeping.open_reviews(at=week.ends_at)
        timekeeping.submit_due(at=week.performer_due_at)
        timekeeping.auto_approve_due(at=week.company_due_at)
    who = [line.timesheet.performer_id]

    def states() -> list[str]:
        return list(Timesheet.objects.order_by("week__starts_on").values_list("state", flat=True))

    assert timekeeping.lock_timesheets(week=first, by=HOUSE, at=first.close_at) == 1
    assert states() == ["locked", "auto_approved"]
    assert timekeeping.lock_timesheets(week=second, by=HOUSE, at=second.close_at) == 1
    assert timekeeping.mark_paid(week=first, performers=who, by=HOUSE, at=second.close_at) == 1
    assert states() == ["paid", "locked"]
    stranger = [stories.a_performer().pk]
    assert timekeeping.mark_paid(week=second, performers=stranger, by=HOUSE, at=second.close_at) == 0
    assert timekeeping.mark_paid(week=second, performers=who, by=HOUSE, at=second.close_at) == 1
    assert states() == ["paid", "paid"]


def test_what_the_evidence_says_of_both_sides_is_in_the_trail_and_so_is_what_came_later() -> None:
    session = stories.a_pair_booked()
    first = session.seats.select_related("performer").order_by("id")[0].performer
    ends, over = session.scheduled_end_at, session.scheduled_end_at + timedelta(hours=1)

    def reckoned(at: datetime) -> list[str]:
        left = left_by(lambda: stories.time_passes(session, at=at))
        assert {when for _, _, when in left.trail} == {at}
        return [verb for verb, *_ in left.trail]

    assert reckoned(over)[-1] == "session.time_recorded"
    came = stories.joined(session, first, CALL), stories.left(session, first, ends)
    stories.arrives(session, *came, at=over)
    again = reckoned(over + timedelta(minutes=1))
    assert again[:2] == ["session.found_wrapped", "session.company_was_absent"]
    session.refresh_from_db()
    assert (session.outcome, session.no_show_found_at) == ("wrapped", over + timedelta(minutes=1))
    stories.arrives(session, *stories.somebody_of_the_company(session, ends), at=over)
    assert reckoned(over + timedelta(minutes=2))[0] == "session.company_was_there"
    session.refresh_from_db()
    assert (session.outcome, session.no_show_found_at) == ("wrapped", None)
