"""Days and months of the books, in the payroll zone; each half-open."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from marketplace.timekeeping.weeks import payroll_day


def zone() -> ZoneInfo:
    return ZoneInfo(settings.PAYROLL_TIME_ZONE)


def starts(day: date) -> datetime:
    """The instant at which the day begins."""
    return datetime.combine(day, time.min, tzinfo=zone())


def midnight_after(at: datetime) -> datetime:
    """The first midnight after the instant, by local dates."""
    return starts(payroll_day(at) + timedelta(days=1))


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(first: date) -> date:
    """The first of the month after the one that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1)


def month_before(first: date) -> date:
    """The first of the month before the one that begins on `first`."""
    return (first - timedelta(days=1)).replace(day=1)
