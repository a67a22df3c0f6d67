"""The general ledger by date: of each day what each event moved on each account, by its name there and ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from kit import instants
from kit.csv_files import Cell, write
from kit.errors import DomainError, Invalid
from kit.money import Money
from marketplace.timekeeping.weeks import payroll_day
from payments.books import calendar, events
from payments.books.chart import LABELS, ORDER
from payments.books.mapping import Product, names_for
from payments.books.models import DaySum, SummedDay

LONGEST = timedelta(days=366)
HEAD = ["Date", "Currency", "Account code", "Account name", "Our account", "What happened", "Debit", "Credit"]


class NotSummedYet(DomainError):
    """Ask again once the first of these days has been over for a day."""

    code = "days_not_over"
    title = "These days are not in the books for good yet"


@dataclass(frozen=True)
class GeneralLedger:
    """The file's name and content, and the last day that is in it: of those asked for, the last that is summed."""

    name: str
    content: bytes
    through: date


def file_of(*, first: date, last: date, currency: str) -> GeneralLedger:
    """Every summed day from `first` to `last`, both included, in one currency: debits equal credits in each.

    A day is summed once it has been over for a day. Where the last ones are not, the file's name and its last row say through
    which day it goes. Raises Invalid (422) for days in the wrong order or more than a year of them, NotSummedYet where none of
    them is, NotMapped (409).
    """
    if not first <= last <= first + LONGEST:
        raise Invalid.field("last", "Name a last day that is not before the first, at most a year after it.")
    summed = last_summed_day()
    if summed is None or summed < first:
        goes = f"So far the books go through {instants.day(summed)}." if summed else "Nothing is summed yet."
        raise NotSummedYet(f"A day counts once it has been over for a day. {goes}")
    through = min(last, summed)
    sums = DaySum.objects.filter(
        currency=currency,
        day__until__gt=calendar.starts(first),
        day__until__lte=calendar.starts(through + timedelta(days=1)),
    ).select_related("day")
    short: list[list[Cell]] = [] if through == last else [_short(through, last, currency)]
    name = f"general-ledger-{first}-to-{through}-{currency}.csv"
    return GeneralLedger(name, write(HEAD, [*_rows(sums), *short]), through)


def last_summed_day() -> date | None:
    """Through which day the general ledger goes."""
    last = SummedDay.objects.order_by("-until").first()
    return _of(last) if last is not None else None


def _short(through: date, last: date, currency: str) -> list[Cell]:
    said = f"This file goes through {through}: the days until {last} have not been over for a day"
    return [through, currency.upper(), None, None, None, said, None, None]


def _of(day: SummedDay) -> date:
    return payroll_day(day.until - timedelta(microseconds=1))


def _rows(sums: QuerySet[DaySum]) -> Iterator[list[Cell]]:
    rows = sorted(sums, key=lambda row: (row.day.until, row.event, ORDER[row.kind]))
    names = names_for(Product.LEDGER, {row.kind for row in rows})
    for row in rows:
        name = names[row.kind]
        for debit_minor, credit_minor in ((row.debited_minor, 0), (0, row.credited_minor)):
            if debit_minor or credit_minor:
                yield [
                    _of(row.day),
                    row.currency.upper(),
                    name.code,
                    name.name,
                    LABELS[row.kind],
                    events.words(row.event),
                    Money(debit_minor, row.currency) if debit_minor else None,
                    Money(credit_minor, row.currency) if credit_minor else None,
                ]
