"""What a company is shown of a week: what is an exception and what a remark, to the second, and what it comes to."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.access.roles import Staff
from accounts.keys.acting import of_user
from kit.errors import Forbidden, Invalid, NotFound
from marketplace.sessions.models import Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping import queries
from marketplace.timekeeping.models import Dispute, TimeLine
from tests import stories
from tests.stories import CALL, MONDAY, REVIEW_DAY

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def is_played(session: Session, until_s: int) -> None:
    """One performer and the company stay so long after the call, and the room's window is over."""
    performer = session.seats.select_related("performer").get().performer
    ends = CALL + timedelta(seconds=until_s)
    came = stories.joined(session, performer, CALL), stories.left(session, performer, ends)
    stories.arrives(session, *stories.somebody_of_the_company(session, ends), *came, at=ends)
    stories.time_passes(session, at=CALL + timedelta(hours=3))


def codes() -> tuple[str, str]:
    line: Any = queries.with_exceptions(TimeLine.objects.all()).get()
    return line.exception, line.remark


@pytest.mark.parametrize(
    ("until_s", "exception", "remark"),
    [
        (3599, "", "below_call"),
        (3600, "", ""),
        (5700, "", ""),
        (5701, "overrun", ""),
        (0, "", "no_show"),
    ],
)
def test_what_somebody_is_asked_to_look_at(until_s: int, exception: str, remark: str) -> None:
    gig = stories.a_gig(stories.a_company())
    session = stories.a_booked_session(stories.an_active_engagement(gig))
    if until_s:
        is_played(session, until_s)
    else:
        ends = session.scheduled_end_at
        stories.arrives(session, *stories.somebody_of_the_company(session, ends), at=ends)
        stories.time_passes(session, at=CALL + timedelta(hours=3))
    assert codes() == (exception, remark)
    us, week = stories.owner_of(gig.company), stories.everyone_confirms()
    lines = queries.company_lines(us, gig.company, week)
    assert len(queries.exceptions(us, gig.company, week)) == bool(exception)
    assert queries.plain(lines).count() == (not exception)
    named = [code for code in (exception, remark) if code]
    assert [(code, count) for code, _, count in queries.kinds(lines)] == [(code, 1) for code in named]
    assert [queries.of_kind(lines, code).count() for code in (*named, "disputed", "nonsense")] == [
        *[1] * len(named),
        0,
        1,
    ]


def test_a_week_comes_to_what_its_lines_do_until_it_is_approved() -> None:
    session = stories.a_pair_booked()
    lines = stories.they_play(session)
    us, week = stories.owner_of(session.company), stories.the_week_is_over()
    company = session.company
    assert queries.not_submitted(company, week) == 2
    assert queries.weeks_to_approve(us, company) == []
    stories.everyone_confirms(week)
    assert queries.not_submitted(company, week) == 0
    ((found, sums, due_at),) = queries.weeks_to_approve(us, company)
    assert (found, due_at) == (week, week.company_due_at)
    assert (sums.lines, sums.payable_s, sums.amount_minor, sums.fee_minor) == (2, 10_800, 22_200, 3_330)
    assert (sums.amount.minor, sums.cost.minor) == (22_200, 25_530)
    assert queries.week_to_approve(company, at=REVIEW_DAY) == MONDAY
    stories.questions(lines[0], by=us)
    assert queries.weeks_to_approve(us, company)[0][1].lines == 1
    timekeeping.approve_week(company=company, week=week, by=us, at=REVIEW_DAY)
    assert queries.weeks_to_approve(us, company) == []


def test_what_a_company_is_asked_stands_until_it_has_answered() -> None:
    session = stories.a_pair_booked()
    first, second = stories.they_play(session)
    stories.everyone_confirms()
    us, company = stories.owner_of(session.company), session.company
    ours = stories.questions(second, by=us)
    theirs = stories.questions(first)
    assert list(queries.to_answer(company)) == [theirs]
    assert list(queries.to_answer(stories.a_company())) == []
    timekeeping.disagree(dispute=theirs, text="No.", by=us, at=REVIEW_DAY)
    assert list(queries.to_answer(company)) == []
    timekeeping.resolve_dispute(
        dispute=ours, resolution="We were wrong.", adjusted_s=None, by=us, at=REVIEW_DAY
    )
    again = stories.questions(second)
    assert list(queries.to_answer(company)) == [again]
    mine = stories.acting(second.timesheet.performer)
    timekeeping.resolve_dispute(dispute=again, resolution="Fine.", adjusted_s=None, by=mine, at=REVIEW_DAY)
    assert list(queries.to_answer(company)) == []
    talent = of_user(stories.a_member_of_staff(Staff.TALENT))
    assert list(queries.for_talent(talent)) == [theirs]
    with pytest.raises(Forbidden):
        queries.for_talent(us)


@pytest.mark.parametrize("text", ["2026-11-10", "2026-11", "nonsense", "0001-01-01", "9999-12-27", ""])
def test_a_week_begins_on_a_monday_that_there_is(text: str) -> None:
    with pytest.raises(NotFound):
        queries.monday(text)
    assert queries.monday("2026-11-09") == date(2026, 11, 9)
    with pytest.raises(NotFound):
        queries.get_week(date(2026, 11, 9))


def test_where_nothing_waits_a_company_looks_at_the_week_that_ended_last() -> None:
    company = stories.a_company()
    for at, monday in ((REVIEW_DAY, MONDAY), (REVIEW_DAY + timedelta(days=7), date(2026, 11, 16))):
        assert queries.week_to_approve(company, at=at) == monday


def test_what_cannot_be_said_of_a_line_is_refused_as_no_choice() -> None:
    session = stories.a_pair_booked()
    line = stories.they_play(session)[0]
    for reason, by in (
        (Dispute.Reason.COMPANY_NO_SHOW, stories.owner_of(session.company)),
        (Dispute.Reason.COMPANY_CAME, stories.owner_of(session.company)),
        (Dispute.Reason.COMPANY_CAME, stories.acting(line.timesheet.performer)),
    ):
        with pytest.raises(Invalid) as refused:
            timekeeping.dispute_line(line=line, reason=reason, text="So.", claimed_s=1, by=by, at=REVIEW_DAY)
        assert refused.value.errors[0]["code"] == "not_a_choice"
    for wrong_s in (-1, 86_401):
        with pytest.raises(Invalid) as refused:
            stories.questions(line, claimed_s=wrong_s)
        assert refused.value.errors[0]["code"] == "out_of_range"
