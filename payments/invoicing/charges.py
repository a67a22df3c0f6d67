"""Which charges of a closed week are on no document yet, and what the ledger says paid for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from marketplace.timekeeping.models import PayWeek
from payments.invoicing.models import BilledRun, Document
from payments.payroll import coverage
from payments.payroll.models import PayRun
from payments.payroll.states import RunState

SIGNED = (RunState.APPROVED, RunState.PAYING, RunState.PAID)


@dataclass(frozen=True)
class Cut:
    """What is left to be billed: everything charged up to `upto`, of the weeks from one book to another, both included."""

    currency: str
    first: int
    upto: datetime | None
    from_book: int
    to_book: int

    @property
    def values(self) -> dict[str, str | int | datetime | None]:
        return {
            "first": self.first,
            "currency": self.currency,
            "cut": self.upto,
            "from_book": self.from_book,
            "to_book": self.to_book,
        }


@dataclass(frozen=True)
class Group:
    """Charges that belong on one document: of one company and week, and of one earlier document that they correct."""

    book: int
    corrects_id: int | None
    earnings: Sequence[int]
    pay_minor: int
    fee_minor: int


@dataclass(frozen=True)
class Paid:
    """What the ledger took for the charges, by where from, in minor units."""

    from_budget_minor: int
    from_wallet_minor: int
    owed_minor: int


def cut_of(run: PayRun) -> Cut:
    """Of a week's run: everything charged before it was frozen, of its week and those before."""
    return Cut(run.currency, _first(run.currency), run.frozen_at, 0, _book(run.week))


def cut_of_week(week: PayWeek, *, currency: str, at: datetime) -> Cut:
    """Of a week that runs beside it have paid: everything that was charged of it, and of no other."""
    return Cut(currency, _first(currency), at, _book(week), _book(week))


def _book(week: PayWeek) -> int:
    return int(f"{week.starts_on:%Y%m%d}")


def _first(currency: str) -> int:
    """The first charge that may have been left over before."""
    before = BilledRun.objects.filter(run__currency=currency).order_by("-id").first()
    return before.next_earning if before is not None else 0


def unbilled_weeks(run: PayRun) -> list[PayWeek]:
    """The weeks of which a run pays something that is on no document yet, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT earning.book FROM payments_payitem item JOIN payments_earning earning
              ON earning.performer_id = item.performer_id AND earning.currency = item.currency
             AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
            WHERE item.run_id = %s
              AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.line_id = earning.line_id)
              AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.pay_line_id = earning.pay_line_id)
            ORDER BY 1
            """,
            [run.pk],
        )
        books = [date.fromisoformat(str(book)) for (book,) in cursor.fetchall()]
    return list(PayWeek.objects.filter(starts_on__in=books).order_by("starts_on"))


