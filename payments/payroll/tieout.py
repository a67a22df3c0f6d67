"""The four figures of a week that must agree: what was approved, what companies paid, what performers get, and fees."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from kit.money import Money
from payments.payroll import coverage, deductions
from payments.payroll.coverage import Span
from payments.payroll.deductions import Part
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


def figures(run: PayRun, *, at: datetime) -> Figures:
    """The run's figures: pay and fees from the earnings, what was charged from the books. A draft shows what it would take,
    less what it would deduct for the companies."""
    within = coverage.span(currency=run.currency)
    drafted = run.state == RunState.DRAFT
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
              SELECT id, book, line_id, pay_line_id, amount_minor, fee_minor
              FROM payments_open_earnings(%(currency)s, %(start)s, %(end)s, %(chosen)s) WHERE %(drafted)s
              UNION ALL
              SELECT earning.id, earning.book, earning.line_id, earning.pay_line_id, earning.amount_minor, earning.fee_minor
              FROM payments_payitem item JOIN payments_earning earning
                ON earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
              WHERE item.run_id = %(run)s AND NOT %(drafted)s
            )
            SELECT coalesce(sum(line.payable_s), 0), count(*), coalesce(sum(earning.amount_minor), 0),
                   coalesce(sum(earning.fee_minor), 0), coalesce(sum(charged.amount_minor), 0)
            FROM taken earning LEFT JOIN marketplace_timeline line ON line.id = earning.line_id
            LEFT JOIN LATERAL (
              SELECT sum(posting.amount_minor) AS amount_minor FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.book = earning.book
                AND entry.key = 'earning:' || payments_earning_source(earning.line_id, earning.pay_line_id)
                AND account.kind IN ('gig_budget', 'company_wallet', 'company_receivable', 'company_terms')
            ) charged ON true
            """,
            {
                "currency": run.currency,
                "start": within.start,
                "end": within.end,
                "chosen": coverage.chosen_of(run),
                "drafted": drafted,
                "run": run.pk,
            },
        )
        seconds, lines, pay, fees, charged = (int(value) for value in cursor.fetchone())
    parts = _deducted(run, within=within, at=at) if drafted else []
    deducted = sum(part.minor for part in parts)
    return Figures(
        payable_s=seconds,
        lines=lines + len(parts),
        charged=Money(charged - deducted, run.currency),
        performers=Money(pay - deducted, run.currency),
        fees=Money(fees, run.currency),
    )


def _deducted(run: PayRun, *, within: Span, at: datetime) -> list[Part]:
    parts = deductions.due(currency=run.currency, within=within, chosen=coverage.chosen_of(run), at=at)
    return [part for of_one in parts.values() for part in of_one]
