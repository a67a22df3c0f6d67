"""From approved lines to earnings: one earning and one entry per line, in the order of approval."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db import connection, transaction

from accounts.companies.models import Company
from kit.crash import crash_point
from payments.funding import debts, purses
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account

BATCH = 2_000
# Freezing takes it too: while a run is cut, no earning can slip in behind the cut.
PAY_CUT_LOCK = 7_400_001


class Earned(NamedTuple):
    """`source` is what it comes from, as `payments_earning_source` names it."""

    approved_at: datetime
    book: int
    source: str
    kind: str
    performer_id: str
    company_pk: int
    company_id: str
    gig_id: str
    amount_minor: int
    fee_minor: int
    currency: str


def accrue(*, at: datetime) -> int:
    """Turn every approved line that is not yet an earning into one; returns how many. Safe to run again at any time.

    A deduction is no earning: each payday's part of it is (`deductions`).

    The company's budget for the gig pays; what it does not cover comes from its wallet, the rest is owed: the performer's
    pay never waits for the company's money.
    """
    total = 0
    while made := _accrue_batch(at=at):
        total += made
    return total


@transaction.atomic
def _accrue_batch(*, at: datetime) -> int:
    lock_pay_cut()
    # By approval alone: where two share an instant, time first.
    fresh = sorted([*_insert_earnings(at=at), *_insert_pay_lines(at=at)], key=attrgetter("approved_at"))
    crash_point("accrual.earnings_inserted")
    if fresh:
        _charge(fresh, at=at)
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
                     sheet.performer_id, sheet.company_id, line.amount_minor, line.fee_minor, line.currency, line.approved_at,
                     coalesce(seat.session_id, corrected.session_id) AS session_id
              FROM marketplace_timeline line
              JOIN marketplace_timesheet sheet ON sheet.id = line.timesheet_id
              JOIN marketplace_payweek week ON week.id = sheet.week_id
              LEFT JOIN marketplace_seat seat ON seat.id = line.seat_id
              LEFT JOIN marketplace_timeline original ON original.id = line.corrects_id
              LEFT JOIN marketplace_seat corrected ON corrected.id = original.seat_id
              WHERE line.approved_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM payments_earning earning WHERE earning.line_id = line.id)
              ORDER BY line.approved_at, line.id LIMIT %(batch)s
            ), fresh AS (
              INSERT INTO payments_earning
                (book, public_id, line_id, performer_id, company_id, amount_minor, fee_minor, currency, accrued_at)
              SELECT book, callboard_uuid7(), line_id, performer_id, company_id, amount_minor, fee_minor, currency, %(at)s
              FROM approved ORDER BY approved_at, line_id
              ON CONFLICT (book, line_id) DO NOTHING
              RETURNING line_id
            )
            SELECT approved.approved_at, approved.book, payments_earning_source(approved.line_id, NULL), 'earning',
                   callboard_typed_id('prf', performer.public_id), company.id,
                   callboard_typed_id('cmp', company.public_id),
                   coalesce(callboard_typed_id('gig', gig.public_id), ''),
                   approved.amount_minor, approved.fee_minor, approved.currency
            FROM fresh JOIN approved USING (line_id)
            JOIN accounts_performer performer ON performer.id = approved.performer_id
            JOIN accounts_company company ON company.id = approved.company_id
            LEFT JOIN marketplace_session session ON session.id = approved.session_id
            LEFT JOIN marketplace_gig gig ON gig.id = session.gig_id
            ORDER BY approved.approved_at, approved.line_id
            """,
            {"batch": BATCH, "at": at},
        )
        return [Earned(*row) for row in cursor.fetchall()]


