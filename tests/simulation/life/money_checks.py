"""What must hold of the house's money after every day, read from Stripe's own books and from money/RULES.md."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from accounts.companies.models import Company
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from marketplace.gigs.models import Gig
from marketplace.timekeeping.models import TimeLine
from payments.adjustments.models import Adjustment
from payments.connect.models import PayeeAccount
from payments.control import audit
from payments.funding.models import Funding, Refund
from payments.gateway import balance
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.paylines.models import PayLine
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem, Repayment
from payments.reconciliation.models import StripeRow
from tests.simulation.life.checks import check_audit
from tests.simulation.life.money_acts import Purse
from tests.simulation.life.presses import Violation
from tests.simulation.life.terms_checks import check_terms_at_the_end, check_terms_of_payment
from tests.simulation.life.till import USD, Till

Json = dict[str, Any]
# About how long something takes: while the beat is away, or Stripe cannot pay, the answer is an alarm.
ALARMS = frozenset({"nothing_sends_for_long", "approved_lines_are_earned"})
MONEY_QUESTIONS = [code for code in audit.QUESTIONS if code not in ALARMS]
KNOWN_WITHIN = timedelta(days=3)
CAP_BPS, TOLD_BEFORE = 2_500, timedelta(days=7)


@dataclass
class _Books:
    """What the night's checks read, each once: what is owed to whom by kind and owner, and what Stripe moved."""

    till: Till
    owned: Counter[tuple[str, str]]
    transfers: list[Json]
    unheard: Counter[str]

    def of(self, owner: str, *kinds: Kind) -> int:
        return sum(self.owned[kind.value, owner] for kind in kinds)


def check_money(purse: Purse, *, heard: bool) -> None:
    """`heard`: Stripe was just asked for all its news."""
    at = purse.life.at
    purse.life.does(
        {
            "audit of money": lambda: check_audit(MONEY_QUESTIONS, at),
            "recoveries": _check_recoveries,
            "debtors": _check_debtors_are_told if heard else _nothing,
            "terms": lambda: check_terms_of_payment(at, heard=heard),
        }
    )
    owned = Counter(dict(_owned()))
    if trial := owned.total():
        raise Violation(f"the trial balance is {-trial}")
    gigs = _gigs_of_companies()
    _check_purses(owned, gigs)
    if heard:
        transfers = list(purse.till.objects("transfer"))
        books = _Books(purse.till, owned, transfers, _unheard(transfers))
        _check_stripe(books)
        _check_companies(books, gigs)
        _check_performers(books)
        _check_withdrawals(books)
        _check_ended_accounts(purse)
        _check_told()


def _nothing() -> None:
    """Asked only where Stripe was heard."""


def _owned() -> Iterator[tuple[tuple[str, str], int]]:
    """Credits less debits by kind and owner."""
    rows = Balance.objects.filter(account__currency=USD).values_list("account__kind", "account__owner")
    for kind, owner, minor in rows.annotate(minor=Sum("amount_minor")).order_by():
        yield (kind, owner), -minor


def _gigs_of_companies() -> dict[str, list[str]]:
    """The gigs of each company, by public ids."""
    found: dict[str, list[str]] = {key: [] for key in Company.objects.values_list("public_id", flat=True)}
    for company, gig in Gig.objects.values_list("company__public_id", "public_id"):
        found[company].append(gig)
    return found


def _check_purses(owned: Counter[tuple[str, str]], gigs: Mapping[str, Sequence[str]]) -> None:
    """Rules 2 and 12: nothing is below zero, and who owes has nothing left to take it from."""
    for company, its in gigs.items():
        wallet, owes = (
            owned[Kind.COMPANY_WALLET.value, company],
            -owned[Kind.COMPANY_RECEIVABLE.value, company],
        )
        budgets = [owned[Kind.GIG_BUDGET.value, gig] for gig in its]
        under_way = [owned[kind.value, company] for kind in (Kind.COMPANY_INCOMING, Kind.COMPANY_WITHDRAWING)]
        if min(wallet, owes, *budgets, *under_way) < 0:
            raise Violation(
                f"{company}: below zero: wallet {wallet}, owes {owes}, budgets {budgets}, under way {under_way}"
            )
        if owes and wallet:
            raise Violation(f"{company} owes {owes}, and has {wallet} in its wallet")
        drawn = -owned[Kind.COMPANY_TERMS.value, company]
        if drawn < 0 or (drawn and wallet):
            raise Violation(f"{company} has drawn {drawn} on terms, and has {wallet} in its wallet")


