"""The invariants: each a question to the database whose right answer is no rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.audit import operations as trail
from kit.instants import length_in_words
from payments.inbox.halts import raise_halt
from payments.payouts.watch import SENDING_TOO_LONG
from payments.payroll import queries as payroll
from payments.payroll.models import PayRun
from payments.payroll.states import RunState

LIMIT = 20


@dataclass(frozen=True)
class Result:
    """One invariant, how many offend it, and the first of them by name."""

    code: str
    claim: str
    violations: int
    examples: Sequence[str]

    @property
    def ok(self) -> bool:
        return self.violations == 0


# Each SELECT names the offenders. `%(at)s` is the time of the audit.
QUESTIONS: dict[str, tuple[str, str]] = {
    "entries_balance": (
        "Every entry adds up to zero in each currency.",
        """SELECT entry.key FROM payments_posting posting JOIN payments_entry entry
             ON entry.book = posting.book AND entry.id = posting.entry_id
           GROUP BY entry.book, entry.key, posting.currency HAVING sum(posting.amount_minor) <> 0""",
    ),
    "balances_equal_postings": (
        "Every kept balance equals the sum of its postings.",
        """SELECT account.kind || ':' || account.owner FROM payments_account account
           LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM payments_balance GROUP BY 1) kept
             ON kept.account_id = account.id
           LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM payments_posting GROUP BY 1) posted
             ON posted.account_id = account.id
           WHERE coalesce(kept.total, 0) <> coalesce(posted.total, 0)""",
    ),
    "earnings_are_posted": (
        "Every earning equals its approved line and stands in the books.",
        """SELECT line.public_id::text FROM payments_earning earning JOIN marketplace_timeline line ON line.id = earning.line_id
           LEFT JOIN payments_entry entry ON entry.book = earning.book AND entry.key = 'earning:' || earning.line_id
           WHERE line.approved_at IS NULL OR line.amount_minor <> earning.amount_minor OR line.fee_minor <> earning.fee_minor
              OR (entry.id IS NULL AND (earning.amount_minor <> 0 OR earning.fee_minor <> 0))""",
    ),
    "no_line_earned_twice": (
        "No line became two earnings.",
        "SELECT line_id::text FROM payments_earning GROUP BY line_id HAVING count(*) > 1",
    ),
    "approved_lines_are_earned": (
        "Every approved line became an earning within the hour.",
        """SELECT line.public_id::text FROM marketplace_timeline line
           LEFT JOIN payments_earning earning ON earning.line_id = line.id
           WHERE line.approved_at < %(at)s - interval '1 hour' AND earning.id IS NULL""",
    ),
    "sent_items_have_one_transfer": (
        "A sent item has exactly one transfer, equal to it in amount, currency and destination.",
        """SELECT item.public_id::text FROM payments_payitem item
           LEFT JOIN payments_transfer transfer ON transfer.item_id = item.id
           WHERE (item.state IN ('sent', 'settled', 'reversed')) <> (transfer.id IS NOT NULL)
              OR (transfer.id IS NOT NULL AND (transfer.stripe_id <> item.transfer_id OR transfer.amount_minor <> item.amount_minor
                  OR transfer.currency <> item.currency OR transfer.destination <> item.destination))""",
    ),
    "reversals_are_posted": (
        "What Stripe told was taken back from a sent item is in the books.",
        """SELECT stripe_id FROM payments_transfer WHERE item_id IS NOT NULL AND told_reversed_minor > reversed_minor""",
    ),
    "items_equal_their_lines": (
        "An item equals the earnings that its run covers.",
        """SELECT item.public_id::text FROM payments_payitem item JOIN payments_payrun run ON run.id = item.run_id
           LEFT JOIN LATERAL (
             SELECT coalesce(sum(earning.amount_minor), 0) AS total, count(*) AS n FROM payments_earning earning
             WHERE earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND earning.id >= lower(run.earnings) AND earning.id < upper(run.earnings)
           ) earned ON true
           WHERE run.state <> 'cancelled' AND (earned.total <> item.amount_minor OR earned.n <> item.lines)""",
    ),
    "runs_equal_their_items": (
        "A run's total equals its items, and every earning in its range belongs to one of them.",
        """SELECT run.public_id::text FROM payments_payrun run
           LEFT JOIN LATERAL (
             SELECT coalesce(sum(amount_minor), 0) AS total, count(*) AS n FROM payments_payitem WHERE run_id = run.id
           ) item ON true
           LEFT JOIN LATERAL (SELECT coalesce(sum(amount_minor), 0) AS total FROM payments_earning earning
             WHERE earning.currency = run.currency
               AND earning.id >= lower(run.earnings) AND earning.id < upper(run.earnings)) earned ON true
           WHERE run.state NOT IN ('draft', 'cancelled')
             AND (item.total <> run.total_minor OR item.n <> run.items_count OR earned.total <> item.total)""",
    ),
    "paid_runs_are_done": (
        "A run that is paid has nothing left to send.",
        """SELECT item.public_id::text FROM payments_payitem item JOIN payments_payrun run ON run.id = item.run_id
           WHERE run.state = 'paid' AND item.state IN ('ready', 'sending')""",
    ),
    "sessions_never_overlap": (
        "No performer sits in two sessions at once.",
        """SELECT a.public_id::text FROM marketplace_seat a JOIN marketplace_seat b
             ON a.performer_id = b.performer_id AND a.id < b.id AND a.during && b.during
           WHERE a.released_at IS NULL AND b.released_at IS NULL""",
    ),
    "payable_is_not_negative": (
        "Nobody owes the house, unless a held item says so.",
        """SELECT account.owner FROM payments_account account JOIN payments_balance balance ON balance.account_id = account.id
           WHERE account.kind = 'performer_payable' AND NOT EXISTS (
             SELECT 1 FROM payments_payitem item JOIN accounts_performer performer ON performer.id = item.performer_id
             WHERE item.hold_code = 'below_zero' AND callboard_typed_id('prf', performer.public_id) = account.owner)
           GROUP BY account.id, account.owner HAVING sum(balance.amount_minor) > 0""",
    ),
    "approver_is_another": (
        "Who approved a run is not who froze it, and approved what was frozen.",
        """SELECT public_id::text FROM payments_payrun
           WHERE approved_by_id = frozen_by_id OR (approved_hash <> '' AND approved_hash <> content_hash)""",
    ),
    "nothing_sends_for_long": (
        f"Nothing is unknown for more than {length_in_words(SENDING_TOO_LONG)}.",
        f"""SELECT public_id::text FROM payments_payitem WHERE state = 'sending'
           AND first_sent_at < %(at)s - interval '{SENDING_TOO_LONG.total_seconds()} seconds'""",  # noqa: S608 -- a constant of ours
    ),
    "in_flight_agrees": (
        "What is in flight in the books is what is being sent.",
        """SELECT 'in flight ' || currency FROM (
             SELECT currency, sum(amount) AS difference FROM (
               SELECT account.currency, -balance.amount_minor AS amount FROM payments_balance balance
                 JOIN payments_account account ON account.id = balance.account_id WHERE account.kind = 'payouts_in_flight'
               UNION ALL SELECT currency, -amount_minor FROM payments_payitem WHERE state = 'sending'
             ) AS both_sides GROUP BY currency
           ) AS compared WHERE difference <> 0""",
    ),
    "unpaid_is_owed": (
        "What the books owe each performer is what was earned and not sent.",
        """SELECT performer.public_id::text FROM accounts_performer performer
           JOIN (
             SELECT performer_id, currency, sum(amount) AS owed FROM (
               SELECT performer_id, currency, amount_minor AS amount FROM payments_earning
               UNION ALL SELECT performer_id, currency, -amount_minor FROM payments_payitem
                 WHERE state IN ('sending', 'sent', 'settled', 'reversed')
               UNION ALL SELECT item.performer_id, item.currency, transfer.reversed_minor FROM payments_transfer transfer
                 JOIN payments_payitem item ON item.id = transfer.item_id
             ) AS moves GROUP BY 1, 2
           ) owed ON owed.performer_id = performer.id
           LEFT JOIN (
             SELECT account.owner, account.currency, -sum(balance.amount_minor) AS kept FROM payments_account account
             JOIN payments_balance balance ON balance.account_id = account.id
             WHERE account.kind = 'performer_payable' GROUP BY 1, 2
           ) books ON books.owner = callboard_typed_id('prf', performer.public_id) AND books.currency = owed.currency
           WHERE owed.owed <> coalesce(books.kept, 0)""",
    ),
}


def run(*, at: datetime) -> list[Result]:
    """Ask every question; the answers in order. Reads only."""
    results = [_ask(code, claim, sql, at=at) for code, (claim, sql) in QUESTIONS.items()]
    results += [_answer(code, claim, check()) for code, claim, check in CHECKS]
    return results


def run_and_halt(*, at: datetime) -> list[Result]:
    """Run the audit; a violation halts payouts and tells finance."""
    results = run(at=at)
    for result in results:
        if not result.ok:
            detail = f"{result.claim} That does not hold for {result.violations}: {', '.join(result.examples)[:200]}."
            raise_halt(code=f"audit:{result.code}", detail=detail, at=at)
    return results


def _ask(code: str, claim: str, sql: str, *, at: datetime) -> Result:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at})
        return _answer(code, claim, [str(row[0]) for row in cursor.fetchall()])


def _answer(code: str, claim: str, offenders: Sequence[str]) -> Result:
    return Result(code=code, claim=claim, violations=len(offenders), examples=list(offenders[:LIMIT]))


def _changed_runs() -> list[str]:
    runs = PayRun.objects.exclude(state__in=[RunState.DRAFT, RunState.CANCELLED])
    return [run.public_id for run in runs if payroll.content_hash(run) != run.content_hash]


CHECKS: list[tuple[str, str, Callable[[], list[str]]]] = [
    ("runs_are_what_was_frozen", "Every run's hash is over its content as it is now.", _changed_runs),
    (
        "audit_chain_is_whole",
        "The audit trail is as it was sealed.",
        lambda: [str(n) for n in trail.broken_seals()],
    ),
]
