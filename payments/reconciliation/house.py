"""The house's own money at Stripe: top-ups, payouts to its bank, Stripe's bills; and what nobody knows (rule 9)."""

from datetime import datetime

from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import PLACE, tell_staff
from kit.money import Money
from payments.inbox import findings
from payments.inbox.halts import raise_halt
from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import NO_BOOK, Kind
from payments.ledger.models import Entry, Posting
from payments.ledger.operations import Draft, Leg
from payments.reconciliation.models import StripeRow

# What the house brings and takes.
FLOAT = frozenset({"topup", "topup_reversal", "payout", "payout_failure", "payout_cancel"})
# What Stripe bills beside its fees for payments.
BILLS = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})


def is_ours(row: StripeRow) -> bool:
    """Whether a rule says that it is the house's own."""
    return row.type in FLOAT | BILLS


def book(row: StripeRow, *, at: datetime) -> None:
    """Book a row of the house's own: to float, or as Stripe's fee. Float below zero halts payouts."""
    _post(
        row, Kind.STRIPE_FEES if row.type in BILLS else Kind.STRIPE_FLOAT, key=f"txn:{row.stripe_id}", at=at
    )
    watch_float(currency=row.currency, at=at)


def suspend(row: StripeRow, *, at: datetime) -> None:
    """Book a row that no rule explains to suspense, and put it before finance until a person says what it is."""
    _post(row, Kind.SUSPENSE, key=f"suspense:{row.stripe_id}", at=at)
    amount = Money(row.amount_minor, row.currency)
    what = f"{row.type} {row.source or row.stripe_id}"
    findings.report(
        code="stray_money",
        thing=row.stripe_id,
        detail=f"{amount.display()} at Stripe that no rule explains: {what}.",
        at=at,
    )
    tell_staff(
        kind=MoneyKind.STRAY,
        key=f"stray:{row.stripe_id}",
        about={"amount": amount, "what": f"Stripe calls it {what}."},
        where={PLACE: row.public_id},
        at=at,
    )


def end_suspense(row: StripeRow, *, at: datetime) -> None:
    """Take back what `suspend` booked of a row: a rule explains it after all."""
    entry = f"suspense:{row.stripe_id}"
    legs = [
        Leg(posting.account, -posting.amount_minor)
        for posting in Posting.objects.filter(
            book=NO_BOOK, entry_id__in=Entry.objects.filter(book=NO_BOOK, key=entry).values("id")
        ).select_related("account")
    ]
    ledger.post([Draft(key=f"suspense_ended:{row.stripe_id}", kind="suspense_ended", legs=legs)], at=at)
    findings.end(code="stray_money", thing=row.stripe_id, resolution="What explains it was found.", at=at)


def watch_float(*, currency: str, at: datetime) -> None:
    """Raise a halt where the house has taken more of its own money from Stripe than it brought."""
    minor = -balances.total_minor(Kind.STRIPE_FLOAT, currency=currency)
    if minor < 0:
        short = Money(-minor, currency).display()
        raise_halt(
            code="float_below_zero",
            detail=f"The house has taken {short} more from Stripe than is its own; top it up.",
            at=at,
        )


def _post(row: StripeRow, to: Kind, *, key: str, at: datetime) -> None:
    """The balance moves by amount less fee; the fee is the house's expense, the amount goes to the other account."""
    currency = row.currency
    legs = [
        Leg(ledger.account(Kind.STRIPE_BALANCE, currency=currency), row.net_minor),
        Leg(ledger.account(Kind.STRIPE_FEES, currency=currency), row.fee_minor),
        Leg(ledger.account(to, currency=currency), -row.amount_minor),
    ]
    moving = [leg for leg in legs if leg.amount_minor]
    facts = {"type": row.type, "source": row.source}
    ledger.post([Draft(key=key, kind=f"stripe_{row.type}"[:30], legs=moving, facts=facts)], at=at)