def _insert_pay_lines(*, at: datetime) -> list[Earned]:
    """The same of pay that no time line brings, but the deductions that it is taken from in parts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH approved AS (
              SELECT to_char(week.starts_on, 'YYYYMMDD')::int AS book, line.id AS pay_line_id, line.kind,
                     engagement.performer_id, engagement.company_id, engagement.gig_id,
                     line.amount_minor, line.fee_minor, line.currency, line.decided_at
              FROM payments_payline line
              JOIN marketplace_engagement engagement ON engagement.id = line.engagement_id
              JOIN marketplace_payweek week ON week.id = line.week_id
              WHERE line.state = 'approved' AND (line.kind <> 'deduction' OR line.part_of_id IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM payments_earning earning WHERE earning.pay_line_id = line.id)
              ORDER BY line.decided_at, line.id LIMIT %(batch)s
            ), fresh AS (
              INSERT INTO payments_earning
                (book, public_id, pay_line_id, performer_id, company_id, amount_minor, fee_minor, currency, accrued_at)
              SELECT book, callboard_uuid7(), pay_line_id, performer_id, company_id, amount_minor, fee_minor, currency, %(at)s
              FROM approved ORDER BY decided_at, pay_line_id
              ON CONFLICT (book, pay_line_id) DO NOTHING
              RETURNING pay_line_id
            )
            SELECT approved.decided_at, approved.book, payments_earning_source(NULL, pay_line_id), approved.kind,
                   callboard_typed_id('prf', performer.public_id), company.id, callboard_typed_id('cmp', company.public_id),
                   callboard_typed_id('gig', gig.public_id),
                   approved.amount_minor, approved.fee_minor, approved.currency
            FROM fresh JOIN approved USING (pay_line_id)
            JOIN accounts_performer performer ON performer.id = approved.performer_id
            JOIN accounts_company company ON company.id = approved.company_id
            JOIN marketplace_gig gig ON gig.id = approved.gig_id
            ORDER BY approved.decided_at, pay_line_id
            """,
            {"batch": BATCH, "at": at},
        )
        return [Earned(*row) for row in cursor.fetchall()]


def _charge(fresh: Sequence[Earned], *, at: datetime) -> None:
    """Charge each line to its company in the order of approval (money/RULES.md, rule 4), and post them all at once."""
    purses.lock({earned.company_pk for earned in fresh})
    charged = _Purses(fresh)
    accounts = _Accounts(fresh)
    drafts = [_draft(earned, charged.legs(earned), accounts) for earned in fresh]
    ledger.post([draft for draft in drafts if draft.legs], at=at)
    crash_point("accrual.posted")
    charged.settle(at=at)


def _draft(earned: Earned, companys: Sequence[ledger.Leg], accounts: "_Accounts") -> ledger.Draft:
    legs = [
        *companys,
        ledger.Leg(accounts.payable(earned), -earned.amount_minor),
        ledger.Leg(accounts.fees(earned), -earned.fee_minor),
    ]
    moving = [leg for leg in legs if leg.amount_minor]
    return ledger.Draft(key=f"earning:{earned.source}", kind=earned.kind, legs=moving, book=earned.book)


class _Purses:
    """The companies of a batch, with the budgets that its lines name."""

    def __init__(self, fresh: Sequence[Earned]) -> None:
        gigs = {earned.gig_id for earned in fresh if earned.gig_id}
        by_currency: dict[str, set[int]] = defaultdict(set)
        for earned in fresh:
            by_currency[earned.currency].add(earned.company_pk)
        self._purses = {
            currency: purses.purses(companies, currency=currency, only_gigs=gigs)
            for currency, companies in by_currency.items()
        }

    def legs(self, earned: Earned) -> Sequence[ledger.Leg]:
        purse = self._purses[earned.currency][earned.company_pk]
        cost = earned.amount_minor + earned.fee_minor
        return purse.charge(earned.gig_id, cost) if cost > 0 else purse.correct(earned.gig_id, -cost)

    def settle(self, *, at: datetime) -> None:
        for of_companies in self._purses.values():
            companies = Company.objects.in_bulk(of_companies)
            for pk in sorted(of_companies):
                debts.settle(companies[pk], of_companies[pk], at=at)


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
