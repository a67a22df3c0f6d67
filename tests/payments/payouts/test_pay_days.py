"""The last day on which work may be paid, by the terms and the law behind them: finance hears of it before it is missed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.timekeeping import pay_deadlines
from marketplace.timekeeping.models import PayWeek
from payments.inbox.models import Finding
from payments.payouts import pay_days, watch
from payments.payroll import accrual
from tests import stories
from tests.payments.world import World

LAST = date(2026, 12, 10)  # 30 days after the stories' session of 10 November


def told(*, on: date) -> list[str]:
    pay_days.watch(at=datetime(on.year, on.month, on.day, 17, tzinfo=UTC))
    rows = Finding.objects.filter(code=pay_days.CODE, resolved_at=None).order_by("thing")
    return list(rows.values_list("detail", flat=True))


@pytest.fixture
def week(world: World) -> PayWeek:
    """A pair's session, played, approved and earned."""
    approved = stories.an_approved_week(stories.a_pair_booked())
    accrual.accrue(at=stories.REVIEW_DAY)
    return approved


def test_nobody_is_told_while_there_is_time_and_each_line_once_when_it_comes_near(week: PayWeek) -> None:
    assert told(on=LAST - timedelta(days=8)) == []
    said = told(on=LAST - timedelta(days=7))
    assert len(said) == 2
    assert all(
        "must be paid by Thu 10 Dec 2026: New York, Freelance Isn't Free Act." in each for each in said
    )
    assert told(on=LAST + timedelta(days=3)) == said


def test_the_day_is_counted_where_pay_is_reckoned(week: PayWeek) -> None:
    deadlines = list(pay_deadlines.coming(at=datetime(2026, 12, 9, tzinfo=UTC), within=pay_days.WARNS_BEFORE))
    assert {each.pay_by for each in deadlines} == {LAST}
    assert {pay_deadlines.pay_by_of(each.line) for each in deadlines} == {LAST}


def test_terms_that_name_no_day_and_work_that_is_not_approved_are_not_watched(world: World) -> None:
    lines = stories.they_play(stories.a_pair_booked())
    assert told(on=LAST) == []
    assert pay_deadlines.pay_by_of(lines[0]) == LAST
    old = lines[0].seat.terms  # type: ignore[union-attr]
    old.pay_days = None
    lines[0].seat.terms = old  # type: ignore[union-attr]
    assert pay_deadlines.pay_by_of(lines[0]) is None


def test_it_is_over_once_the_money_went_out(world: World) -> None:
    gig = stories.a_gig(stories.a_company(), seats=1)
    session = stories.a_booked_session(stories.an_active_engagement(gig, world.performer()))
    week = stories.an_approved_week(session)
    accrual.accrue(at=world.now)
    assert len(told(on=LAST)) == 1
    world.stripe_has("10000.00")
    world.approves(world.a_frozen_run(week))
    world.sweep()
    assert told(on=LAST) == []
    assert Finding.objects.get(code=pay_days.CODE).resolution == "It was paid."


def test_the_watchdog_looks_at_it(week: PayWeek) -> None:
    watch.watch(at=datetime(2026, 12, 9, tzinfo=UTC))
    assert Finding.objects.filter(code=pay_days.CODE, resolved_at=None).count() == 2
