"""A company's statement of account: what it owed at first, each thing that changed it, and what it owed at the end.

What it owes is what it has drawn on terms and what work cost beyond its money; both stand in the books, and nothing here is
kept beside them. An invoice changes nothing, since what it charges was paid as it was approved: it is named where it fell.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.csv_files import Cell, write
from kit.errors import Invalid
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.funding.queries import KINDS
from payments.invoicing import queries
from payments.invoicing.models import OF_A_WEEK, Document
from payments.ledger.chart import Kind
from payments.ledger.models import Account

MOST_DAYS = 366
HEAD = ["Day", "What", "Document", "Drawn or charged", "Paid or given back", "Balance", "Currency"]
WORK = ("earning", "bonus", "expense", "breach", "licence", "piece", "deduction")
BEYOND = "Charged beyond what was there"


@dataclass(frozen=True)
class Days:
    """Half-open: from the first day on, up to and without `until`, in the payroll zone."""

    first: date
    until: date

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        return _midnight(self.until)


@dataclass(frozen=True)
class Entry:
    """What one entry did to what the company owes, in minor units: above zero it owes more."""

    key: str
    kind: str
    at: datetime
    minor: int
    facts: dict[str, str]


@dataclass(frozen=True)
class Line:
    """One line: what it was, the document that names it, and what is owed after it. An invoice has no amount of its own."""

    at: datetime
    what: str
    document: Document | None
    amount: Money | None
    balance: Money

    @property
    def on(self) -> date:
        return payroll_day(self.at)


@dataclass(frozen=True)
class Statement:
    company: Company
    days: Days
    opening: Money
    lines: Sequence[Line]

    @property
    def closing(self) -> Money:
        return self.lines[-1].balance if self.lines else self.opening


def days(first: date | None, last: date | None, *, at: datetime) -> Days:
    """The days named, both included; without them this month so far. Raises Invalid (422) for more than a year, or none."""
    today = payroll_day(at)
    last = last or max(today, first or today)
    first = first or last.replace(day=1)
    if not first <= last:
        raise Invalid.field("last", "The last day comes after the first.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid.field("first", f"At most {MOST_DAYS} days at a time.")
    return Days(first, last + timedelta(days=1))


def statement(actor: Actor, company: Company, asked: Days, *, currency: str = "usd") -> Statement:
    """The company's statement over these days. Call with a company that the actor may see."""
    accounts = Account.objects.filter(
        kind__in=[Kind.COMPANY_TERMS, Kind.COMPANY_RECEIVABLE], owner=company.public_id, currency=currency
    )
    keys = list(accounts.values_list("pk", flat=True))
    opening = _owed_before(keys, asked.starts_at)
    entries = _entries(keys, asked)
    issued = queries.of_company(actor, company).filter(
        currency=currency, issued_at__gte=asked.starts_at, issued_at__lt=asked.ends_at, kind__in=OF_A_WEEK
    )
    named = _named(actor, company, entries)
    rows: list[Row] = [(each.at, named.what(each), named.document(each), each.minor) for each in entries]
    rows += [(each.issued_at, _invoiced(each), each, None) for each in issued.order_by("id")]
    lines = _running(_folded(sorted(rows, key=lambda row: row[0])), opening, currency=currency)
    return Statement(company, asked, Money(opening, currency), lines)


def csv_of(found: Statement) -> bytes:
    """The statement as a file: the opening balance, each line, the closing balance."""
    currency = found.opening.currency.upper()
    rows: list[list[Cell]] = [
        [found.days.first, "Opening balance", None, None, None, found.opening, currency]
    ]
    for line in found.lines:
        number = line.document.number if line.document else None
        more = line.amount if line.amount and line.amount.minor > 0 else None
        less = -line.amount if line.amount and line.amount.minor < 0 else None
        rows.append([line.on, line.what, number, more, less, line.balance, currency])
    rows.append([found.days.last, "Closing balance", None, None, None, found.closing, currency])
    return write(HEAD, rows)


@dataclass(frozen=True)
class Named:
    """The gigs and documents that entries are about, each read once for all."""

    gigs: dict[str, str]
    documents: dict[str, Document]

    def what(self, entry: Entry) -> str:
        gig = self.gigs.get(entry.key, "")
        match entry.kind:
            case "set_aside":
                return f"Drawn for “{gig}”"
            case "give_back":
                return f"Given back from “{gig}”"
            case kind if kind in WORK:
                return BEYOND if entry.minor > 0 else "A correction"
            case kind:
                return KINDS.get(kind, kind)

    def document(self, entry: Entry) -> Document | None:
        return self.documents.get(entry.key)