def _check_recoveries() -> None:
    """Rule 6: a quarter of a net at most, told seven days before, the oldest first."""
    items = PayItem.objects.exclude(state="cancelled").annotate(most=F("net_minor") * CAP_BPS)
    for item in (
        items.filter(recovered_minor__gt=0)
        .annotate(kept=F("recovered_minor") * 10_000)
        .filter(kept__gt=F("most"))
    ):
        raise Violation(f"{item}: {item.recovered_minor} was kept of {item.net_minor}")
    kept = Repayment.objects.filter(kept=True).exclude(item__state="cancelled")
    for each in kept.filter(made_at__lt=F("overpayment__told_at") + TOLD_BEFORE):
        raise Violation(f"{each}: kept before it was told for seven days")


def _check_stripe(books: _Books) -> None:
    """Rule 12. What went out while the process that sent it died is in the books within the hour, as suspense."""
    suspended = set(
        StripeRow.objects.filter(how=StripeRow.How.SUSPENSE, source__startswith="tr_").values_list(
            "source", flat=True
        )
    )
    unknown = (_unheard(books.transfers, but=suspended) if suspended else books.unheard).total()
    in_books = -sum(minor for (kind, _), minor in books.owned.items() if kind == Kind.STRIPE_BALANCE.value)
    at_stripe = balance.totals_minor()
    if at_stripe.get(USD, 0) != in_books - unknown:
        raise Violation(
            f"Stripe has {at_stripe.get(USD, 0)}, and the books say {in_books}, with {unknown} under way"
        )


def _unheard(transfers: Iterable[Json], *, but: Collection[str] = ()) -> Counter[str]:
    """By account, what was sent of items that are still being sent."""
    found: Counter[str] = Counter()
    sending = {
        str(key) for key in PayItem.objects.filter(state="sending").values_list("natural_key", flat=True)
    }
    if not sending:
        return found
    known = set(Transfer.objects.filter(item__isnull=False).values_list("stripe_id", flat=True))
    for each in transfers:
        if each["transfer_group"] in sending and each["id"] not in known and each["id"] not in but:
            found[each["destination"]] += each["amount"] - each["amount_reversed"]
    return found


def _moved(till: Till) -> Counter[str]:
    """What Stripe moved of each payment, in minor units, before its fees."""
    of = {
        each["id"]: each.get("payment_intent") or ""
        for kind in ("charge", "refund", "dispute")
        for each in till.objects(kind)
    }
    moved: Counter[str] = Counter()
    for row in till.objects("balance_transaction"):
        if row.get("source") in of:
            moved[of[row["source"]]] += row["amount"]
    return moved


def _check_companies(books: _Books, gigs: Mapping[str, Sequence[str]]) -> None:
    """Rules 1 to 4, 10 and 11: what a company has, is what Stripe moved for it less what its people cost."""
    moved, paid = _moved(books.till), Counter[str]()
    for company, payment in Funding.objects.values_list("company__public_id", "payment_intent_id"):
        paid[company] += moved[payment]
    said = _sums(Adjustment.objects.filter(state="approved"), "company__public_id", "amount_minor")
    cost = _sums(_time(), "timesheet__company__public_id", "amount_minor", "fee_minor")
    cost.update(_sums(_pay(), "engagement__company__public_id", "amount_minor", "fee_minor"))
    for company, its in gigs.items():
        due = paid[company] + said[company] - cost[company]
        has = books.of(
            company,
            Kind.COMPANY_WALLET,
            Kind.COMPANY_RECEIVABLE,
            Kind.COMPANY_TERMS,
            Kind.COMPANY_INCOMING,
            Kind.COMPANY_WITHDRAWING,
        )
        has += sum(books.of(gig, Kind.GIG_BUDGET) for gig in its)
        if has != due:
            raise Violation(f"{company} has {has}, and by what came and what it cost it is {due}")


def _time() -> QuerySet[Any]:
    """All time that was approved."""
    return TimeLine.objects.filter(approved_at__isnull=False)


def _pay() -> QuerySet[Any]:
    """The same of pay that no time brings; of a deduction what was taken of it."""
    return PayLine.objects.filter(state="approved").exclude(kind="deduction", part_of=None)


def _sums(rows: QuerySet[Any], whose: str, *of: str) -> Counter[str]:
    """What these fields come to together, by the public id of whose they are; below zero too, so `update` adds to it, and
    not `+=`, which would drop that."""
    found = rows.order_by().values_list(whose).annotate(*(Sum(name) for name in of))
    return Counter({owner: sum(each or 0 for each in sums) for owner, *sums in found if owner})


