"""A company takes money out of its wallet again (money/RULES.md, rule 10): refunds of its own fundings, the one started
last first, all or nothing.

As with transfers: asked for and booked in one transaction, called with none open, unknown is not failed, and only the
balance transaction that Stripe tells of makes it so. What Stripe definitely refuses is back in the wallet.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Sum

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import PLACE
from kit.crash import crash_point
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.jobs import next_try
from kit.money import Money
from payments.funding import debts, purses
from payments.funding.models import Funding, FundingMovement, Refund, Withdrawal
from payments.funding.states import RefundState, WithdrawalState
from payments.gateway import refunds
from payments.gateway.checkout import MovementFacts
from payments.gateway.errors import StripeUnavailable
from payments.gateway.outcomes import Later, Refused, Stop, Unknown
from payments.inbox.halts import raise_halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account
from payments.ledger.operations import Draft, Leg, Overdrawn

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("funding")
# As with transfers: past it the key may be forgotten, so the payment's list of refunds decides.
LAST_SEND = timedelta(hours=23)
BELIEVE_ABSENCE = timedelta(hours=25)
MK = FundingMovement.Kind


class CannotGiveBack(DomainError):
    """Take out less, or ask finance for another way: a payment can be given back only as far as it came in."""

    code = "not_enough_to_give_back"
    title = "That much cannot be given back"


@transaction.atomic
def ask(*, company: Company, amount: Money, by: Actor, at: datetime, request_id: str) -> Withdrawal:
    """Take `amount` out of the wallet, to where it came from. `request_id` makes a repeated press one withdrawal.

    Raises Forbidden, StaleProof (403), Invalid (422), CompanyOwes, Overdrawn, CannotGiveBack (409); then nothing moves.
    """
    by.require(Act.WITHDRAW, company_id=company.pk)
    by.require_proof(StepUp.WITHDRAW, at=at)
    check_supported(amount.currency)
    if amount.minor <= 0:
        raise Invalid.field("amount", "More than zero.")
    purses.lock([company.pk])
    before = Withdrawal.objects.filter(company=company, request_id=request_id).first()
    if before is not None:
        return before
    debts.refuse_while_owing(company)
    parts = _parts(company, amount)
    withdrawal = Withdrawal.objects.create(
        company=company,
        amount_minor=amount.minor,
        currency=amount.currency,
        request_id=request_id,
        asked_by_id=by.user_id,
        asked_at=at,
    )
    ledger.move(
        debit=ledger.account(Kind.COMPANY_WALLET, currency=amount.currency, owner=company.public_id),
        credit=_withdrawing(company, amount.currency),
        amount_minor=amount.minor,
        key=f"withdrawal:{withdrawal.public_id}",
        kind="withdrawal",
        at=at,
    )
    Refund.objects.bulk_create(
        Refund(withdrawal=withdrawal, funding=funding, amount_minor=part, due_at=at)
        for funding, part in parts
    )
    audit.record(verb="withdrawal.asked", thing=withdrawal, by=by, at=at, amount_minor=amount.minor)
    crash_point("withdrawal.before_commit")
    return withdrawal


def _parts(company: Company, amount: Money) -> list[tuple[Funding, int]]:
    """From which fundings, the one started last first. Raises Overdrawn, CannotGiveBack (409)."""
    purse = purses.purses([company.pk], currency=amount.currency, only_gigs=[])[company.pk]
    if purse.wallet_minor < amount.minor:
        free = Money(purse.wallet_minor, amount.currency).display()
        raise Overdrawn(f"{free} is free in the wallet; what is set aside for gigs is not.")
    left, parts = amount.minor, []
    landed = Funding.objects.filter(company=company, currency=amount.currency, landed_at__isnull=False)
    for funding in landed.order_by("-started_at", "-id"):
        if not left:
            break
        part = min(left, can_give_minor(funding))
        if part > 0:
            parts.append((funding, part))
            left -= part
    if left:
        most = Money(amount.minor - left, amount.currency).display()
        raise CannotGiveBack(
            f"Payments can be given back as far as they came in and are not disputed: {most} of it now."
        )
    return parts


def can_give_minor(funding: Funding) -> int:
    """How much of a landed funding can still be given back: nothing of one that is disputed or was lost so."""
    if funding.in_dispute:
        return 0
    unknown = funding.refunds.filter(state=RefundState.UNKNOWN)
    going = unknown.aggregate(total=Sum("amount_minor"))["total"] or 0
    return max(funding.left_minor - int(going), 0)


def send_due(*, at: datetime, at_most: int = 50) -> list[Funding]:
    """Send the refunds that are due; returns the fundings that now have news to be read."""
    news = []
    for _ in range(at_most):
        refund = _claim(at=at)
        if refund is None:
            break
        crash_point("refund.claimed")
        _send(refund, at=at)
        news.append(refund.funding)
    return news


@transaction.atomic
def _claim(*, at: datetime) -> Refund | None:
    due = Refund.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
        "funding", "withdrawal__company"
    )
    refund = due.filter(state=RefundState.UNKNOWN, due_at__lte=at).order_by("due_at", "id").first()
    if refund is None:
        return None
    refund.tries += 1
    refund.first_sent_at = refund.first_sent_at or at
    refund.due_at = next_try(at=at, tries=refund.tries)
    refund.save(update_fields=["tries", "first_sent_at", "due_at"])
    return refund


def _send(refund: Refund, *, at: datetime) -> None:
    if refund.first_sent_at and at - refund.first_sent_at >= LAST_SEND:
        # Only the list decides now; it is read with the funding's other news.
        if at - refund.first_sent_at >= BELIEVE_ABSENCE:
            _believe_absence(refund, at=at)
        return
    outcome = refunds.create(
        payment_intent_id=refund.funding.payment_intent_id,
        amount_minor=refund.amount_minor,
        withdrawal=refund.public_id,
        key=f"refund:{refund.public_id}:{refund.generation}",
    )
    crash_point("refund.called")
    match outcome:
        case str():
            Refund.objects.filter(pk=refund.pk).update(refund_id=outcome)
        case Refused():
            _refused(refund, outcome, at=at)
        case Stop():
            detail = f"{outcome.message} (refund {refund.public_id})"
            raise_halt(code=outcome.code, detail=detail, at=at, asked_at=at)
        case Unknown() | Later():
            log.info("refund_unknown", refund=refund.public_id, reason=outcome.reason)


def _believe_absence(refund: Refund, *, at: datetime) -> None:
    """The payment's refunds are listed once more; without it there, it never was."""
    try:
        there = refunds.is_there(refund.funding.payment_intent_id, withdrawal=refund.public_id)
    except StripeUnavailable:
        return
    if not there:
        _refused(refund, Refused(code="never_arrived", message="Stripe knows no such refund."), at=at)


