"""The entry of each kind of adjustment."""

from datetime import datetime

from payments.adjustments.models import Adjustment
from payments.funding import debts, purses
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account
from payments.ledger.operations import Draft, Leg
from payments.reconciliation import house

What = Adjustment.What


def post(adjustment: Adjustment, *, at: datetime) -> None:
    """Into the books, in the caller's transaction, once."""
    match adjustment.what:
        case What.WRITE_OFF | What.STRAY_COMPANY:
            _of_a_company(adjustment, at=at)
        case What.STRAY_FLOAT:
            _move(adjustment, Kind.SUSPENSE, Kind.STRIPE_FLOAT, at=at)
            house.watch_float(currency=adjustment.currency, at=at)
        case What.STRAY_LOSS:
            _move(adjustment, Kind.SUSPENSE, Kind.PLATFORM_LOSSES, at=at)
        case What.FEES_TO_FLOAT:
            _move(adjustment, Kind.PLATFORM_FEES, Kind.STRIPE_FLOAT, at=at)


def _move(adjustment: Adjustment, debit: Kind, credit: Kind, *, at: datetime) -> None:
    amount = adjustment.amount_minor
    _post(
        adjustment, [Leg(_house(debit, adjustment), amount), Leg(_house(credit, adjustment), -amount)], at=at
    )


def _of_a_company(adjustment: Adjustment, *, at: datetime) -> None:
    """A debt given up is the platform's loss; stray money of a company's arrives, or leaves, as any other."""
    company, amount = adjustment.company, adjustment.amount_minor
    if company is None:
        raise AssertionError("an adjustment of a company names it")
    purse = purses.purse(company.pk, currency=adjustment.currency)
    if adjustment.what == What.WRITE_OFF:
        legs = [Leg(_house(Kind.PLATFORM_LOSSES, adjustment), amount), *purse.forgive(amount)]
    else:
        companys = purse.arrive(amount) if amount > 0 else purse.leave(-amount)
        legs = [Leg(_house(Kind.SUSPENSE, adjustment), amount), *companys]
    _post(adjustment, legs, at=at)
    debts.settle(company, purse, at=at)


def _post(adjustment: Adjustment, legs: list[Leg], *, at: datetime) -> None:
    facts = {"adjustment": adjustment.public_id, "reason": adjustment.reason}
    draft = Draft(key=f"adjustment:{adjustment.public_id}", kind=adjustment.what, legs=legs, facts=facts)
    ledger.post([draft], at=at)


def _house(kind: Kind, adjustment: Adjustment) -> Account:
    return ledger.account(kind, currency=adjustment.currency)