def _check_performers(books: _Books) -> None:
    """Rules 6 and 7: earned is sent and not come back, owed, being sent and returned, less what was overpaid."""
    sent: Counter[str] = Counter()
    sent.subtract(books.unheard)
    for transfer in books.transfers:
        sent[transfer["destination"]] += transfer["amount"] - transfer["amount_reversed"]
    earned = _sums(_time(), "timesheet__performer__public_id", "amount_minor")
    earned.update(_sums(_pay(), "engagement__performer__public_id", "amount_minor"))
    under_way = _sums(PayItem.objects.filter(state="sending"), "performer__public_id", "amount_minor")
    has: Counter[str] = Counter()
    for performer, account in PayeeAccount.objects.values_list("performer__public_id", "stripe_id"):
        has[performer] += sent[account]
    for performer in Performer.objects.values_list("public_id", flat=True):
        here = under_way[performer] + books.of(
            performer, Kind.PERFORMER_PAYABLE, Kind.PERFORMER_RETURNED, Kind.PERFORMER_OVERPAID
        )
        if earned[performer] != has[performer] + here:
            raise Violation(
                f"{performer} earned {earned[performer]}, and has {has[performer]} at Stripe and {here} here"
            )


def _check_withdrawals(books: _Books) -> None:
    """What Stripe has given back for a company is no more under way here."""
    waiting = set(Refund.objects.filter(state="unknown").values_list("public_id", flat=True))
    for each in books.till.objects("refund") if waiting else ():
        if each["metadata"].get("withdrawal") in waiting:
            raise Violation(f"{each['id']} went out for a withdrawal, and the house still waits for it")


def _check_ended_accounts(purse: Purse) -> None:
    """What lies on an account that ended is known, some days after it came there."""
    before = purse.life.at - KNOWN_WITHIN
    for account in PayeeAccount.objects.filter(ended_at__lt=before, bank_read_at__lt=before):
        if not account.left_minor and _lies_there(purse.till, account.stripe_id) > 0:
            raise Violation(f"what lies on {account.stripe_id}, which ended, is forgotten")


def _check_told() -> None:
    """Everything that came back was told, once each."""
    back = PayItem.objects.filter(transfers__reversed_minor__gt=0).order_by()
    due = Counter(user for user, _ in back.values_list("performer__user_id", "transfers").distinct())
    news = Notification.objects.filter(kind="returned", key__startswith="returned:tr_").order_by()
    told = Counter(
        user for user, _ in {(user, key.split(":")[1]) for user, key in news.values_list("user_id", "key")}
    )
    if told != due:
        raise Violation(f"of what came back were told {dict(told)}, and it was {dict(due)}")


def _check_debtors_are_told() -> None:
    news = Notification.objects.filter(kind="company_owes", created_at__gte=OuterRef("owes_since"))
    for company in Company.objects.filter(~Exists(news), owes_since__isnull=False):
        raise Violation(f"{company} owes since {company.owes_since}, and nobody was told")


def check_money_at_the_end(purse: Purse) -> None:
    """All that was owed has gone out and come in; what lies on an account that ended is known."""
    check_terms_at_the_end()
    if left := list(PayItem.objects.filter(state__in=["ready", "sending", "held"])):
        raise Violation(f"items that nobody can end: {[(item, item.state, item.hold_code) for item in left]}")
    for performer in Performer.objects.order_by("pk"):
        owed = ledger.owned_minor(Kind.PERFORMER_PAYABLE, owner=performer.public_id, currency=USD)
        if owed > 0:
            raise Violation(f"{performer} is owed {owed} for ever")
    for account in PayeeAccount.objects.filter(ended_at__isnull=False):
        if not account.left_minor and _lies_there(purse.till, account.stripe_id) > 0:
            raise Violation(f"what lies on {account.stripe_id}, which ended, is forgotten")


def _lies_there(till: Till, stripe_id: str) -> int:
    """What was sent to an account and neither taken back nor paid out to a bank."""
    came = sum(
        each["amount"] - each["amount_reversed"]
        for each in till.objects("transfer")
        if each["destination"] == stripe_id
    )
    owner = till.sandbox.world.store.owner
    gone = sum(
        each["amount"]
        for each in till.objects("payout")
        if owner(each["id"]) == stripe_id and each["status"] not in ("failed", "canceled")
    )
    return int(came - gone)
