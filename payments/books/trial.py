"""The trial balance at any moment: day sums up to the last midnight before it that is summed, then what was posted since."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max

from kit.csv_files import write
from kit.instants import to_the_microsecond
from kit.money import Money
from payments.books.chart import LABELS, ORDER
from payments.books.models import SummedDay

MOST_NAMED = 20


@dataclass(frozen=True)
class Line:
    """All accounts of one kind in one currency: what was debited and credited since the books began, in minor units.

    `kept_minor` is the balance that the ledger keeps, debits less credits; known only of now.
    """

    currency: str
    kind: str
    debited_minor: int
    credited_minor: int
    kept_minor: int | None = None

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def balance_minor(self) -> int:
        return self.debited_minor - self.credited_minor

    @property
    def debit_minor(self) -> int:
        """The balance, where it stands on the debit side; else 0."""
        return max(self.balance_minor, 0)

    @property
    def credit_minor(self) -> int:
        return max(-self.balance_minor, 0)


@dataclass(frozen=True)
class Book:
    """One currency's lines with their totals; currencies are never added."""

    currency: str
    lines: Sequence[Line]

    @property
    def debit_minor(self) -> int:
        return sum(line.debit_minor for line in self.lines)

    @property
    def credit_minor(self) -> int:
        return sum(line.credit_minor for line in self.lines)

    @property
    def debited_minor(self) -> int:
        return sum(line.debited_minor for line in self.lines)

    @property
    def credited_minor(self) -> int:
        return sum(line.credited_minor for line in self.lines)

    @property
    def difference_minor(self) -> int:
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True)
class Trial:
    """Of everything posted before `at`, that instant not included; None is all there is. `differs` says in words what does
    not agree: empty when debits equal credits in each currency and, of now, the kept balances equal their postings."""

    at: datetime | None
    books: Sequence[Book]
    differs: Sequence[str]


def balance(*, at: datetime | None) -> Trial:
    """The trial balance at `at`: two queries, and one more where it does not agree."""
    lines = _lines(at=at)
    currencies = sorted({line.currency for line in lines})
    books = [Book(each, [line for line in lines if line.currency == each]) for each in currencies]
    return Trial(at=at, books=books, differs=[*_unequal(books, at=at), *_not_kept(lines)])


def sealed(trial: Trial) -> tuple[list[list[str | int]], str]:
    """The balance as it is signed: its rows, and SHA-256 over their canonical JSON and the instant."""
    rows: list[list[str | int]] = [
        [line.currency, line.kind, line.debited_minor, line.credited_minor]
        for book in trial.books
        for line in book.lines
    ]
    said = json.dumps([to_the_microsecond(trial.at) if trial.at else "", rows], separators=(",", ":"))
    return rows, hashlib.sha256(said.encode()).hexdigest()


def csv_of(trial: Trial) -> bytes:
    """What the page shows, line by line and with its totals."""
    head = ["Currency", "Account", "Debited", "Credited", "Debit balance", "Credit balance"]
    return write(head, [cells for book in trial.books for cells in _cells(book)])


def _cells(book: Book) -> Iterable[Sequence[str | Money | None]]:
    code = book.currency.upper()
    for line in book.lines:
        sides = (line.debited_minor, line.credited_minor, line.debit_minor, line.credit_minor)
        yield [code, line.label, *(Money(side, book.currency) for side in sides)]
    totals = (book.debited_minor, book.credited_minor, book.debit_minor, book.credit_minor)
    yield [code, "Total", *(Money(side, book.currency) for side in totals)]


def _lines(*, at: datetime | None) -> list[Line]:
    summed = SummedDay.objects.all() if at is None else SummedDay.objects.filter(until__lte=at)
    until = summed.aggregate(last=Max("until"))["last"]
    with connection.cursor() as cursor:
        # One statement, so that what is kept and what was posted are of one moment.
        cursor.execute(
            """
            WITH moved AS (
              SELECT sums.currency, sums.kind, sums.debited_minor AS debited, sums.credited_minor AS credited
              FROM payments_daysum sums JOIN payments_summedday day ON day.id = sums.day_id WHERE day.until <= %(until)s
              UNION ALL
              SELECT posting.currency, account.kind, greatest(posting.amount_minor, 0), greatest(-posting.amount_minor, 0)
              FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.posted_at >= coalesce(%(until)s::timestamptz, '-infinity')
                AND entry.posted_at < coalesce(%(at)s::timestamptz, 'infinity')
            ), posted AS (
              SELECT currency, kind, sum(debited) AS debited, sum(credited) AS credited FROM moved GROUP BY 1, 2
            ), kept AS (
              SELECT account.currency, account.kind, sum(balance.amount_minor) AS minor
              FROM payments_balance balance JOIN payments_account account ON account.id = balance.account_id
              WHERE %(at)s::timestamptz IS NULL GROUP BY 1, 2
            )
            SELECT currency, kind, coalesce(debited, 0), coalesce(credited, 0), kept.minor
            FROM posted FULL JOIN kept USING (currency, kind)
            WHERE debited IS NOT NULL OR kept.minor <> 0
            """,
            {"until": until, "at": at},
        )
        rows = cursor.fetchall()
    found = [
        Line(currency, kind, int(debited), int(credited), None if at is not None else int(kept or 0))
        for currency, kind, debited, credited, kept in rows
    ]
    return sorted(found, key=lambda line: (line.currency, ORDER[line.kind]))


def _unequal(books: Sequence[Book], *, at: datetime | None) -> list[str]:
    """In words, each currency whose sides differ, and the entries that do not add up to zero in it."""
    wrong = [book for book in books if book.difference_minor or book.debited_minor != book.credited_minor]
    if not wrong:
        return []
    said = [
        f"Debits and credits in {book.currency.upper()} differ by "
        f"{Money(book.difference_minor or book.debited_minor - book.credited_minor, book.currency).display()}."
        for book in wrong
    ]
    return said + [f"The entry {key} does not add up to zero." for key in _unbalanced(at=at)]


def _unbalanced(*, at: datetime | None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT entry.key FROM payments_entry entry
            JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
            WHERE entry.posted_at < coalesce(%s::timestamptz, 'infinity')
            GROUP BY entry.book, entry.id, entry.key, posting.currency HAVING sum(posting.amount_minor) <> 0
            ORDER BY entry.id LIMIT %s
            """,
            [at, MOST_NAMED],
        )
        return [str(key) for (key,) in cursor.fetchall()]


def _not_kept(lines: Sequence[Line]) -> list[str]:
    return [
        f"{line.label}: the postings make {Money(line.balance_minor, line.currency).display()}, "
        f"the kept balances {Money(line.kept_minor, line.currency).display()}."
        for line in lines
        if line.kept_minor is not None and line.kept_minor != line.balance_minor
    ]