@transaction.atomic
def _refused(refund: Refund, refusal: Refused, *, at: datetime) -> None:
    """A definite no: for want of balance it is tried again under the next key, else the money is back in the wallet."""
    purses.lock([refund.withdrawal.company_id])
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    if refund.state != RefundState.UNKNOWN:
        return
    if refusal.code == "balance_insufficient":
        refund.generation += 1
        refund.first_sent_at = None
        refund.save(update_fields=["generation", "first_sent_at"])
        return
    company, currency = refund.withdrawal.company, refund.withdrawal.currency
    audit.move(
        refund,
        RefundState.REFUSED,
        by=SYSTEM,
        at=at,
        reason=refusal.code,
        refusal=refusal.message[:500],
        ended_at=at,
        due_at=None,
    )
    purse = purses.purse(company.pk, currency=currency)
    legs = [Leg(_withdrawing(company, currency), refund.amount_minor), *purse.arrive(refund.amount_minor)]
    ledger.post([Draft(key=f"refund_refused:{refund.public_id}", kind="refund_refused", legs=legs)], at=at)
    debts.settle(company, purse, at=at)
    tell_company(
        kind=MoneyKind.WITHDRAWAL_REFUSED,
        company_id=company.pk,
        key=f"refund_refused:{refund.public_id}",
        about={"amount": Money(refund.amount_minor, currency), "why": refusal.message[:300]},
        where={"company_id": company.public_id, PLACE: "withdrawals"},
        at=at,
    )
    _end_if_done(refund.withdrawal, at=at)


def heard(facts: MovementFacts, *, funding: Funding, at: datetime) -> list[Leg] | None:
    """The company's legs of a refund that is a withdrawal's; None where it is not, and so came from outside."""
    if facts.kind == MK.REFUND_FAILED:
        _came_back(facts, funding=funding, at=at)
    if not facts.withdrawal or facts.kind != MK.REFUND:
        return None
    refund = (
        Refund.objects.select_for_update(of=("self",))
        .select_related("withdrawal__company")
        .filter(funding=funding, state=RefundState.UNKNOWN, amount_minor=-facts.amount_minor)
        .filter(public_id=facts.withdrawal)
        .first()
    )
    if refund is None:
        return None
    audit.move(refund, RefundState.SENT, by=SYSTEM, at=at, refund_id=facts.source, ended_at=at, due_at=None)
    _end_if_done(refund.withdrawal, at=at)
    return [Leg(_withdrawing(refund.withdrawal.company, funding.currency), refund.amount_minor)]


def _came_back(facts: MovementFacts, *, funding: Funding, at: datetime) -> None:
    """The bank sent a refund of ours back: the money arrives again like any other."""
    sent = funding.refunds.filter(state=RefundState.SENT, refund_id=facts.source).first()
    if sent is not None:
        audit.move(sent, RefundState.CAME_BACK, by=SYSTEM, at=at)


def _end_if_done(withdrawal: Withdrawal, *, at: datetime) -> None:
    states = set(withdrawal.refunds.values_list("state", flat=True))
    if RefundState.UNKNOWN in states or withdrawal.state != WithdrawalState.GOING:
        return
    if states == {RefundState.REFUSED}:
        target = WithdrawalState.REFUSED
    else:
        target = WithdrawalState.SENT_IN_PART if RefundState.REFUSED in states else WithdrawalState.SENT
    audit.move(withdrawal, target, by=SYSTEM, at=at, ended_at=at)
    sent = withdrawal.refunds.exclude(state=RefundState.REFUSED).aggregate(total=Sum("amount_minor"))["total"]
    if sent:
        tell_company(
            kind=MoneyKind.WITHDRAWN,
            company_id=withdrawal.company_id,
            key=f"withdrawn:{withdrawal.public_id}",
            about={"amount": Money(sent, withdrawal.currency)},
            where={"company_id": withdrawal.company.public_id, PLACE: "withdrawals"},
            at=at,
        )


def _withdrawing(company: Company, currency: str) -> Account:
    return ledger.account(Kind.COMPANY_WITHDRAWING, currency=currency, owner=company.public_id)
