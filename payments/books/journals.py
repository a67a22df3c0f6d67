"""One summary journal a week and company, balanced, and one of what is the house's alone: together all that was posted."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from accounts.access.actors import Actor
from kit.errors import NotFound
from kit.instants import day_for_xero
from payments.books import events
from payments.books.chart import LABELS, ORDER
from payments.books.models import JournalSum, SummedWeek

HOUSE = "The house"


@dataclass(frozen=True)
class JournalLine:
    """What one event moved on one kind of account, debits less credits in minor units; never zero."""

    event: str
    kind: str
    amount_minor: int

    @property
    def description(self) -> str:
        return f"{events.words(self.event)}: {LABELS[self.kind]}"

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def what(self) -> str:
        return events.words(self.event)

    @property
    def debit_minor(self) -> int:
        return max(self.amount_minor, 0)

    @property
    def credit_minor(self) -> int:
        return max(-self.amount_minor, 0)


@dataclass(frozen=True)
class Journal:
    """The lines add up to zero. `company` is what it is called; `number` names it for good, and its `part` where it had to
    be split."""

    week: date
    company: str
    company_id: str
    company_pk: int
    currency: str
    lines: Sequence[JournalLine]
    part: int = 0

    @property
    def number(self) -> str:
        """At most 21 characters, as QuickBooks takes them."""
        part = f"-{self.part}" if self.part else ""
        return f"CB{self.week:%y%m%d}{self.currency}{self.company_pk}{part}"

    @property
    def dated(self) -> date:
        """The week's Sunday: all of it had been posted by its end."""
        return self.week + timedelta(days=6)

    @property
    def narration(self) -> str:
        return f"{self.company}, week of {day_for_xero(self.week)} ({self.number})"

    @property
    def debit_minor(self) -> int:
        return sum(line.debit_minor for line in self.lines)

    @property
    def credit_minor(self) -> int:
        return sum(line.credit_minor for line in self.lines)


def weeks(actor: Actor) -> QuerySet[SummedWeek]:
    """The weeks that have journals, the newest first. Raises Forbidden (403) for anyone but finance."""
    actor.require_finance()
    return SummedWeek.objects.order_by("-starts_on")


def get_week(actor: Actor, starts_on: date | None) -> SummedWeek:
    """Raises Forbidden (403), NotFound (404) for a week that is not over, or none."""
    found = weeks(actor).filter(starts_on=starts_on).first() if starts_on is not None else None
    if found is None:
        raise NotFound
    return found


def of_week(week: SummedWeek, *, currency: str = "") -> list[Journal]:
    """Its journals, the oldest company's first, the house's last; in one query. One currency never stands in another's."""
    rows = JournalSum.objects.filter(week=week).select_related("company")
    if currency:
        rows = rows.filter(currency=currency)
    by_company: dict[tuple[str, int], list[JournalSum]] = defaultdict(list)
    for row in rows:
        by_company[row.currency, row.company_id or 0].append(row)
    found = [_journal(week.starts_on, of_one) for of_one in by_company.values()]
    kept = [journal for journal in found if journal.lines]
    # By what never changes: a name that does would put a journal into another file between two downloads.
    return sorted(kept, key=lambda each: (each.currency, not each.company_pk, each.company_pk))


def split(journals: Sequence[Journal], *, most_lines: int) -> Iterator[list[Journal]]:
    """The same in files of at most `most_lines` lines each: a journal stays whole, and where it has more lines by itself it
    becomes several that balance, by what happened."""
    file: list[Journal] = []
    for journal in journals:
        for part in _parts(journal, most_lines):
            if file and sum(len(each.lines) for each in file) + len(part.lines) > most_lines:
                yield file
                file = []
            file.append(part)
    if file:
        yield file


def _journal(week: date, rows: Sequence[JournalSum]) -> Journal:
    company = rows[0].company
    lines = [
        JournalLine(row.event, row.kind, row.debited_minor - row.credited_minor)
        for row in sorted(rows, key=lambda row: (row.event, ORDER[row.kind]))
        if row.debited_minor != row.credited_minor
    ]
    return Journal(
        week=week,
        company=company.name if company is not None else HOUSE,
        company_id=company.public_id if company is not None else "",
        company_pk=company.pk if company is not None else 0,
        currency=rows[0].currency,
        lines=lines,
    )


def _parts(journal: Journal, most_lines: int) -> list[Journal]:
    if len(journal.lines) <= most_lines:
        return [journal]
    # The lines of one event add up to zero, and there are fewer kinds of account than any product's limit.
    chunks: list[list[JournalLine]] = [[]]
    for event in dict.fromkeys(line.event for line in journal.lines):
        of_one = [line for line in journal.lines if line.event == event]
        if len(chunks[-1]) + len(of_one) > most_lines:
            chunks.append([])
        chunks[-1] += of_one
    return [
        Journal(
            week=journal.week,
            company=journal.company,
            company_id=journal.company_id,
            company_pk=journal.company_pk,
            currency=journal.currency,
            lines=lines,
            part=number,
        )
        for number, lines in enumerate((chunk for chunk in chunks if chunk), start=1)
    ]
