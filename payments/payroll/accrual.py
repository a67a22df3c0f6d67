"""From approved lines to earnings: one earning and one entry per line, in the order of approval's discovery."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from kit.crash import crash_point
from payments.inbox import findings
from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.models import Account

BATCH = 2_000
# Freezing takes it too: while a run is cut, no earning can slip in behind the cut.
PAY_CUT_LOCK = 7_400_001


class Earned(NamedTuple):
    book: int
    line: int
    performer_id: str
    company_id: str
    gig_id: str
    amount_minor: int
    fee_minor: int
    currency: str


def accrue(*, at: datetime) -> int:
    """Turn every approved line that is not yet an earning into one; returns how many. Safe to run again at any time.

    The company's budget for the gig pays; what it does not cover comes from its wallet, then becomes a receivable that
    finance is told of: the performer's pay never waits for the company's money.
    """
    total = 0
    while made := _accrue_batch(at=at):
        total += made
    return total


@transaction.atomic
def _accrue_batch(*, at: datetime) -> int:
    lock_pay_cut()
    fresh = _insert_earnings(at=at)
    crash_point("accrual.earnings_inserted")
    if fresh:
        ledger.post(_drafts(fresh, at=at), at=at)
    crash_point("accrual.before_commit")
    return len(fresh)


def lock_pay_cut() -> None:
    """Wait for whoever accrues or freezes, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PAY_CUT_LOCK])


def _insert_earnings(*, at: datetime) -> list[Earned]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH approved AS (
              SELECT to_char(week.starts_on, 'YYYYMMDD')::int AS book, line.id AS line_id,
                     sheet.performer_id, sheet.company_id, line.amount_minor, line.fee_minor, line.currency,
                     coalesce(seat.session_id, corrected.session_id) AS session_id
              FROM marketplace_timeline line
              JOIN marketplace_timesheet sheet ON sheet.id = line.timesheet_id
              JOIN marketplace_payweek week ON week.id = sheet.week_id
              LEFT JOIN marketplace_seat seat ON seat.id = line.seat_id
              LEFT JOIN marketplace_timeline original ON original.id = line.corrects_id
              LEFT JOIN marketplace_seat corrected ON corrected.id = original.seat_id
              WHERE line.approved_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM payments_earning earning WHERE earning.line_id = line.id)
              ORDER BY line.id LIMIT %(batch)s
            ), fresh AS (
              INSERT INTO payments_earning
                (book, public_id, line_id, performer_id, company_id, amount_minor, fee_minor, currency, accrued_at)
              SELECT book, callboard_uuid7(), line_id, performer_id, company_id, amount_minor, fee_minor, currency, %(at)s
              FROM approved ORDER BY line_id
              ON CONFLICT (book, line_id) DO NOTHING
              RETURNING line_id
            )
            SELECT approved.book, approved.line_id, callboard_typed_id('prf', performer.public_id),
                   callboard_typed_id('cmp', company.public_id),
                   coalesce(callboard_typed_id('gig', gig.public_id), ''),
                   approved.amount_minor, approved.fee_minor, approved.currency
            FROM fresh JOIN approved USING (line_id)
            JOIN accounts_performer performer ON performer.id = approved.performer_id
            JOIN accounts_company company ON company.id = approved.company_id
            LEFT JOIN marketplace_session session ON session.id = approved.session_id
            LEFT JOIN marketplace_gig gig ON gig.id = session.gig_id
            ORDER BY approved.line_id
            """,
            {"batch": BATCH, "at": at},
        )
        return [Earned(*row) for row in cursor.fetchall()]


def _drafts(fresh: Sequence[Earned], *, at: datetime) -> Iterable[ledger.Draft]:
    payers = _Payers(fresh, at=at)
    accounts = _Accounts(fresh)
    for earned in fresh:
        cost = earned.amount_minor + earned.fee_minor
        legs = [
            ledger.Leg(payers.payer(earned, cost), cost),
            ledger.Leg(accounts.payable(earned), -earned.amount_minor),
            ledger.Leg(accounts.fees(earned), -earned.fee_minor),
        ]
        moving = [leg for leg in legs if leg.amount_minor]
        if moving:
            yield ledger.Draft(key=f"earning:{earned.line}", kind="earning", legs=moving, book=earned.book)


class _Accounts:
    """The accounts of a batch, looked up at once."""

    def __init__(self, fresh: Sequence[Earned]) -> None:
        self._payables: dict[tuple[str, str], Account] = {}
        self._fees: dict[str, Account] = {}
        by_currency: dict[str, set[str]] = defaultdict(set)
        for earned in fresh:
            by_currency[earned.currency].add(earned.performer_id)
        for currency, owners in by_currency.items():
            self._fees[currency] = ledger.account(Kind.PLATFORM_FEES, currency=currency)
            made = ledger.accounts(Kind.PERFORMER_PAYABLE, currency=currency, owners=owners)
            self._payables |= {(owner, currency): account for owner, account in made.items()}

    def payable(self, earned: Earned) -> Account:
        return self._payables[earned.performer_id, earned.currency]

    def fees(self, earned: Earned) -> Account:
        return self._fees[earned.currency]


class _Payers:
    """Which of the company's accounts pays each line: the gig's budget, else the wallet, else a receivable."""

    def __init__(self, fresh: Sequence[Earned], *, at: datetime) -> None:
        self.at = at
        self._left: dict[int, int] = {}
        self._accounts: dict[tuple[Kind, str, str], Account] = {}

    def payer(self, earned: Earned, cost: int) -> Account:
        for kind, owner in ((Kind.GIG_BUDGET, earned.gig_id), (Kind.COMPANY_WALLET, earned.company_id)):
            if owner and (account := self._covered(kind, owner, earned.currency, cost)):
                return account
        findings.report(
            code="company_owes",
            thing=earned.company_id,
            detail="Approved work is not covered by the company's budget or wallet; it is owed as a receivable.",
            at=self.at,
        )
        return self._account(Kind.COMPANY_RECEIVABLE, earned.company_id, earned.currency)

    def _covered(self, kind: Kind, owner: str, currency: str, cost: int) -> Account | None:
        account = self._account(kind, owner, currency)
        left = self._left.setdefault(account.pk, -balances.balance_minor(account))
        if left < cost:
            return None
        self._left[account.pk] = left - cost
        return account

    def _account(self, kind: Kind, owner: str, currency: str) -> Account:
        key = (kind, owner, currency)
        if key not in self._accounts:
            self._accounts[key] = ledger.account(kind, currency=currency, owner=owner)
        return self._accounts[key]