def is_paid_beside(week: PayWeek, *, currency: str) -> bool:
    """Whether everything that was charged of a week is in items of runs that two people have signed, and its own run pays
    none of it: there is none, or it was only opened."""
    own = PayRun.objects.filter(week=week, currency=currency, off_cycle=None)
    if own.exclude(state__in=[RunState.DRAFT, RunState.CANCELLED]).exists() or coverage.waits_of(week):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT NOT EXISTS (
              SELECT FROM payments_earning earning WHERE earning.book = %s AND earning.currency = %s AND NOT EXISTS (
                SELECT FROM payments_payitem item JOIN payments_payrun run ON run.id = item.run_id
                WHERE item.performer_id = earning.performer_id AND item.currency = earning.currency
                  AND item.earnings @> earning.id AND run.state = ANY (%s)))
            """,
            [_book(week), currency, list(SIGNED)],
        )
        return bool(cursor.fetchone()[0])


def due(cut: Cut) -> dict[int, list[int]]:
    """By the primary key of each company that has something to be billed, the earnings that it is for: read once for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT company_id, array_agg(id) FROM payments_unbilled(%(currency)s, %(first)s)
            WHERE accrued_at <= %(cut)s AND book BETWEEN %(from_book)s AND %(to_book)s GROUP BY 1 ORDER BY 1
            """,
            cut.values,
        )
        return {int(company): earnings for company, earnings in cursor.fetchall()}


def next_group(earnings: Sequence[int], *, currency: str) -> Group | None:
    """What of a company's earnings goes onto its next document: the oldest week that has none first, then what corrects one;
    None once all of them are on one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
              SELECT earning.* FROM payments_earning earning
              WHERE earning.id = ANY (%(earnings)s)
                AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.line_id = earning.line_id)
                AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.pay_line_id = earning.pay_line_id)
            )
            SELECT due.book, root.id, array_agg(due.id ORDER BY due.id), sum(due.amount_minor), sum(due.fee_minor)
            FROM due
            LEFT JOIN marketplace_timeline line ON line.id = due.line_id
            LEFT JOIN payments_payline pay_line ON pay_line.id = due.pay_line_id
            LEFT JOIN payments_documentline of_line ON of_line.line_id = line.corrects_id
            LEFT JOIN payments_documentline of_pay_line ON of_pay_line.pay_line_id = pay_line.corrects_id
            LEFT JOIN payments_document original ON original.id = coalesce(of_line.document_id, of_pay_line.document_id)
            LEFT JOIN marketplace_payweek week ON week.starts_on = to_date(due.book::text, 'YYYYMMDD')
            LEFT JOIN payments_document first_one ON first_one.company_id = due.company_id AND first_one.week_id = week.id
              AND first_one.currency = %(currency)s AND first_one.corrects_id IS NULL
            CROSS JOIN LATERAL (SELECT coalesce(original.corrects_id, original.id, first_one.id) AS id) root
            GROUP BY due.book, root.id ORDER BY root.id IS NOT NULL, due.book, root.id LIMIT 1
            """,
            {"earnings": list(earnings), "currency": currency},
        )
        found = cursor.fetchone()
    if found is None:
        return None
    book, corrects_id, of_group, pay_minor, fee_minor = found
    return Group(book, corrects_id, of_group, int(pay_minor), int(fee_minor))


def paid_for(earnings: Sequence[int]) -> Paid:
    """By the entries of these charges: what was taken from budgets and wallet, and what was owed; below zero, given back: what
    lowered a debt, or what was drawn on terms, is in what was owed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(posting.amount_minor) FILTER (WHERE account.kind = 'gig_budget'), 0),
                   coalesce(sum(posting.amount_minor) FILTER (WHERE account.kind = 'company_wallet'), 0),
                   coalesce(sum(posting.amount_minor) FILTER (WHERE account.kind IN ('company_receivable', 'company_terms')), 0)
            FROM payments_earning earning
            JOIN payments_entry entry ON entry.book = earning.book
              AND entry.key = 'earning:' || payments_earning_source(earning.line_id, earning.pay_line_id)
            JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
            JOIN payments_account account ON account.id = posting.account_id
            WHERE earning.id = ANY (%s)
            """,
            [list(earnings)],
        )
        return Paid(*map(int, cursor.fetchone()))


def write_lines(document: Document, earnings: Sequence[int]) -> None:
    """Write the charges down as the document's lines, in the order of their approval."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_documentline (document_id, position, line_id, pay_line_id, what, gig_title, worked_on,
                                               payable_s, rate_minor, pay_minor, fee_minor)
            SELECT %(document)s, row_number() OVER (ORDER BY earning.id), earning.line_id, earning.pay_line_id,
                   coalesce(line.kind, pay_line.kind), coalesce(gig.title, ''),
                   coalesce((session.call_at AT TIME ZONE %(zone)s)::date, pay_line.spent_on,
                            (coalesce(line.approved_at, pay_line.decided_at) AT TIME ZONE %(zone)s)::date),
                   line.payable_s, line.rate_minor, earning.amount_minor, earning.fee_minor
            FROM payments_earning earning
            LEFT JOIN marketplace_timeline line ON line.id = earning.line_id
            LEFT JOIN marketplace_timeline original ON original.id = line.corrects_id
            LEFT JOIN marketplace_seat seat ON seat.id = coalesce(line.seat_id, original.seat_id)
            LEFT JOIN marketplace_session session ON session.id = seat.session_id
            LEFT JOIN payments_payline pay_line ON pay_line.id = earning.pay_line_id
            LEFT JOIN marketplace_engagement engagement ON engagement.id = pay_line.engagement_id
            LEFT JOIN marketplace_gig gig ON gig.id = coalesce(session.gig_id, engagement.gig_id)
            WHERE earning.id = ANY (%(earnings)s)
            """,
            {"document": document.pk, "zone": settings.PAYROLL_TIME_ZONE, "earnings": list(earnings)},
        )


def note_done(run: PayRun, *, at: datetime) -> BilledRun:
    """All of the run is billed; the next one looks from the first charge on that is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(
              (SELECT min(id) FROM payments_unbilled(%(currency)s, %(first)s)),
              (SELECT max(id) + 1 FROM payments_earning), %(first)s)
            """,
            {"currency": run.currency, "first": _first(run.currency)},
        )
        return BilledRun.objects.create(run=run, next_earning=cursor.fetchone()[0], done_at=at)
