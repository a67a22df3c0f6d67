"""What must hold of the house's money after every day, read from Stripe's own books and from money/RULES.md."""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Q, Sum

from accounts.companies.models import Company
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from marketplace.gigs.models import Gig
from marketplace.timekeeping.models import TimeLine
from payments.adjustments.models import Adjustment
from payments.connect.models import PayeeAccount
from payments.control import audit
from payments.funding.models import Funding
from payments.gateway import balance
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.paylines.models import PayLine
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem, Repayment
from payments.reconciliation.models import StripeRow
from tests.simulation.life.money_acts import Purse
from tests.simulation.life.presses import Violation
from tests.simulation.life.till import USD, Till

# About how long something takes: while the beat is away, or Stripe cannot pay, the answer is an alarm.
ALARMS = frozenset({"nothing_sends_for_long", "approved_lines_are_earned"})
CAP_BPS, TOLD_BEFORE = 2_500, timedelta(days=7)


def check_money(purse: Purse, *, heard: bool) -> None:
    """`heard`: Stripe was just asked for all its news."""
    at = purse.life.at
    for code, (claim, sql) in audit.QUESTIONS.items():
        result = audit._ask(code, claim, sql, at=at)
        if not result.ok and code not in ALARMS:
            raise Violation(f"audit: {claim} {result.examples}")
    if trial := Balance.objects.aggregate(total=Sum("amount_minor"))["total"]:
        raise Violation(f"the trial balance is {trial}")
    _check_purses()
    _check_recoveries()
    if heard:
        _check_stripe(purse.till)
        _check_companies(purse.till)
        _check_performers(purse.till)
        _check_told()
        _check_debtors_are_told()


def _owned(kind: Kind, owner: str) -> int:
    return ledger.owned_minor(kind, owner=owner, currency=USD)


def _check_purses() -> None:
    """Rules 2 and 12: nothing is below zero, and who owes has nothing left to take it from."""
    for company in Company.objects.order_by("pk"):
        wallet, owes = (
            _owned(Kind.COMPANY_WALLET, company.public_id),
            -_owned(Kind.COMPANY_RECEIVABLE, company.public_id),
        )
        budgets = [_owned(Kind.GIG_BUDGET, gig.public_id) for gig in Gig.objects.filter(company=company)]
        if min(wallet, owes, *budgets) < 0:
            raise Violation(f"{company}: below zero: wallet {wallet}, owes {owes}, budgets {budgets}")
        if owes and wallet:
            raise Violation(f"{company} owes {owes}, and has {wallet} in its wallet")


def _check_recoveries() -> None:
    """Rule 6: a quarter of a net at most, told seven days before, the oldest first."""
    for item in PayItem.objects.exclude(state="cancelled").filter(recovered_minor__gt=0):
        if item.recovered_minor > item.net_minor * CAP_BPS // 10_000:
            raise Violation(f"{item}: {item.recovered_minor} was kept of {item.net_minor}")
    kept = Repayment.objects.filter(kept=True).exclude(item__state="cancelled")
    for each in kept.select_related("overpayment", "item"):
        if each.made_at < each.overpayment.told_at + TOLD_BEFORE:
            raise Violation(f"{each}: kept before it was told for seven days")


def _check_stripe(till: Till) -> None:
    """Rule 12. What went out while the process that sent it died is in the books within the hour, as suspense."""
    suspended = StripeRow.objects.filter(how=StripeRow.How.SUSPENSE).values_list("source", flat=True)
    unknown = sum(_unheard(till, but=set(suspended)).values())
    books, at_stripe = ledger.total_minor(Kind.STRIPE_BALANCE, currency=USD), balance.totals_minor()
    if at_stripe.get(USD, 0) != books - unknown:
        raise Violation(
            f"Stripe has {at_stripe.get(USD, 0)}, and the books say {books}, with {unknown} under way"
        )


def _unheard(till: Till, *, but: Collection[str] = ()) -> Counter[str]:
    """By account, what was sent of items that are still being sent."""
    sending = {
        str(key) for key in PayItem.objects.filter(state="sending").values_list("natural_key", flat=True)
    }
    known = set(Transfer.objects.filter(item__isnull=False).values_list("stripe_id", flat=True))
    found: Counter[str] = Counter()
    for each in _at_stripe(till, "transfer"):
        if each["transfer_group"] in sending and each["id"] not in known and each["id"] not in but:
            found[each["destination"]] += each["amount"] - each["amount_reversed"]
    return found


def _at_stripe(till: Till, kind: str) -> Iterator[dict[str, Any]]:
    rows = till.sandbox.world.store.db.execute("SELECT body FROM object WHERE kind = ?", [kind])
    return (json.loads(body) for (body,) in rows)


def _moved(till: Till) -> Counter[str]:
    """What Stripe moved of each payment, in minor units, before its fees."""
    of = {
        each["id"]: each.get("payment_intent") or ""
        for kind in ("charge", "refund", "dispute")
        for each in _at_stripe(till, kind)
    }
    moved: Counter[str] = Counter()
    for row in _at_stripe(till, "balance_transaction"):
        if row.get("source") in of:
            moved[of[row["source"]]] += row["amount"]
    return moved


