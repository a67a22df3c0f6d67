"""Telling those who pay in for a company what became of a payment."""

from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE
from kit.money import Money
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.inbox.reasons import payment_reason

NEWS = {
    FundingState.PROCESSING: Kind.FUNDING_PROCESSING,
    FundingState.PENDING: Kind.FUNDING_PENDING,
    FundingState.AVAILABLE: Kind.FUNDING_AVAILABLE,
    FundingState.DISPUTED: Kind.FUNDING_DISPUTED,
}


def tell_payers(*, funding: Funding, state: FundingState, at: datetime) -> None:
    """Tell them, once per state, in the caller's transaction."""
    kind, about = _news(funding, state)
    tell_company(
        kind=kind,
        company_id=funding.company_id,
        key=f"funding:{funding.public_id}:{state}",
        about=about,
        where={"company_id": funding.company.public_id, PLACE: "payments-in"},
        at=at,
    )


def _news(funding: Funding, state: FundingState) -> tuple[Kind, About]:
    amount = Money(funding.amount_minor, funding.currency)
    if state == FundingState.FAILED:
        why = payment_reason(funding.failure)
        return Kind.FUNDING_FAILED, {"amount": amount, "means": why.means, "fix": why.fix}
    return NEWS[state], {"amount": amount}
