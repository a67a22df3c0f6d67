"""The weeks of the payroll calendar and the sheets in them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from marketplace.presence.calendar import monday_of, week_dates
from marketplace.timekeeping.models import PayWeek, Timesheet
from marketplace.timekeeping.states import TimesheetState

TAKES_LINES = (
    TimesheetState.OPEN,
    TimesheetState.PERFORMER_REVIEW,
    TimesheetState.SUBMITTED,
    TimesheetState.CLIENT_REVIEW,
)
MOST_WEEKS_ON = 10


def ensure_week(*, starts_on: date) -> PayWeek:
    """The week that starts on this Monday, with the house's calendar if it is new. Raises ValueError on another day."""
    dates = week_dates(starts_on, zone=_zone())
    week, _ = PayWeek.objects.get_or_create(
        starts_on=starts_on,
        defaults={
            "starts_at": dates.starts_at,
            "ends_at": dates.ends_at,
            "performer_due_at": dates.performer_due_at,
            "company_due_at": dates.company_due_at,
            "close_at": dates.close_at,
            "pay_on": dates.pay_on,
        },
    )
    return week


def week_of(instant: datetime) -> PayWeek:
    """The payroll week that an instant falls into."""
    return ensure_week(starts_on=monday_of(instant, zone=_zone()))


def sheets_for(
    *, performers: Iterable[int], company_id: int, call_at: datetime, at: datetime
) -> dict[int, Timesheet]:
    """By performer, the sheet that takes a line of work done at `call_at`, locked until the transaction ends.

    It is the week's own; where that has been decided already, or its review is over, one of the running week.
    """
    week = week_of(call_at)
    week = week if at < week.company_due_at else week_of(at)
    waiting, found = set(performers), dict[int, Timesheet]()
    for _ in range(MOST_WEEKS_ON):
        locked = _lock(sorted(waiting), company_id, week)
        found |= {sheet.performer_id: sheet for sheet in locked if sheet.state in TAKES_LINES}
        waiting -= found.keys()
        if not waiting:
            return found
        week = week_of(max(week.ends_at, at))
    raise RuntimeError(
        f"No week takes work of {call_at:%Y-%m-%d}: every sheet up to {week.starts_on} is decided."
    )


def _lock(performers: Sequence[int], company_id: int, week: PayWeek) -> list[Timesheet]:
    keys = [
        Timesheet.objects.get_or_create(performer_id=performer, company_id=company_id, week=week)[0].pk
        for performer in performers
    ]
    # In the order of their keys, like those who approve a whole week at once.
    rows = Timesheet.objects.select_for_update(of=("self",)).select_related("week", "performer")
    return list(rows.filter(pk__in=keys).order_by("pk"))


def payroll_day(at: datetime) -> date:
    """The day that it is then in the payroll zone, by which whatever is paid, owed or issued is dated."""
    return at.astimezone(_zone()).date()


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.PAYROLL_TIME_ZONE)