def _check_companies(till: Till) -> None:
    """Rules 1 to 4, 10 and 11: what a company has, is what Stripe moved for it less what its people cost."""
    moved = _moved(till)
    for company in Company.objects.order_by("pk"):
        paid = sum(moved[each.payment_intent_id] for each in Funding.objects.filter(company=company))
        said = Adjustment.objects.filter(company=company, state="approved")
        told = said.aggregate(total=Sum("amount_minor"))["total"] or 0
        due = paid + told - _costs(company)
        has = sum(
            _owned(kind, company.public_id)
            for kind in (
                Kind.COMPANY_WALLET,
                Kind.COMPANY_RECEIVABLE,
                Kind.COMPANY_INCOMING,
                Kind.COMPANY_WITHDRAWING,
            )
        )
        has += sum(_owned(Kind.GIG_BUDGET, gig.public_id) for gig in Gig.objects.filter(company=company))
        if has != due:
            raise Violation(f"{company} has {has}, and by what came and what it cost it is {due}")


def _lines(of: Q) -> tuple[int, int]:
    """Pay and fee of all that was approved."""
    time = TimeLine.objects.filter(approved_at__isnull=False).filter(of)
    found = time.aggregate(pay=Sum("amount_minor"), fee=Sum("fee_minor"))
    return found["pay"] or 0, found["fee"] or 0


def _pay_lines(of: Q) -> tuple[int, int]:
    """The same of pay that no time brings; of a deduction what was taken of it."""
    approved = PayLine.objects.filter(of, state="approved").exclude(kind="deduction", part_of=None)
    found = approved.aggregate(pay=Sum("amount_minor"), fee=Sum("fee_minor"))
    return found["pay"] or 0, found["fee"] or 0


def _costs(company: Company) -> int:
    return sum(_lines(Q(timesheet__company=company))) + sum(_pay_lines(Q(engagement__company=company)))


def _check_performers(till: Till) -> None:
    """Rules 6 and 7: earned is sent and not come back, owed, being sent and returned, less what was overpaid."""
    sent: Counter[str] = Counter()
    sent.subtract(_unheard(till))
    for transfer in _at_stripe(till, "transfer"):
        sent[transfer["destination"]] += transfer["amount"] - transfer["amount_reversed"]
    for performer in Performer.objects.order_by("pk"):
        earned = (
            _lines(Q(timesheet__performer=performer))[0] + _pay_lines(Q(engagement__performer=performer))[0]
        )
        accounts = PayeeAccount.objects.filter(performer=performer).values_list("stripe_id", flat=True)
        under_way = PayItem.objects.filter(performer=performer, state="sending")
        here = sum(
            _owned(kind, performer.public_id)
            for kind in (Kind.PERFORMER_PAYABLE, Kind.PERFORMER_RETURNED, Kind.PERFORMER_OVERPAID)
        )
        here += under_way.aggregate(total=Sum("amount_minor"))["total"] or 0
        has = sum(sent[account] for account in accounts)
        if earned != has + here:
            raise Violation(f"{performer} earned {earned}, and has {has} at Stripe and {here} here")


def _check_told() -> None:
    """Everything that came back was told, once each."""
    for performer in Performer.objects.order_by("pk"):
        back = PayItem.objects.filter(performer=performer, transfers__reversed_minor__gt=0)
        keys = Notification.objects.filter(
            user_id=performer.user_id, kind="returned", key__startswith="returned:tr_"
        )
        told = {key.split(":")[1] for key in keys.values_list("key", flat=True)}
        if len(told) != back.values("transfers").distinct().count():
            raise Violation(f"{performer} was told of {told}, and of {list(back)} something came back")


def _check_debtors_are_told() -> None:
    for company in Company.objects.filter(owes_since__isnull=False):
        news = Notification.objects.filter(kind="company_owes", created_at__gte=company.owes_since)
        if not news.exists():
            raise Violation(f"{company} owes since {company.owes_since}, and nobody was told")


def check_money_at_the_end(purse: Purse) -> None:
    """All that was owed has gone out; what lies on an account that ended is known."""
    if left := list(PayItem.objects.filter(state__in=["ready", "sending", "held"])):
        raise Violation(f"items that nobody can end: {[(item, item.state, item.hold_code) for item in left]}")
    for performer in Performer.objects.order_by("pk"):
        owed = _owned(Kind.PERFORMER_PAYABLE, performer.public_id)
        if owed > 0:
            raise Violation(f"{performer} is owed {owed} for ever")
    for account in PayeeAccount.objects.filter(ended_at__isnull=False):
        if not account.left_minor and _lies_there(purse.till, account.stripe_id) > 0:
            raise Violation(f"what lies on {account.stripe_id}, which ended, is forgotten")


def _lies_there(till: Till, stripe_id: str) -> int:
    """What was sent to an account and neither taken back nor paid out to a bank."""
    came = sum(
        each["amount"] - each["amount_reversed"]
        for each in _at_stripe(till, "transfer")
        if each["destination"] == stripe_id
    )
    owner = till.sandbox.world.store.owner
    gone = sum(
        each["amount"]
        for each in _at_stripe(till, "payout")
        if owner(each["id"]) == stripe_id and each["status"] not in ("failed", "canceled")
    )
    return int(came - gone)
