from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from payments.books import calendar, summing
from payments.books.models import Month, SummedDay
from payments.books.states import LIVE
from payments.books.trial import Book, Line


@dataclass(frozen=True)
class Next:
    """The month that can be closed next, and from when; None where the books have not begun."""

    month: date
    ends_at: datetime
    from_at: datetime
    is_ready: bool


def all_of(actor: Actor) -> QuerySet[Month]:
    """Every closing, the newest first."""
    people = ("proposed_by", "decided_by", "reopen_asked_by", "reopened_by")
    return Month.objects.visible_to(actor).select_related(*people).order_by("-id")


def get(actor: Actor, public_id: str) -> Month:
    """Raises NotFound (404)."""
    return by_public_id(all_of(actor), public_id)


def sealed_books(month: Month) -> Sequence[Book]:
    """The balance over which it was, or is to be, closed."""
    lines = [Line(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in month.rows]
    currencies = sorted({line.currency for line in lines})
    return [Book(each, [line for line in lines if line.currency == each]) for each in currencies]


def next_to_close(*, at: datetime) -> Next | None:
    """After the last that is closed or waits; where none is, the last month that is over and has entries before its end."""
    last = Month.objects.filter(state__in=LIVE).order_by("-starts_on").first()
    if last is not None:
        month = calendar.next_month(last.starts_on)
    else:
        month = calendar.month_before(calendar.first_of_month(calendar.day_of(at)))
        first = SummedDay.objects.order_by("until").first()
        if first is None:
            return None
        # The books may have begun in this month.
        month = max(month, calendar.first_of_month(calendar.day_of(first.until - summing.SETTLES_AFTER)))
    ends_at = calendar.starts(calendar.next_month(month))
    ready = ends_at + summing.SETTLES_AFTER
    return Next(month, ends_at, ready, is_ready=ready <= at)
