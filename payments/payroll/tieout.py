"""The four figures of a week that must agree: what was approved, what companies paid, what performers get, and fees."""

from dataclasses import dataclass

from django.db import connection

from kit.money import Money
from payments.payroll import coverage
from payments.payroll.models import PayRun
from payments.payroll.states import RunState


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
    within = coverage.span(currency=run.currency)
    drafted = run.state == RunState.DRAFT
    chosen = list(run.chosen) if run.off_cycle is not None else None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
              SELECT id, book, line_id, amount_minor, fee_minor
              FROM payments_open_earnings(%(currency)s, %(start)s, %(end)s, %(chosen)s) WHERE %(drafted)s
              UNION ALL
              SELECT earning.id, earning.book, earning.line_id, earning.amount_minor, earning.fee_minor
              FROM payments_payitem item JOIN payments_earning earning
                ON earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
              WHERE item.run_id = %(run)s AND NOT %(drafted)s
            )
            SELECT coalesce(sum(line.payable_s), 0), count(*), coalesce(sum(earning.amount_minor), 0),
                   coalesce(sum(earning.fee_minor), 0), coalesce(sum(charged.amount_minor), 0)
            FROM taken earning JOIN marketplace_timeline line ON line.id = earning.line_id
            LEFT JOIN LATERAL (
              SELECT sum(posting.amount_minor) AS amount_minor FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.book = earning.book AND entry.key = 'earning:' || earning.line_id
                AND account.kind IN ('gig_budget', 'company_wallet', 'company_receivable')
            ) charged ON true
            """,
            {
                "currency": run.currency,
                "start": within.start,
                "end": within.end,
                "chosen": chosen,
                "drafted": drafted,
                "run": run.pk,
            },
        )
        seconds, lines, pay, fees, charged = (int(value) for value in cursor.fetchone())
    return Figures(
        payable_s=seconds,
        lines=lines,
        charged=Money(charged, run.currency),
        performers=Money(pay, run.currency),
        fees=Money(fees, run.currency),
    )
