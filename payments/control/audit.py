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
        """SELECT earning.public_id::text FROM payments_earning earning
           LEFT JOIN marketplace_timeline line ON line.id = earning.line_id
           LEFT JOIN payments_payline pay ON pay.id = earning.pay_line_id
           LEFT JOIN payments_entry entry ON entry.book = earning.book
             AND entry.key = 'earning:' || payments_earning_source(earning.line_id, earning.pay_line_id)
           WHERE CASE WHEN earning.line_id IS NULL THEN pay.state <> 'approved' ELSE line.approved_at IS NULL END
              OR coalesce(line.amount_minor, pay.amount_minor) <> earning.amount_minor
              OR coalesce(line.fee_minor, pay.fee_minor) <> earning.fee_minor
              OR (entry.id IS NULL AND (earning.amount_minor <> 0 OR earning.fee_minor <> 0))""",
    ),
    "no_line_earned_twice": (
        "No line became two earnings.",
        """SELECT payments_earning_source(line_id, pay_line_id) FROM payments_earning GROUP BY line_id, pay_line_id
           HAVING count(*) > 1""",
    ),
    "approved_lines_are_earned": (
        "Every approved line became an earning within the hour.",
        """SELECT line.public_id::text FROM marketplace_timeline line
           LEFT JOIN payments_earning earning ON earning.line_id = line.id
           WHERE line.approved_at < %(at)s - interval '1 hour' AND earning.id IS NULL
           UNION ALL
           SELECT line.public_id::text FROM payments_payline line
           LEFT JOIN payments_earning earning ON earning.pay_line_id = line.id
           WHERE line.state = 'approved' AND (line.kind <> 'deduction' OR line.part_of_id IS NOT NULL)
             AND line.decided_at < %(at)s - interval '1 hour' AND earning.id IS NULL""",
    ),
    "deductions_are_as_agreed": (
        "No more is taken of a deduction than was agreed, and each part is of one that was.",
        """SELECT whole.public_id::text FROM payments_payline whole JOIN payments_payline part ON part.part_of_id = whole.id
           GROUP BY whole.id HAVING sum(part.amount_minor) NOT BETWEEN whole.amount_minor AND 0
             OR whole.state NOT IN ('approved', 'waived') OR min(part.engagement_id) <> whole.engagement_id
             OR max(part.engagement_id) <> whole.engagement_id""",
    ),
    "sent_items_have_one_transfer": (
        "A sent item has exactly one transfer, equal to it in amount, currency and destination.",
        """SELECT item.public_id::text FROM payments_payitem item
           LEFT JOIN payments_transfer transfer ON transfer.item_id = item.id
           WHERE (item.state IN ('sent', 'settled', 'reversed') AND item.amount_minor > 0) <> (transfer.id IS NOT NULL)
              OR (transfer.id IS NOT NULL AND (transfer.stripe_id <> item.transfer_id OR transfer.amount_minor <> item.amount_minor
                  OR transfer.currency <> item.currency OR transfer.destination <> item.destination))""",
    ),
    "reversals_are_posted": (
        "What Stripe told was taken back from a sent item is in the books.",
        """SELECT stripe_id FROM payments_transfer WHERE item_id IS NOT NULL AND told_reversed_minor > reversed_minor""",
    ),
    "items_equal_their_lines": (
        "An item, with what is kept of it, equals the earnings that it covers; below zero it adds to what was overpaid.",
        """SELECT item.public_id::text FROM payments_payitem item
           LEFT JOIN LATERAL (
             SELECT coalesce(sum(earning.amount_minor), 0) AS total, count(*) AS n FROM payments_earning earning
             WHERE earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
               AND item.earnings @> earning.id
           ) earned ON true
           LEFT JOIN LATERAL (SELECT coalesce(sum(amount_minor), 0) AS total FROM payments_repayment
             WHERE item_id = item.id AND kept) repaid ON true
           LEFT JOIN payments_overpayment overpaid ON overpaid.item_id = item.id
           WHERE item.state <> 'cancelled' AND item.pays_again_id IS NULL AND (
             earned.total <> item.net_minor OR earned.n <> item.lines OR repaid.total <> item.recovered_minor
             OR (item.state = 'settled' AND coalesce(overpaid.amount_minor, 0) <> greatest(-item.net_minor, 0)))""",
    ),
    "runs_equal_their_items": (
        "A run's total equals its items.",
        """SELECT run.public_id::text FROM payments_payrun run
           LEFT JOIN LATERAL (
             SELECT coalesce(sum(amount_minor), 0) AS total, count(*) AS n FROM payments_payitem
             WHERE run_id = run.id AND pays_again_id IS NULL
           ) item ON true
           WHERE run.state NOT IN ('draft', 'cancelled')
             AND (item.total <> run.total_minor OR item.n <> run.items_count)""",
    ),
    "paid_again_as_decided": (
        "What is paid again is what came back and was decided so, and no more came back of an item than it sent.",
        """SELECT item.public_id::text FROM payments_payitem item
           LEFT JOIN payments_returndecision decision ON decision.new_item_id = item.id
           WHERE item.pays_again_id IS NOT NULL AND coalesce(decision.amount_minor, 0) <> item.amount_minor
           UNION ALL
           SELECT item.public_id::text FROM payments_payitem item JOIN payments_returndecision decision
             ON decision.item_id = item.id LEFT JOIN payments_transfer transfer ON transfer.item_id = item.id
           GROUP BY item.id, transfer.reversed_minor HAVING sum(decision.amount_minor) > coalesce(transfer.reversed_minor, 0)""",
    ),
    "overpaid_is_what_is_left": (
        "What the books say was overpaid is what the paydays found less what is even again.",
        """SELECT performer.public_id::text FROM accounts_performer performer JOIN (
             SELECT performer_id, currency, sum(amount) AS left_minor FROM (
               SELECT performer_id, currency, amount_minor AS amount FROM payments_overpayment
               UNION ALL SELECT overpaid.performer_id, overpaid.currency, -repaid.amount_minor
                 FROM payments_repayment repaid JOIN payments_overpayment overpaid ON overpaid.id = repaid.overpayment_id
                 JOIN payments_payitem item ON item.id = repaid.item_id JOIN payments_payrun run ON run.id = item.run_id
                 WHERE NOT repaid.kept OR run.state IN ('paying', 'paid')
             ) AS moves GROUP BY 1, 2
           ) kept ON kept.performer_id = performer.id
           LEFT JOIN (
             SELECT account.owner, account.currency, sum(balance.amount_minor) AS minor FROM payments_account account
             JOIN payments_balance balance ON balance.account_id = account.id
             WHERE account.kind = 'performer_overpaid' GROUP BY 1, 2
           ) books ON books.owner = callboard_typed_id('prf', performer.public_id) AND books.currency = kept.currency
           WHERE kept.left_minor <> coalesce(books.minor, 0)""",
    ),
    "no_line_in_two_live_items": (
        "No earning is in two items that count.",
        """SELECT a.public_id::text FROM payments_payitem a JOIN payments_payitem b
             ON a.performer_id = b.performer_id AND a.currency = b.currency AND a.id < b.id AND a.earnings && b.earnings
           WHERE a.state <> 'cancelled' AND b.state <> 'cancelled'""",
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
    "payable_covers_its_items": (
        "What is owed to a performer is never less than the items that wait to be sent.",
        """SELECT performer.public_id::text FROM accounts_performer performer JOIN (
             -- A net below zero lowers what is owed from its earning on, and is overpaid only when its run starts.
             SELECT performer_id, currency, sum(amount_minor + least(net_minor, 0)) AS minor FROM payments_payitem
             WHERE state IN ('ready', 'held') GROUP BY 1, 2
           ) waiting ON waiting.performer_id = performer.id
           LEFT JOIN (
             SELECT performer_id, currency, sum(amount_minor) AS minor FROM payments_earning earning
             WHERE NOT EXISTS (SELECT 1 FROM payments_payitem item WHERE item.performer_id = earning.performer_id
               AND item.currency = earning.currency AND item.state <> 'cancelled' AND item.earnings @> earning.id)
             GROUP BY 1, 2
           ) later USING (performer_id, currency)
           JOIN payments_account account ON account.kind = 'performer_payable' AND account.currency = waiting.currency
             AND account.owner = callboard_typed_id('prf', performer.public_id)
           JOIN payments_balance balance ON balance.account_id = account.id
           GROUP BY performer.id, waiting.minor, later.minor
           HAVING -sum(balance.amount_minor) - coalesce(later.minor, 0) < waiting.minor""",
    ),
    "approver_is_another": (
        "A run is approved by as many as it needs, none of whom froze it, over what was frozen.",
        """SELECT run.public_id::text FROM payments_payrun run
           WHERE run.approved_by_id = run.frozen_by_id OR (run.approved_hash <> '' AND run.approved_hash <> run.content_hash)
              OR run.state IN ('approved', 'paying', 'paid') AND run.signatures_needed > (
                   SELECT count(*) FROM payments_runsignature signature
                   WHERE signature.run_id = run.id AND signature.taken_back_at IS NULL
                     AND signature.signed_hash = run.approved_hash AND signature.by_id <> run.frozen_by_id)""",
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
               UNION ALL SELECT item.performer_id, item.currency, -item.recovered_minor FROM payments_payitem item
                 JOIN payments_payrun run ON run.id = item.run_id WHERE run.state IN ('paying', 'paid')
               UNION ALL SELECT performer_id, currency, amount_minor FROM payments_overpayment
               UNION ALL SELECT item.performer_id, item.currency, decision.amount_minor FROM payments_returndecision decision
                 JOIN payments_payitem item ON item.id = decision.item_id WHERE decision.what = 'pay_again'
             ) AS moves GROUP BY 1, 2
           ) owed ON owed.performer_id = performer.id
           LEFT JOIN (
             SELECT account.owner, account.currency, -sum(balance.amount_minor) AS kept FROM payments_account account
             JOIN payments_balance balance ON balance.account_id = account.id
             WHERE account.kind = 'performer_payable' GROUP BY 1, 2
           ) books ON books.owner = callboard_typed_id('prf', performer.public_id) AND books.currency = owed.currency
           WHERE owed.owed <> coalesce(books.kept, 0)""",
    ),
    "returned_waits_for_a_decision": (
        "What the books keep as returned is what came back and is not decided.",
        """SELECT performer.public_id::text FROM accounts_performer performer JOIN (
             SELECT performer_id, currency, sum(amount) AS waits FROM (
               SELECT item.performer_id, item.currency, transfer.reversed_minor AS amount FROM payments_transfer transfer
                 JOIN payments_payitem item ON item.id = transfer.item_id
               UNION ALL SELECT item.performer_id, item.currency, -decision.amount_minor FROM payments_returndecision decision
                 JOIN payments_payitem item ON item.id = decision.item_id
             ) AS moves GROUP BY 1, 2
           ) back ON back.performer_id = performer.id
           LEFT JOIN (
             SELECT account.owner, account.currency, -sum(balance.amount_minor) AS kept FROM payments_account account
             JOIN payments_balance balance ON balance.account_id = account.id
             WHERE account.kind = 'performer_returned' GROUP BY 1, 2
           ) books ON books.owner = callboard_typed_id('prf', performer.public_id) AND books.currency = back.currency
           WHERE back.waits <> coalesce(books.kept, 0)""",
    ),
    "fundings_equal_their_movements": (
        "What Stripe moved of a payment is in the books, once each.",
        """SELECT movement.stripe_id FROM payments_fundingmovement movement
           JOIN payments_funding funding ON funding.id = movement.funding_id
           WHERE NOT EXISTS (SELECT FROM payments_entry entry WHERE entry.book = 0 AND entry.key = ANY (ARRAY[
             'txn:' || movement.stripe_id, 'restate:funding:' || callboard_typed_id('fnd', funding.public_id),
             CASE WHEN movement.kind = 'payment' THEN 'funding:' || callboard_typed_id('fnd', funding.public_id) END]))""",
    ),
    "withdrawals_are_on_their_way": (
        "What the books keep for companies that take money out is what is being given back.",
        """SELECT 'withdrawing ' || currency FROM (
             SELECT currency, sum(amount) AS difference FROM (
               SELECT account.currency, -balance.amount_minor AS amount FROM payments_balance balance
                 JOIN payments_account account ON account.id = balance.account_id WHERE account.kind = 'company_withdrawing'
               UNION ALL SELECT withdrawal.currency, -refund.amount_minor FROM payments_refund refund
                 JOIN payments_withdrawal withdrawal ON withdrawal.id = refund.withdrawal_id WHERE refund.state = 'unknown'
             ) AS both_sides GROUP BY currency
           ) AS compared WHERE difference <> 0""",
    ),
    "draws_are_posted": (
        "What a company drew on terms is in the books, draw by draw, and none of it without one.",
        """SELECT coalesce(draw.entry_key, posted.key) FROM (
             SELECT entry.key, sum(posting.amount_minor) AS minor FROM payments_account account
             JOIN payments_posting posting ON posting.account_id = account.id AND posting.amount_minor > 0
             JOIN payments_entry entry ON entry.book = posting.book AND entry.id = posting.entry_id
             WHERE account.kind = 'company_terms' GROUP BY 1
           ) posted FULL JOIN payments_draw draw ON draw.entry_key = posted.key
           WHERE draw.amount_minor IS DISTINCT FROM posted.minor""",
    ),
    "money_pays_what_was_drawn": (
        "A company that has drawn on terms has nothing in its wallet.",
        """SELECT drawn.owner FROM payments_account drawn JOIN payments_balance owes ON owes.account_id = drawn.id
           JOIN payments_account wallet ON wallet.kind = 'company_wallet' AND wallet.owner = drawn.owner
             AND wallet.currency = drawn.currency
           JOIN payments_balance has ON has.account_id = wallet.id
           WHERE drawn.kind = 'company_terms' AND owes.amount_minor > 0 AND has.amount_minor < 0""",
    ),
    "terms_by_two": (
        "Terms are in force by two people, and never above what they agreed to.",
        """SELECT public_id::text FROM payments_netterms WHERE limit_minor > agreed_minor
             OR (state IN ('in_force', 'ended') AND (decided_by_id IS NULL OR decided_by_id = proposed_by_id))""",
    ),
    "debts_are_known": (
        "A company that owes in the books is marked so, and no other is.",
        """SELECT company.public_id::text FROM accounts_company company LEFT JOIN (
             SELECT account.owner, max(balance.amount_minor) AS most FROM payments_account account
             JOIN payments_balance balance ON balance.account_id = account.id
             WHERE account.kind = 'company_receivable' GROUP BY 1
           ) debt ON debt.owner = callboard_typed_id('cmp', company.public_id)
           WHERE (company.owes_since IS NOT NULL) <> (coalesce(debt.most, 0) > 0)""",
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
