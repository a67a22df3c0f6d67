from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.timekeeping.weeks import payroll_day
from payments.books import calendar, summing
from payments.books.models import Month, SummedDay
from payments.books.states import LIVE, MonthState
from payments.books.trial import Book, Line
from payments.ledger.models import Entry

MONTHS_LOCK = 7_400_016  # the trigger `months_in_order` takes it too


@dataclass(frozen=True)
class Next:
    """The month that can be closed next, and from when; `waits` is the earlier one that somebody has to decide before."""

    month: date
    ends_at: datetime
    from_at: datetime
    is_ready: bool
    waits: Month | None


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
    """The first month with entries that is not closed, nor waits; this one where all are. None where the books are empty."""
    this = calendar.first_of_month(payroll_day(at))
    if not SummedDay.objects.exists():
        return None
    waits = (
        Month.objects.filter(state__in=(MonthState.PROPOSED, MonthState.REOPENING))
        .order_by("starts_on")
        .first()
    )
    month = _first_uncovered(before=this, covered=LIVE) or _after_the_last(this)
    ends_at = calendar.starts(calendar.next_month(month))
    ready = ends_at + summing.SETTLES_AFTER
    return Next(month, ends_at, ready, is_ready=ready <= at and waits is None, waits=waits)


def first_not_closed(*, before: date) -> date | None:
    """The first month that has entries and is not closed, of those before that one."""
    return _first_uncovered(before=before, covered=(MonthState.CLOSED,))


def one_at_a_time() -> None:
    """Until this transaction ends no other moves a month: each rests on the one before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MONTHS_LOCK])


def _first_uncovered(*, before: date, covered: Collection[str]) -> date | None:
    first = SummedDay.objects.order_by("until").first()
    if first is None:
        return None
    done = set(Month.objects.filter(state__in=covered).values_list("starts_on", flat=True))
    month = calendar.first_of_month(payroll_day(first.until - timedelta(microseconds=1)))
    while month < before:
        if month not in done and _has_entries(month):
            return month
        month = calendar.next_month(month)
    return None


def _after_the_last(this: date) -> date:
    """This month; the next where this one is closed already."""
    last = Month.objects.filter(state__in=LIVE).order_by("-starts_on").first()
    return max(this, calendar.next_month(last.starts_on)) if last is not None else this


def _has_entries(month: date) -> bool:
    since, until = calendar.starts(month), calendar.starts(calendar.next_month(month))
    return Entry.objects.filter(posted_at__gte=since, posted_at__lt=until).exists()
