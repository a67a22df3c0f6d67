"""The four figures of a week that must agree: what was approved, what companies paid, what performers get, and fees."""

from dataclasses import dataclass

from django.db import connection

from kit.money import Money
from payments.payroll import queries
from payments.payroll.models import PayRun


@dataclass(frozen=True)
class Figures:
    """Approved hours and money, all over the same earnings. `difference` is charged less pay less fees: zero, or a bug."""

    payable_s: int
    lines: int
    charged: Money
    performers: Money
    fees: Money

    @property
    def difference(self) -> Money:
        return self.charged - self.performers - self.fees

    @property
    def agrees(self) -> bool:
        return not self.difference


def figures(run: PayRun) -> Figures:
    """The run's figures: pay and fees from the earnings, what was charged from the books. A draft shows what it would take."""
    start, end = (
        (run.earnings.lower, run.earnings.upper) if run.earnings else queries.next_span(currency=run.currency)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(line.payable_s), 0), count(*), coalesce(sum(earning.amount_minor), 0),
                   coalesce(sum(earning.fee_minor), 0), coalesce(sum(charged.amount_minor), 0)
            FROM payments_earning earning JOIN marketplace_timeline line ON line.id = earning.line_id
            LEFT JOIN LATERAL (
              SELECT sum(posting.amount_minor) AS amount_minor FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.book = earning.book AND entry.key = 'earning:' || earning.line_id
                AND account.kind IN ('gig_budget', 'company_wallet', 'company_receivable')
            ) charged ON true
            WHERE earning.id >= %s AND earning.id < %s AND earning.currency = %s
            """,
            [start, end, run.currency],
        )
        seconds, lines, pay, fees, charged = (int(value) for value in cursor.fetchone())
    return Figures(
        payable_s=seconds,
        lines=lines,
        charged=Money(charged, run.currency),
        performers=Money(pay, run.currency),
        fees=Money(fees, run.currency),
    )
