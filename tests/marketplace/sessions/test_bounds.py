"""A booking's bounds, each to its last second, seat and cent; and what calling off costs, by the second of the notice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings

from kit.errors import DomainError, Invalid
from marketplace.endings import operations as endings
from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.sessions import booking, calling_off, moving, operations
from marketplace.sessions.models import Session
from tests import stories
from tests.stories import BEFORE, CALL

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def engaged() -> Engagement:
    return stories.an_active_engagement(stories.a_gig(stories.a_company(), funded_minor=100_000_000))


def books(*who: Engagement, call_at: datetime = CALL, length_s: int = 5400, at: datetime = BEFORE) -> Session:
    return stories.a_booked_session(*who, call_at=call_at, length_s=length_s, at=at)


def is_refused(act: Callable[[], object], refusal: type[DomainError], *, code: str = "") -> None:
    with pytest.raises(refusal) as refused:
        act()
    if isinstance(refused.value, Invalid):
        assert refused.value.errors[0]["code"] == code


def test_a_call_lies_ahead_and_within_a_year(engaged: Engagement) -> None:
    is_refused(lambda: books(engaged, at=CALL), Invalid, code="in_the_past")
    soon = books(engaged, at=CALL - SECOND)
    a_year_on = CALL + timedelta(days=365)
    is_refused(lambda: books(engaged, call_at=a_year_on + SECOND, at=CALL), Invalid, code="out_of_range")
    assert books(engaged, call_at=a_year_on, at=CALL).call_at == a_year_on
    assert soon.policy["minimum_call_s"] == 3600


@pytest.mark.usefixtures("long_days")
def test_a_session_lasts_a_quarter_of_an_hour_to_eight_hours(engaged: Engagement) -> None:
    for wrong in (899, 28_801):
        is_refused(lambda s=wrong: books(engaged, length_s=s), Invalid, code="out_of_range")  # type: ignore[misc] # bound early
    for days, right in enumerate((900, 28_800)):
        session = books(engaged, call_at=CALL + days * DAY, length_s=right)
        assert session.scheduled_end_at - session.call_at == timedelta(seconds=right)


def test_a_gig_books_as_many_as_it_has_seats_each_once(engaged: Engagement) -> None:
    gig = engaged.gig
    more = [stories.an_active_engagement(gig) for _ in range(2)]
    for wrong in ([], [engaged, engaged], [engaged, *more]):
        is_refused(
            lambda who=wrong: booking.book_session(  # type: ignore[misc] # bound early
                gig=gig, call_at=CALL, engagements=who, by=stories.owner_of(gig.company), at=BEFORE
            ),
            Invalid,
            code="out_of_range",
        )
    assert books(engaged, more[0]).seats.count() == 2


@pytest.mark.usefixtures("long_days")
def test_a_week_holds_its_hours_and_not_a_second_more(engaged: Engagement) -> None:
    hours = int(settings.WEEKLY_CAP / HOUR)
    assert hours % 8 == 0
    for n in range(hours // 8 - 1):
        books(engaged, call_at=CALL + n * 10 * HOUR, length_s=28_800)
    last = CALL + 72 * HOUR
    books(engaged, call_at=last, length_s=28_800 - 900)
    is_refused(lambda: books(engaged, call_at=last + 9 * HOUR, length_s=901), booking.WeekIsFull)
    is_full = books(engaged, call_at=last + 9 * HOUR, length_s=900)
    # Monday to Monday where pay is reckoned: five hours behind.
    monday = datetime(2026, 11, 16, 5, tzinfo=CALL.tzinfo)
    is_refused(lambda: books(engaged, call_at=monday - SECOND, length_s=900), booking.WeekIsFull)
    assert books(engaged, call_at=monday, length_s=900).pk
    us = stories.owner_of(engaged.company)
    calling_off.cancel_session(session=is_full, reason="Enough.", by=us, at=BEFORE)
    assert books(engaged, call_at=monday - HOUR, length_s=900).pk


def test_a_budget_is_used_to_the_cent() -> None:
    gig = stories.a_gig(stories.a_company(), funded_minor=29_786)
    engaged, us = stories.an_active_engagement(gig), stories.owner_of(gig.company)
    # An hour and a half with the overrun, and the fee on it: half of what is set aside.
    first = books(engaged)
    assert committed(gig) == first.seats.get().committed_minor == 14_893

    def longer() -> Session:
        return books(engaged, call_at=CALL + DAY, length_s=5460)

    with pytest.raises(booking.BudgetExceeded) as refused:
        longer()
    missing = refused.value.facts["missing_minor"]
    gigs.record_funding(gig=gig, delta_minor=missing - 1, by=stories.HOUSE, at=BEFORE)
    with pytest.raises(booking.BudgetExceeded) as refused:
        longer()
    assert (refused.value.facts["missing_minor"], Session.objects.count()) == (1, 1)
    gigs.record_funding(gig=gig, delta_minor=1, by=stories.HOUSE, at=BEFORE)
    assert longer().seats.get().committed_minor == 14_893 + missing
    assert committed(gig) == 29_786 + missing
    calling_off.cancel_session(session=first, reason="No.", by=us, at=CALL - 49 * HOUR)
    stories.time_passes(first, at=CALL - 49 * HOUR)
    assert committed(gig) == 14_893 + missing


def committed(gig: Gig) -> int:
    gig.refresh_from_db()
    return gig.committed_minor


@pytest.mark.parametrize(
    ("notice", "state", "due_minor"),
    [
        (48 * HOUR, "cancelled", 0),
        (48 * HOUR - SECOND, "late_cancelled", 3700 + 555),
        (24 * HOUR, "late_cancelled", 3700 + 555),
        (24 * HOUR - SECOND, "late_cancelled", 7400 + 1110),
        (SECOND, "late_cancelled", 7400 + 1110),
    ],
)
def test_calling_off_costs_by_the_notice(notice: timedelta, state: str, due_minor: int) -> None:
    session = stories.a_pair_booked()
    seat = session.seats.order_by("id")[0]
    us, at = stories.owner_of(session.company), CALL - notice
    assert calling_off.due_for(seat, session, at=at) == due_minor
    calling_off.release_seat(seat=seat, reason="One is enough.", by=us, at=at)
    other = session.seats.order_by("id")[1]
    assert committed(session.gig) == due_minor + other.committed_minor
    gone = calling_off.cancel_session(session=session, reason="None is.", by=us, at=at)
    assert gone.state == state
    stories.time_passes(session, at=at)
    assert committed(session.gig) == 2 * due_minor


def test_from_the_call_on_nothing_is_called_off_filled_or_moved() -> None:
    session = stories.a_pair_booked()
    seat = session.seats.select_related("performer__user").order_by("id")[0]
    us, third = stories.owner_of(session.company), stories.an_active_engagement(session.gig)
    move = moving.propose_move(session=session, call_at=CALL + 3 * DAY, by=us, at=CALL - SECOND)
    assert move.answer_due_at == CALL
    me = stories.acting(seat.performer)
    for act in (
        lambda: calling_off.cancel_session(session=session, reason="No.", by=us, at=CALL),
        lambda: calling_off.cancel_session(session=session, reason="No.", by=me, at=CALL),
        lambda: calling_off.release_seat(seat=seat, reason="No.", by=us, at=CALL),
        lambda: booking.fill_seat(session=session, engagement=third, by=us, at=CALL),
        lambda: moving.agree_to_move(move=move, by=me, at=CALL),
        lambda: moving.decline_move(move=move, by=me, at=CALL),
        lambda: moving.propose_move(session=session, call_at=CALL + DAY, by=us, at=CALL),
    ):
        is_refused(act, operations.TooLate)
    moving.decline_move(move=move, by=me, at=CALL - SECOND)
    calling_off.cancel_session(session=session, reason="No.", by=me, at=CALL - SECOND)
    assert booking.fill_seat(session=session, engagement=third, by=us, at=CALL - SECOND).state == "booked"


def test_a_company_that_did_not_come_is_said_so_once_its_time_has_run_out() -> None:
    session = stories.a_pair_booked()
    us, due = stories.owner_of(session.company), CALL + 15 * 60 * SECOND
    operations.go_live(session=session, by=stories.HOUSE, at=CALL)
    is_refused(
        lambda: operations.company_no_show(session=session, by=us, at=due - SECOND), operations.TooEarly
    )
    assert operations.company_no_show(session=session, by=us, at=due).state == "company_no_show"


def test_a_gig_that_is_over_books_nothing_and_one_that_is_paused_does(engaged: Engagement) -> None:
    gig, us = engaged.gig, stories.owner_of(engaged.company)
    third = stories.an_active_engagement(gig)
    gigs.pause(gig=gig, by=us, at=BEFORE)
    session = books(engaged)
    calling_off.cancel_session(session=session, reason="No.", by=us, at=BEFORE)
    stories.time_passes(session, at=BEFORE)
    endings.cancel_gig(gig=gig, reason="No studio.", by=us, at=BEFORE)
    for who in (engaged, third):
        is_refused(lambda one=who: books(one), booking.GigNotWorking)  # type: ignore[misc] # bound early


@pytest.mark.usefixtures("long_days")
def test_a_move_keeps_to_the_hours_of_a_week_and_to_the_days_that_were_signed() -> None:
    gig = stories.a_gig(stories.a_company(), funded_minor=100_000_000, ends_on=date(2026, 12, 31))
    engaged, us = stories.an_active_engagement(gig), stories.owner_of(gig.company)
    me, session, week_after = stories.acting(engaged.performer), books(engaged, length_s=901), CALL + 7 * DAY
    for n in range(5):
        books(engaged, call_at=week_after + n * 10 * HOUR, length_s=28_800 if n else 28_800 - 900)
    full = moving.propose_move(session=session, call_at=week_after + 3 * DAY, by=us, at=BEFORE)
    is_refused(lambda: moving.agree_to_move(move=full, by=me, at=BEFORE), booking.WeekIsFull)
    moving.decline_move(move=full, by=us, at=BEFORE)
    gigs.change_gig(gig=gig, fields={"ends_on": date(2027, 12, 31)}, by=us, at=BEFORE)
    session, late = Session.objects.get(pk=session.pk), datetime(2027, 1, 1, 15, tzinfo=CALL.tzinfo)
    beyond = moving.propose_move(session=session, call_at=late, by=us, at=BEFORE)
    is_refused(lambda: moving.agree_to_move(move=beyond, by=me, at=BEFORE), Invalid, code="outside_the_terms")
    moving.decline_move(move=beyond, by=me, at=BEFORE)
    right = moving.propose_move(session=session, call_at=late - DAY, by=me, at=BEFORE)
    moving.agree_to_move(move=right, by=us, at=BEFORE + HOUR)
    seat = session.seats.get()
    assert (seat.confirmed_at, seat.during.lower, seat.during.upper) == (
        BEFORE + HOUR,
        late - DAY,
        late - DAY + 901 * SECOND,
    )
