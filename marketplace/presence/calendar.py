"""The calendar of a week, from local dates in the payroll zone. Never by adding 604,800 seconds: clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_TO_PERFORMER_DUE, PERFORMER_DUE = 7, time(12, 0)
DAYS_TO_COMPANY_DUE, COMPANY_DUE = 9, time(23, 59)
DAYS_TO_CLOSE, CLOSE = 10, time(0, 0)
DAYS_TO_PAY = 11


@dataclass(frozen=True)
class WeekDates:
    """A week and its deadlines, in UTC; the range is half-open."""

    starts_on: date
    starts_at: datetime
    ends_at: datetime
    performer_due_at: datetime
    company_due_at: datetime
    close_at: datetime
    pay_on: date


def monday_of(instant: datetime, *, zone: ZoneInfo) -> date:
    """The Monday of the week, in the payroll zone, that `instant` falls into."""
    local = instant.astimezone(zone).date()
    return local - timedelta(days=local.weekday())


def week_dates(monday: date, *, zone: ZoneInfo) -> WeekDates:
    """The house's default calendar: performer until Monday noon, company until Wednesday night, close Thursday, pay Friday."""
    if monday.weekday() != 0:
        raise ValueError(f"{monday} is no Monday")

    def local(days: int, at: time) -> datetime:
        return datetime.combine(monday + timedelta(days=days), at, tzinfo=zone).astimezone(UTC)

    return WeekDates(
        starts_on=monday,
        starts_at=local(0, time(0)),
        ends_at=local(7, time(0)),
        performer_due_at=local(DAYS_TO_PERFORMER_DUE, PERFORMER_DUE),
        company_due_at=local(DAYS_TO_COMPANY_DUE, COMPANY_DUE),
        close_at=local(DAYS_TO_CLOSE, CLOSE),
        pay_on=monday + timedelta(days=DAYS_TO_PAY),
    )
