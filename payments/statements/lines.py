"""A performer's statement line by line: of one pay item or of a year, each line with its seconds, rate, session, transfer
and arrival; as a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from accounts.performers.models import Performer
from kit import instants
from kit.csv_files import Cell, write
from kit.money import Money
from marketplace.timekeeping.models import TimeLine
from marketplace.timekeeping.weeks import payroll_day
from payments.paylines.kinds import Kind
from payments.paylines.models import PayLine
from payments.payouts.models import BankPayout, Transfer
from payments.payroll.models import Earning, PayItem
from payments.payroll.queries import earnings_of
from payments.payroll.states import ItemState, RunState
from payments.printing.sheets import printed
from payments.statements import queries

# A sheet of more would take the web server too long; it says each payday's sums instead, and the CSV has every line.
MOST_PRINTED = 400
PAID = (ItemState.SENT, ItemState.SETTLED, ItemState.REVERSED)
CALLED = {**dict(TimeLine.Kind.choices), **dict(Kind.choices)}
HEAD = [
    "Payday of week", "Line", "What", "Gig", "Company", "Session", "Day", "Seconds", "Rate an hour", "Amount", "Currency",
    "Pay item", "Transfer", "Sent", "In the bank",
]  # fmt: skip


@dataclass(frozen=True)
class Paid:
    """One pay item with where its money went: its transfer, what of it came back, and the day on which a bank had it."""

    item: PayItem
    transfer: Transfer | None
    arrived_on: date | None

    @property
    def week(self) -> date:
        return self.item.run.week.starts_on

    @property
    def sent_on(self) -> date | None:
        return _day(self.item.sent_at)

    @property
    def sent_minor(self) -> int:
        """What went out; nothing of what is held, or waits."""
        return self.item.amount_minor if self.item.state in PAID else 0

    @property
    def waiting_minor(self) -> int:
        return self.item.amount_minor - self.sent_minor

    @property
    def returned_minor(self) -> int:
        return self.transfer.reversed_minor if self.transfer is not None else 0


@dataclass(frozen=True)
class Line:
    """One line that was paid, in minor units; a pay line has neither seconds nor a rate."""

    paid: Paid
    id: str
    what: str
    gig: str
    company: str
    session: str
    day: date | None
    payable_s: int | None
    rate_minor: int | None
    amount_minor: int


@dataclass(frozen=True)
class Statement:
    """Some items of a performer, and all their lines: these add up to the items' nets. What is paid again has its lines where it
    was paid first."""

    performer: Performer
    title: str
    currency: str
    paid: Sequence[Paid]
    lines: Sequence[Line]

    @property
    def earned_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def kept_minor(self) -> int:
        return sum(each.item.recovered_minor for each in self.paid)

    @property
    def sent_minor(self) -> int:
        return sum(each.sent_minor for each in self.paid)

    @property
    def waiting_minor(self) -> int:
        return sum(each.waiting_minor for each in self.paid)

    @property
    def returned_minor(self) -> int:
        return sum(each.returned_minor for each in self.paid)


def of_item(item: PayItem) -> Statement:
    """Of one payday."""
    beside = "Beside the weeks, " if item.run.is_off_cycle else ""
    week = instants.day(item.run.week.starts_on, with_year=True)
    paid = _paid([item])
    return Statement(
        item.performer,
        f"{beside}week of {week}" if beside else f"Week of {week}",
        item.currency,
        paid,
        list(_lines(paid)),
    )


def of_year(performer: Performer, *, year: int, currency: str = "usd") -> Statement:
    """Of a calendar year of the payroll zone: what was sent in it, or settled where nothing needed to be, as tax counts it."""
    begin, end = queries.year_of(year)
    within = Q(sent_at__gte=begin, sent_at__lt=end) | Q(
        sent_at=None, settled_at__gte=begin, settled_at__lt=end
    )
    items = PayItem.objects.filter(within, performer=performer, currency=currency, state__in=PAID)
    rows = items.exclude(run__state=RunState.CANCELLED).select_related("run__week", "performer__user")
    paid = _paid(list(rows.order_by("id")))
    return Statement(performer, f"Pay in {year}", currency, paid, list(_lines(paid)))


def csv_of(statement: Statement) -> bytes:
    """Every line, then what was kept of them and what was sent."""
    return write(HEAD, [*map(_cells, statement.lines), *_sums(statement)])


def pdf_of(statement: Statement) -> bytes:
    """The same as a sheet. Raises CannotPrint (503)."""
    return printed(html_of(statement))


def html_of(statement: Statement) -> str:
    context = {
        "statement": statement,
        "rows": statement.lines if len(statement.lines) <= MOST_PRINTED else [],
        "house": settings.INVOICE_ISSUER.splitlines(),
    }
    return render_to_string("payments/statement_sheet.html", context)


def _paid(items: Sequence[PayItem]) -> list[Paid]:
    transfers = {each.item_id: each for each in Transfer.objects.filter(item__in=items)}
    payouts = BankPayout.objects.filter(transfers__in=transfers.values(), status="paid").order_by(
        "created_at"
    )
    arrived = dict(payouts.values_list("transfers", "arrives_on"))  # the last that carried it counts
    found = []
    for item in items:
        transfer = transfers.get(item.pk)
        found.append(Paid(item, transfer, arrived.get(transfer.pk) if transfer is not None else None))
    return found


def _lines(paid: Iterable[Paid]) -> Iterator[Line]:
    for each in paid:
        if each.item.pays_again_id is not None:
            continue
        for earning in _with_sources(earnings_of(each.item)):
            yield _line(earning, each)


def _with_sources(earnings: QuerySet[Earning]) -> QuerySet[Earning]:
    return earnings.select_related(
        "company",
        "line__seat__session__gig",
        "line__corrects__seat__session__gig",
        "pay_line__engagement__gig",
        "pay_line__part_of",
    )


def _line(earning: Earning, paid: Paid) -> Line:
    said = _of_time(earning.line) if earning.line is not None else _of_pay_line(earning.pay_line)
    return Line(paid=paid, company=earning.company.name, amount_minor=earning.amount_minor, **said)


def _of_time(line: TimeLine) -> dict[str, Any]:
    seat = line.seat or (line.corrects.seat if line.corrects is not None else None)
    session = seat.session if seat is not None else None
    return {
        "id": line.public_id,
        "what": CALLED[line.kind],
        "gig": session.gig.title if session is not None else "",
        "session": session.public_id if session is not None else "",
        "day": _day(session.call_at if session is not None else line.approved_at),
        "payable_s": line.payable_s,
        "rate_minor": line.rate_minor,
    }


def _of_pay_line(line: PayLine | None) -> dict[str, Any]:
    if line is None:
        raise TypeError("An earning comes from a time line or a pay line.")
    return {
        "id": (line.part_of or line).public_id,
        "what": CALLED[line.kind],
        "gig": line.engagement.gig.title,
        "session": "",
        "day": line.spent_on or _day(line.decided_at),
        "payable_s": None,
        "rate_minor": None,
    }


def _cells(line: Line) -> list[Cell]:
    currency, paid = line.paid.item.currency, line.paid
    rate = Money(line.rate_minor, currency) if line.rate_minor is not None else None
    return [
        paid.week, line.id, line.what, line.gig, line.company, line.session, line.day, line.payable_s, rate,
        Money(line.amount_minor, currency), currency.upper(), *_way(paid),
    ]  # fmt: skip


def _way(paid: Paid) -> list[Cell]:
    transfer = paid.transfer.stripe_id if paid.transfer is not None else ""
    return [paid.item.public_id, transfer, paid.sent_on, paid.arrived_on]


def _sums(statement: Statement) -> Iterator[list[Cell]]:
    """Of each item what was sent, or waits; before it, where something was kept for what had been too much, that."""
    for paid in statement.paid:
        for said, minor in (
            ("Kept for what was paid too much before", -paid.item.recovered_minor),
            ("Came back", -paid.returned_minor),
            ("Not sent yet", paid.waiting_minor),
            ("Sent" if paid.item.pays_again_id is None else "Sent again", paid.sent_minor),
        ):
            if minor or (said.startswith("Sent") and not paid.waiting_minor):
                amount = Money(minor, statement.currency)
                blank: list[Cell] = [None] * 6
                yield [paid.week, None, said, *blank, amount, statement.currency.upper(), *_way(paid)]


def _day(at: datetime | None) -> date | None:
    return at and payroll_day(at)
