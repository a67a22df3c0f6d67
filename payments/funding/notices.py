"""Telling those who pay in for a company what became of a payment."""

from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About, News
from accounts.notifications.operations import PLACE
from kit.money import Money
from payments.funding.models import Funding, FundingMovement
from payments.funding.states import FundingState
from payments.inbox.reasons import payment_reason

MK = FundingMovement.Kind
NEWS = {
    FundingState.PROCESSING: MoneyKind.FUNDING_PROCESSING,
    FundingState.PENDING: MoneyKind.FUNDING_PENDING,
    FundingState.AVAILABLE: MoneyKind.FUNDING_AVAILABLE,
    FundingState.DISPUTED: MoneyKind.FUNDING_DISPUTED,
    FundingState.REFUNDED: MoneyKind.FUNDING_REFUNDED,
    FundingState.LOST: MoneyKind.FUNDING_LOST,
}
MOVED = {
    "again": MoneyKind.FUNDING_CAME_AGAIN,
    "taken": MoneyKind.FUNDING_TAKEN_BACK,
    "less": MoneyKind.FUNDING_LESS_TO_COME,
}
WHY = {
    MK.REFUND: "A payment was given back at Stripe.",
    MK.REFUND_FAILED: "What was to be given back could not be.",
    MK.DISPUTE: "The bank disputes a payment and has taken it back until that is decided.",
    MK.DISPUTE_WON: "A dispute was won.",
    MK.PAYMENT_FAILED: "The bank failed a payment after all.",
}


def tell_payers(*, funding: Funding, state: FundingState, left_minor: int, at: datetime) -> None:
    """Tell them, once per state, in the caller's transaction. `left_minor` is what the payment is still worth."""
    kind, about = _news(funding, state, left_minor)
    _tell(kind, about, funding=funding, key=f"funding:{funding.public_id}:{state}", at=at)


def tell_of_movement(movement: FundingMovement, *, at: datetime) -> None:
    """Tell them what was taken back of a payment, or came again, by its own amount. In the caller's transaction."""
    funding = movement.funding
    kind, about = _moved(movement)
    _tell(kind, about, funding=funding, key=f"funding_moved:{movement.stripe_id}", at=at)


def _moved(movement: FundingMovement) -> tuple[News, About]:
    came, landed = movement.amount_minor > 0, movement.funding.landed_at is not None
    way = "again" if came else "taken" if landed else "less"
    amount, why = Money(abs(movement.amount_minor), movement.funding.currency), WHY[MK(movement.kind)]
    return MOVED[way], {"amount": amount, "why": why}


def _tell(kind: News, about: About, *, funding: Funding, key: str, at: datetime) -> None:
    where = {"company_id": funding.company.public_id, PLACE: "payments-in"}
    tell_company(kind=kind, company_id=funding.company_id, key=key, about=about, where=where, at=at)


def _news(funding: Funding, state: FundingState, left_minor: int) -> tuple[News, About]:
    if state == FundingState.FAILED:
        why = payment_reason(funding.failure)
        amount = Money(funding.amount_minor, funding.currency)
        return MoneyKind.FUNDING_FAILED, {"amount": amount, "means": why.means, "fix": why.fix}
    arrives = state in (FundingState.AVAILABLE, FundingState.PENDING) and left_minor > 0
    return NEWS[state], {"amount": Money(left_minor if arrives else funding.amount_minor, funding.currency)}
