"""By when approved work must be paid, as the terms say under which it was booked, and as the laws behind them ask."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value

from marketplace.agreements.coverage import pay_by
from marketplace.timekeeping.models import TimeLine
from marketplace.timekeeping.states import LineState
from marketplace.timekeeping.weeks import payroll_day

# Older work that was not paid was told when its day came near; a row is not looked at for ever.
LOOKS_BACK = timedelta(days=400)


ALLOWED = ExpressionWrapper(F("seat__terms__pay_days") * Value(timedelta(days=1)), DurationField())


class Deadline(NamedTuple):
    line: TimeLine
    pay_by: date


def pay_by_of(line: TimeLine) -> date | None:
    """The last day on which this line may be paid; None for what no session stands behind, or terms that name no day."""
    if line.seat is None or line.seat.terms.pay_days is None:
        return None
    worked_on = payroll_day(line.seat.session.call_at)
    return pay_by(worked_on, within_days=line.seat.terms.pay_days)


def coming(*, at: datetime, within: timedelta) -> Iterator[Deadline]:
    """Approved lines of sheets that were not paid since, whose last day is at most so far ahead, or past; the oldest first.

    Whether one of them was paid by itself, payments knows.
    """
    today = payroll_day(at)
    unpaid = Q(timesheet__paid_at=None) | Q(approved_at__gt=F("timesheet__paid_at"))
    rows = TimeLine.objects.filter(
        unpaid,
        state=LineState.APPROVED,
        amount_minor__gt=0,
        seat__terms__pay_days__isnull=False,
        seat__session__call_at__gt=at - LOOKS_BACK,
        # A day more than enough, for the zone; the day itself is reckoned row by row.
        seat__session__call_at__lte=at + within + timedelta(days=1) - ALLOWED,
    )
    near = rows.select_related("seat__session", "seat__terms", "timesheet__performer", "timesheet__company")
    for line in near.order_by("seat__session__call_at", "id").iterator(chunk_size=500):
        last = pay_by_of(line)
        if last is not None and last - within <= today:
            yield Deadline(line, last)
