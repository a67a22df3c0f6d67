"""A funding follows Stripe: each of its balance transactions stands in the books once, and what is left of it lands.

Nothing is taken from a status: what a payment, a refund or a dispute moved is what its balance transaction says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from kit.errors import DomainError
from kit.jobs import next_try
from payments.funding import debts, opening, purses, withdrawals
from payments.funding.models import Funding, FundingMovement
from payments.funding.notices import tell_of_movement, tell_payers
from payments.funding.purses import Purse
from payments.funding.states import FundingState
from payments.gateway import checkout
from payments.gateway.checkout import MovementFacts, PaymentFacts
from payments.gateway.errors import StripeUnavailable
from payments.inbox import findings
from payments.ledger import operations as ledger
from payments.ledger.chart import NO_BOOK, Kind
from payments.ledger.models import Entry
from payments.ledger.operations import Draft, Leg

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("funding")
# Money that counts can be disputed or sent back by a bank for this long: asked for once a day, and longer while a
# dispute is open.
CAN_BE_TAKEN_BACK = timedelta(days=180)
ASK_DAILY = timedelta(days=1)
MK = FundingMovement.Kind


def refresh_checkout(*, checkout_id: str, at: datetime) -> None:
    """A checkout has news. Raises StripeUnavailable. One that we do not know is a finding."""
    funding = Funding.objects.filter(checkout_id=checkout_id).first()
    if funding is None:
        findings.report(
            code="payment_not_ours", thing=checkout_id, detail="A checkout that no wallet knows.", at=at
        )
        return
    refresh(funding=funding, at=at)


def refresh_payment(*, object_id: str, at: datetime) -> Funding | None:
    """A payment intent (`pi_…`), or its charge, refund or dispute, has news. Raises StripeUnavailable.

    Returns the funding; None for a payment that no wallet knows.
    """
    payment_id = checkout.payment_behind(object_id)
    funding = Funding.objects.filter(payment_intent_id=payment_id).first() if payment_id else None
    return refresh(funding=funding, at=at) if funding is not None else None


def refresh(*, funding: Funding, at: datetime) -> Funding:
    """Ask Stripe how the payment stands and write it down. Raises StripeUnavailable."""
    if not funding.checkout_id:
        funding = opening.open_checkout(funding)
    session = checkout.retrieve(funding.checkout_id)
    payment_id = funding.payment_intent_id or session.payment_intent_id
    facts = checkout.payment(payment_id) if payment_id else None
    with transaction.atomic():
        purses.lock([funding.company_id])
        funding = Funding.objects.select_for_update(of=("self",)).select_related("company").get(pk=funding.pk)
        funding.payment_intent_id = payment_id
        if facts is None:
            _unpaid(funding, expired=session.status == "expired", at=at)
        else:
            _apply(funding, facts, may_still_pay=session.status == "open", at=at)
    return funding


def _unpaid(funding: Funding, *, expired: bool, at: datetime) -> None:
    funding.tries += 1
    funding.due_at = next_try(at=at, tries=funding.tries)
    funding.save(update_fields=["payment_intent_id", "tries", "due_at"])
    if expired and funding.state == FundingState.STARTED:
        audit.move(funding, FundingState.FAILED, by=SYSTEM, at=at, due_at=None, failure="checkout_expired")


def _apply(funding: Funding, facts: PaymentFacts, *, may_still_pay: bool, at: datetime) -> None:
    if other := _other_amount(funding, facts):
        findings.report(code="payment_of_other_amount", thing=funding.public_id, detail=other, at=at)
        Funding.objects.filter(pk=funding.pk).update(due_at=None)
        return
    if funding.landed_at is not None and not funding.movements.exists() and not _adopt(funding, facts, at=at):
        return
    funding.charge_id, funding.available_at = facts.charge_id, facts.available_at
    funding.in_dispute = any(dispute.is_open or dispute.is_lost for dispute in facts.disputes)
    funding.tries += 1
    funding.save()
    fresh = _moves(funding, facts, at=at)
    target = _target(funding, facts, may_still_pay=may_still_pay)
    funding.due_at = _next_ask_at(funding, facts, target, at=at)
    funding.save()
    _tell(funding, fresh, at=at)
    if target != funding.state:
        also: dict[str, Any] = (
            {"failure": facts.failure[:500]} if target == FundingState.FAILED and facts.failure else {}
        )
        audit.move(funding, target, by=SYSTEM, at=at, **also)
        tell_payers(funding=funding, state=target, left_minor=funding.left_minor, at=at)
    crash_point("funding.before_commit")


def _moves(funding: Funding, facts: PaymentFacts, *, at: datetime) -> list[FundingMovement]:
    """Book what is new of it, and land it; returns what is new. With nothing new no purse is opened, as on most days.

    A payment of which more was taken back than it brought, as a debit that fails after a part of it was refunded, counts at
    once: what is missing is the company's to bear (rule 2), and nothing of it is waited for.
    """
    known = dict(funding.movements.values_list("stripe_id", "amount_minor"))
    fresh = [each for each in facts.movements if each.id not in known]
    is_short = sum(known.values()) + sum(each.amount_minor for each in fresh) < 0
    lands = funding.landed_at is None and (facts.available or is_short)
    if not fresh and not lands:
        return []
    purse = purses.purse(funding.company_id, currency=funding.currency)
    rows = _book(funding, fresh, purse, at=at)
    if lands:
        _land(funding, purse, at=at)
    debts.settle(funding.company, purse, at=at)
    return rows


def _other_amount(funding: Funding, facts: PaymentFacts) -> str:
    """What about the payment is not as asked for; empty when all is. Stripe may settle in another currency than it charged."""
    if facts.amount_minor != funding.amount_minor or facts.currency != funding.currency:
        return f"{facts.payment_intent_id} is over {facts.amount_minor} {facts.currency} minor units."
    settled = {each.currency for each in facts.movements} - {funding.currency}
    return f"{facts.payment_intent_id} settles in {', '.join(sorted(settled))}." if settled else ""


def _adopt(funding: Funding, facts: PaymentFacts, *, at: datetime) -> bool:
    """It landed before movements were kept: its payment stands in the books already. False, for `restate`, where what was
    taken back of it was booked by its status, in full."""
    lost = Entry.objects.filter(book=NO_BOOK, key=f"funding_lost:{funding.public_id}")
    if lost.exists():
        detail = (
            "What was taken back of it was booked in full, by its status; restate it (manage.py restate)."
        )
        findings.report(code="funding_to_restate", thing=funding.public_id, detail=detail, at=at)
        Funding.objects.filter(pk=funding.pk).update(due_at=None)
        return False
    paid = [each for each in facts.movements if each.kind == MK.PAYMENT]
    FundingMovement.objects.bulk_create(movement_of(funding, each, at=at) for each in paid)
    return True


def _book(
    funding: Funding, fresh: Sequence[MovementFacts], purse: Purse, *, at: datetime
) -> list[FundingMovement]:
    """Post each balance transaction that is not in the books yet."""
    for facts in fresh:
        ledger.post([_draft(funding, facts, purse, at=at)], at=at)
    rows = [movement_of(funding, facts, at=at) for facts in fresh]
    crash_point("funding.booked")
    FundingMovement.objects.bulk_create(rows)
    funding.stripe_fee_minor += sum(facts.fee_minor for facts in fresh)
    return rows


def movement_of(funding: Funding, facts: MovementFacts, *, at: datetime) -> FundingMovement:
    """A balance transaction as it is kept with its payment; not saved."""
    return FundingMovement(
        funding=funding,
        stripe_id=facts.id,
        kind=facts.kind,
        source=facts.source,
        amount_minor=facts.amount_minor,
        fee_minor=facts.fee_minor,
        heard_at=at,
    )


def _draft(funding: Funding, facts: MovementFacts, purse: Purse, *, at: datetime) -> Draft:
    """At Stripe the balance moves by amount less fee; the amount is the company's, the fee the house's (rule 2)."""
    currency = funding.currency
    balance = ledger.account(Kind.STRIPE_BALANCE, currency=currency)
    legs = (
        [Leg(balance, facts.amount_minor - facts.fee_minor)] if facts.amount_minor != facts.fee_minor else []
    )
    if facts.fee_minor:
        legs.append(Leg(ledger.account(Kind.STRIPE_FEES, currency=currency), facts.fee_minor))
    legs += _companys_legs(funding, facts, purse, at=at)
    said = {"funding": funding.public_id, "source": facts.source, "what": facts.kind}
    return Draft(key=f"txn:{facts.id}", kind=f"funding_{facts.kind}", legs=legs, facts=said)


def _companys_legs(funding: Funding, facts: MovementFacts, purse: Purse, *, at: datetime) -> list[Leg]:
    if funding.landed_at is None:
        return [Leg(purse.account(Kind.COMPANY_INCOMING), -facts.amount_minor)]
    if facts.kind in (MK.REFUND, MK.REFUND_FAILED):
        ours = withdrawals.heard(facts, funding=funding, at=at)
        if ours is not None:
            return ours
    return purse.leave(-facts.amount_minor) if facts.amount_minor < 0 else purse.arrive(facts.amount_minor)


def _land(funding: Funding, purse: Purse, *, at: datetime) -> None:
    """From now on it counts: what is left of it pays what the company owes, the rest goes to the wallet (rule 1)."""
    amount = funding.left_minor
    funding.landed_at = at
    if amount:
        legs = [
            Leg(purse.account(Kind.COMPANY_INCOMING), amount),
            *(purse.arrive(amount) if amount > 0 else purse.leave(-amount)),
        ]
        facts = {"funding": funding.public_id, "payment": funding.payment_intent_id}
        ledger.post(
            [Draft(key=f"funding:{funding.public_id}", kind="funding", legs=legs, facts=facts)], at=at
        )


def _target(funding: Funding, facts: PaymentFacts, *, may_still_pay: bool) -> FundingState:
    """`may_still_pay`: the page is open yet, so a card that was declined is no end."""
    moved = {each.kind for each in facts.movements}
    if any(dispute.is_open for dispute in facts.disputes):
        return FundingState.DISPUTED
    if MK.PAYMENT_FAILED in moved:
        return FundingState.FAILED
    if MK.PAYMENT in moved:
        return _paid_target(funding, facts)
    if facts.status == "processing":
        return FundingState.PROCESSING
    if facts.status == "canceled" or (facts.failure and not may_still_pay):
        return FundingState.FAILED
    return FundingState(funding.state)


def _paid_target(funding: Funding, facts: PaymentFacts) -> FundingState:
    if sum(each.amount_minor for each in facts.movements) <= 0:
        lost = any(dispute.is_lost for dispute in facts.disputes)
        return FundingState.LOST if lost else FundingState.REFUNDED
    return FundingState.AVAILABLE if funding.landed_at else FundingState.PENDING


def _next_ask_at(
    funding: Funding, facts: PaymentFacts, target: FundingState, *, at: datetime
) -> datetime | None:
    """Until no balance transaction can come any more."""
    if target in (FundingState.STARTED, FundingState.PROCESSING) or funding.landed_at is None:
        failed = target == FundingState.FAILED
        return None if failed else min(next_try(at=at, tries=funding.tries), at + ASK_DAILY)
    waits = any(dispute.is_open or dispute.is_inquiry for dispute in facts.disputes)
    recent = at - funding.started_at < CAN_BE_TAKEN_BACK
    return at + ASK_DAILY if waits or recent else None


def _tell(funding: Funding, fresh: Sequence[FundingMovement], *, at: datetime) -> None:
    """What was taken back, or came again, is told one by one, with its own amount."""
    for movement in fresh:
        if movement.kind != MK.PAYMENT:
            tell_of_movement(movement, at=at)


def refresh_soon(funding: Funding, *, at: datetime) -> None:
    """There is news of it, or will be: the next sweep asks."""
    Funding.objects.filter(pk=funding.pk).update(due_at=at)


def refresh_due(*, at: datetime, at_most: int = 50) -> int:
    """Poll the payments that are still open: a lost webhook must not keep money from a wallet."""
    asked = 0
    for funding in Funding.objects.filter(due_at__lte=at).order_by("due_at")[:at_most]:
        try:
            refresh(funding=funding, at=at)
        except (StripeUnavailable, DomainError) as error:
            # One that cannot be followed keeps nobody else's money waiting.
            log.warning("funding_poll_failed", funding=funding.public_id, error=type(error).__name__)
            Funding.objects.filter(pk=funding.pk).update(due_at=at + opening.ASK_AGAIN)
        asked += 1
    return asked
