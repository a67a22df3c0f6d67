"""The general ledger by date: of each day what each event moved on each account, by its name there and ours."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import QuerySet

from kit.csv_files import Cell, write
from kit.errors import Invalid
from kit.money import Money
from payments.books import calendar, events
from payments.books.chart import LABELS, ORDER
from payments.books.mapping import Product, names_for
from payments.books.models import DaySum

LONGEST = timedelta(days=366)
HEAD = ["Date", "Currency", "Account code", "Account name", "Our account", "What happened", "Debit", "Credit"]


def file_of(*, first: date, last: date, currency: str) -> bytes:
    """Every summed day from `first` to `last`, both included, in one currency: debits equal credits in each.

    Raises Invalid (422) for days in the wrong order or more than a year of them, NotMapped (409).
    """
    if not first <= last <= first + LONGEST:
        raise Invalid.field("last", "Name a last day that is not before the first, at most a year after it.")
    sums = DaySum.objects.filter(
        currency=currency,
        day__until__gt=calendar.starts(first),
        day__until__lte=calendar.starts(last + timedelta(days=1)),
    ).select_related("day")
    return write(HEAD, _rows(sums))


def _rows(sums: QuerySet[DaySum]) -> Iterator[list[Cell]]:
    rows = sorted(sums, key=lambda row: (row.day.until, row.event, ORDER[row.kind]))
    names = names_for(Product.LEDGER, {row.kind for row in rows})
    for row in rows:
        name = names[row.kind]
        for debit_minor, credit_minor in ((row.debited_minor, 0), (0, row.credited_minor)):
            if debit_minor or credit_minor:
                yield [
                    calendar.day_of(row.day.until - timedelta(microseconds=1)),
                    row.currency.upper(),
                    name.code,
                    name.name,
                    LABELS[row.kind],
                    events.words(row.event),
                    Money(debit_minor, row.currency) if debit_minor else None,
                    Money(credit_minor, row.currency) if credit_minor else None,
                ]