def _named(actor: Actor, company: Company, entries: Sequence[Entry]) -> Named:
    found = queries.of_company(actor, company)
    work = _invoices_of([each.key for each in entries if each.kind in WORK], company)
    by_pk = {each.pk: each for each in found.filter(pk__in=set(work.values()))}
    documents = {key: by_pk[pk] for key, pk in work.items() if pk in by_pk}
    return Named(gigs=_gigs(entries), documents=documents | _receipts(found, entries))


def _receipts(found: QuerySet[Document], entries: Sequence[Entry]) -> dict[str, Document]:
    """By the key of an entry of a payment, its receipt or refund note."""
    paid = {each.facts.get("funding", ""): each.key for each in entries if each.kind == "funding"}
    moved = {each.key.removeprefix("txn:"): each.key for each in entries if each.key.startswith("txn:")}
    about = Q(movement__kind="payment", movement__funding__public_id__in=[key for key in paid if key])
    rows = found.filter(about | Q(movement__stripe_id__in=moved))
    receipts: dict[str, Document] = {}
    for document in rows:
        movement = document.movement
        if movement is not None:
            key = moved.get(movement.stripe_id) or paid.get(movement.funding.public_id)
            receipts |= {key: document} if key else {}
    return receipts


def _gigs(entries: Sequence[Entry]) -> dict[str, str]:
    """By the key of an entry that set aside or gave back, the title of its gig: `set_aside:gig_…:…`."""
    about = {each.key: each.key.split(":")[1] for each in entries if each.kind in ("set_aside", "give_back")}
    titles = dict(Gig.objects.filter(public_id__in=set(about.values())).values_list("public_id", "title"))
    return {key: titles.get(gig, "") for key, gig in about.items()}


def _invoices_of(keys: Collection[str], company: Company) -> dict[str, int]:
    """By the key of a charge's entry, the document on which it stands; charges that are on none yet are left out."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH charge AS (
              SELECT 'earning:' || payments_earning_source(line_id, pay_line_id) AS key, line_id, pay_line_id
              FROM payments_earning WHERE company_id = %s
            )
            SELECT charge.key, billed.document_id FROM charge JOIN payments_documentline billed
              ON billed.line_id = charge.line_id OR billed.pay_line_id = charge.pay_line_id
            WHERE charge.key = ANY (%s)
            """,
            [company.pk, list(keys)],
        )
        return dict(cursor.fetchall())


def _entries(accounts: Sequence[int], asked: Days) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT entry.key, entry.kind, entry.posted_at, sum(posting.amount_minor)::bigint, entry.facts->>'funding'
            FROM payments_posting posting
            JOIN payments_entry entry ON entry.book = posting.book AND entry.id = posting.entry_id
            WHERE posting.account_id = ANY (%s) AND entry.posted_at >= %s AND entry.posted_at < %s
            GROUP BY entry.book, entry.id, entry.key, entry.kind, entry.posted_at, entry.facts
            HAVING sum(posting.amount_minor) <> 0 ORDER BY entry.posted_at, entry.id
            """,
            [list(accounts), asked.starts_at, asked.ends_at],
        )
        return [
            Entry(key, kind, at, minor, {"funding": funding or ""})
            for key, kind, at, minor, funding in cursor.fetchall()
        ]


def _owed_before(accounts: Sequence[int], at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(posting.amount_minor), 0)::bigint FROM payments_posting posting
            JOIN payments_entry entry ON entry.book = posting.book AND entry.id = posting.entry_id
            WHERE posting.account_id = ANY (%s) AND entry.posted_at < %s
            """,
            [list(accounts), at],
        )
        return int(cursor.fetchone()[0])


Row = tuple[datetime, str, Document | None, int | None]


def _folded(rows: Iterable[Row]) -> list[Row]:
    """Charges of one document that follow each other are one line: a week's close charges them by the hundred."""
    found: list[Row] = []
    for row in rows:
        at, what, document, minor = row
        if found and what == BEYOND == found[-1][1] and document == found[-1][2]:
            found[-1] = (at, what, document, (found[-1][3] or 0) + (minor or 0))
        else:
            found.append(row)
    return found


def _running(rows: Iterable[Row], opening: int, *, currency: str) -> list[Line]:
    lines, owed = [], opening
    for at, what, document, minor in rows:
        owed += minor or 0
        amount = Money(minor, currency) if minor is not None else None
        lines.append(Line(at, what, document, amount, Money(owed, currency)))
    return lines


def _invoiced(document: Document) -> str:
    total = Money(document.total_minor, document.currency).display()
    paid = Money(document.paid_minor, document.currency).display()
    return f"{document.get_kind_display()} over {total}; {paid} of it came from the wallet and what was set aside"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.PAYROLL_TIME_ZONE))
