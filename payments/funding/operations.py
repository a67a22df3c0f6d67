"""A company's wallet: money in through Stripe's checkout, set aside for gigs, given back when a gig ends."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.models import Company
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.jobs import next_try
from kit.money import Money
from kit.rows import by_public_id
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from payments.funding.models import Funding
from payments.funding.notices import tell_payers
from payments.funding.states import FundingState
from payments.gateway import checkout
from payments.gateway.checkout import PaymentFacts
from payments.gateway.errors import StripeUnavailable
from payments.inbox import findings
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("funding")
LEAST_MINOR, MOST_MINOR = 1_000, 99_999_999
ASK_AGAIN = timedelta(minutes=2)
# Money that counts can be disputed or sent back by a bank for this long: asked for once a day.
CAN_BE_TAKEN_BACK = timedelta(days=120)
ASK_DAILY = timedelta(days=1)


class PaymentServiceAway(DomainError):
    """Try again in a minute; nothing was charged."""

    code = "payment_service_unreachable"
    status = 503
    title = "The payment service does not answer"


class PaymentMade(DomainError):
    """Look at the wallet again: it says what became of the payment."""

    code = "payment_made"
    title = "This payment does not wait any more"


def start(*, company: Company, amount: Money, by: Actor, at: datetime) -> Funding:
    """Open a checkout for the wallet. Raises Invalid (422), Forbidden (403), PaymentServiceAway (503); the row stays
    and the sweep follows what became of it."""
    by.require(Act.PAY_IN, company_id=company.pk)
    check_supported(amount.currency)
    if not LEAST_MINOR <= amount.minor <= MOST_MINOR:
        least, most = Money(LEAST_MINOR, amount.currency), Money(MOST_MINOR, amount.currency)
        raise Invalid.field("amount", f"Between {least.display()} and {most.display()} at a time.")
    with transaction.atomic():
        funding = Funding.objects.create(
            company=company,
            amount_minor=amount.minor,
            currency=amount.currency,
            started_by_id=by.user_id,
            started_at=at,
            due_at=at + ASK_AGAIN,
        )
        audit.record(verb="funding.started", thing=funding, by=by, at=at, amount_minor=amount.minor)
    return _open_checkout(funding)


def let_go(*, funding: Funding, by: Actor, at: datetime) -> Funding:
    """End a payment that was begun and not made; nothing is charged.

    Raises Forbidden (403), PaymentMade (409) for one that was made meanwhile or has ended, PaymentServiceAway (503).
    """
    by.require(Act.PAY_IN, company_id=funding.company_id)
    if funding.state != FundingState.STARTED:
        raise PaymentMade("It is not waiting to be paid any more.")
    if not funding.checkout_id:
        audit.move(funding, FundingState.FAILED, by=by, at=at, due_at=None, failure="checkout_expired")
        return funding
    try:
        _expire(funding)
        funding = refresh(funding=funding, at=at)
    except StripeUnavailable as error:
        raise PaymentServiceAway("Nothing was charged. Try again in a minute.") from error
    if funding.state != FundingState.FAILED:
        raise PaymentMade("It was paid meanwhile; the wallet follows by itself.")
    return funding


def _expire(funding: Funding) -> None:
    try:
        checkout.expire(funding.checkout_id)
    except StripeUnavailable as error:
        # One that was paid, or has ended, Stripe does not end again: what became of it is asked next.
        if error.http_status != HTTPStatus.BAD_REQUEST:
            raise


def _open_checkout(funding: Funding) -> Funding:
    back = settings.PUBLIC_URL + reverse("company_wallet", args=[funding.company.public_id])
    try:
        opened = checkout.create(
            funding_id=funding.public_id,
            company_name=funding.company.name,
            amount_minor=funding.amount_minor,
            currency=funding.currency,
            success_url=f"{back}?funded={funding.public_id}",
            cancel_url=back,
        )
    except StripeUnavailable as error:
        log.warning("checkout_failed", funding=funding.public_id, error=str(error.code or type(error)))
        raise PaymentServiceAway("Nothing was charged. Try again in a minute.") from error
    funding.checkout_id, funding.checkout_url = opened.id, opened.url
    funding.payment_intent_id = opened.payment_intent_id
    funding.save(update_fields=["checkout_id", "checkout_url", "payment_intent_id"])
    return funding


def refresh_checkout(*, checkout_id: str, at: datetime) -> None:
    """A checkout has news. Raises StripeUnavailable. One that we do not know is a finding."""
    funding = Funding.objects.filter(checkout_id=checkout_id).first()
    if funding is None:
        findings.report(
            code="payment_not_ours", thing=checkout_id, detail="A checkout that no wallet knows.", at=at
        )
        return
    refresh(funding=funding, at=at)


def refresh_payment(*, object_id: str, at: datetime) -> None:
    """A payment intent (`pi_…`), or its charge, refund or dispute, has news. Raises StripeUnavailable."""
    payment_id = checkout.payment_behind(object_id)
    funding = Funding.objects.filter(payment_intent_id=payment_id).first() if payment_id else None
    if funding is not None:
        refresh(funding=funding, at=at)


def refresh(*, funding: Funding, at: datetime) -> Funding:
    """Ask Stripe how the payment stands and write it down. Raises StripeUnavailable."""
    if not funding.checkout_id:
        funding = _open_checkout(funding)
    session = checkout.retrieve(funding.checkout_id)
    payment_id = funding.payment_intent_id or session.payment_intent_id
    facts = checkout.payment(payment_id) if payment_id else None
    with transaction.atomic():
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
    if facts.amount_minor != funding.amount_minor or facts.currency != funding.currency:
        findings.report(
            code="payment_of_other_amount",
            thing=funding.public_id,
            detail=f"{facts.payment_intent_id} is over {facts.amount_minor} {facts.currency} minor units.",
            at=at,
        )
        Funding.objects.filter(pk=funding.pk).update(due_at=None)
        return
    funding.charge_id = facts.charge_id
    funding.stripe_fee_minor = facts.fee_minor
    funding.available_at = facts.available_at
    funding.tries += 1
    target = _target(facts, may_still_pay=may_still_pay)
    funding.due_at = _next_ask_at(funding, target, at=at)
    funding.save()
    if facts.refunded_minor:
        _tell_refunded(funding, facts, at=at)
    if target in (funding.state, FundingState.STARTED):
        return
    if target == FundingState.AVAILABLE:
        _land(funding, at=at)
    elif funding.landed_at is not None:
        _take_back(funding, at=at)
    if target == FundingState.DISPUTED:
        _book_dispute(funding, facts, at=at)
    also: dict[str, Any] = {"failure": facts.failure[:500]} if target == FundingState.FAILED else {}
    landed: dict[str, Any] = {"landed_at": at} if target == FundingState.AVAILABLE else {}
    audit.move(funding, target, by=SYSTEM, at=at, **also, **landed)
    tell_payers(funding=funding, state=target, at=at)


def _next_ask_at(funding: Funding, target: FundingState, *, at: datetime) -> datetime | None:
    if target in (FundingState.FAILED, FundingState.DISPUTED):
        return None
    if target == FundingState.AVAILABLE:
        return at + ASK_DAILY if at - funding.started_at < CAN_BE_TAKEN_BACK else None
    return next_try(at=at, tries=funding.tries)


def _target(facts: PaymentFacts, *, may_still_pay: bool) -> FundingState:
    """`may_still_pay`: the page is open yet, so a card that was declined is no end."""
    if facts.disputed:
        return FundingState.DISPUTED
    if facts.status == "succeeded":
        return FundingState.AVAILABLE if facts.available else FundingState.PENDING
    if facts.status == "processing":
        return FundingState.PROCESSING
    if facts.status == "canceled" or (facts.failure and not may_still_pay):
        return FundingState.FAILED
    return FundingState.STARTED


def _land(funding: Funding, *, at: datetime) -> None:
    """The whole amount is the company's; Stripe's fee is the house's expense."""
    currency = funding.currency
    balance = ledger.account(Kind.STRIPE_BALANCE, currency=currency)
    wallet = ledger.account(Kind.COMPANY_WALLET, currency=currency, owner=funding.company.public_id)
    legs = [
        ledger.Leg(balance, funding.amount_minor - funding.stripe_fee_minor),
        ledger.Leg(wallet, -funding.amount_minor),
    ]
    if funding.stripe_fee_minor:
        legs.append(ledger.Leg(ledger.account(Kind.STRIPE_FEES, currency=currency), funding.stripe_fee_minor))
    facts = {"payment": funding.payment_intent_id}
    ledger.post(
        [ledger.Draft(key=f"funding:{funding.public_id}", kind="funding", legs=legs, facts=facts)], at=at
    )


def _take_back(funding: Funding, *, at: datetime) -> None:
    """Disputed or failed after it counted: the company owes it."""
    ledger.move(
        debit=ledger.account(
            Kind.COMPANY_RECEIVABLE, currency=funding.currency, owner=funding.company.public_id
        ),
        credit=ledger.account(Kind.STRIPE_BALANCE, currency=funding.currency),
        amount_minor=funding.amount_minor,
        key=f"funding_lost:{funding.public_id}",
        kind="funding_lost",
        at=at,
    )
    findings.report(
        code="funding_lost",
        thing=funding.public_id,
        detail="Money that was in a wallet was taken back at Stripe.",
        at=at,
    )


def _book_dispute(funding: Funding, facts: PaymentFacts, *, at: datetime) -> None:
    """Stripe keeps its fees: the dispute's, and the payment's where it never came to count."""
    kept_minor = facts.dispute_fee_minor + (0 if funding.landed_at else facts.fee_minor)
    if kept_minor:
        ledger.move(
            debit=ledger.account(Kind.STRIPE_FEES, currency=funding.currency),
            credit=ledger.account(Kind.STRIPE_BALANCE, currency=funding.currency),
            amount_minor=kept_minor,
            key=f"dispute_fee:{funding.public_id}",
            kind="dispute_fee",
            at=at,
        )


def _tell_refunded(funding: Funding, facts: PaymentFacts, *, at: datetime) -> None:
    amount = Money(facts.refunded_minor, facts.currency).display()
    findings.report(
        code="funding_refunded",
        thing=funding.public_id,
        detail=f"{amount} of {facts.payment_intent_id} was given back at Stripe; the wallet still counts it.",
        at=at,
    )


@transaction.atomic
def set_aside(*, gig: Gig, amount: Money, by: Actor, at: datetime, request_id: str) -> Gig:
    """Move money from the wallet to a gig's budget. `request_id` makes a repeated press one move.

    Raises Forbidden (403), Invalid (422) also for another currency than the gig's, Overdrawn (409) when the wallet does
    not hold it.
    """
    by.require(Act.SET_ASIDE, company_id=gig.company_id)
    if amount.currency != gig.currency:
        said = f"This gig pays in {gig.currency}, so {gig.currency} is set aside for it."
        raise Invalid.field("amount.currency", said, code="currency_mismatch")
    if not 0 < amount.minor <= MOST_MINOR:
        most = Money(MOST_MINOR, gig.currency).display()
        raise Invalid.field("amount", f"More than zero, and at most {most} at a time.")
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    moved = ledger.move(
        debit=ledger.account(Kind.COMPANY_WALLET, currency=gig.currency, owner=gig.company.public_id),
        credit=ledger.account(Kind.GIG_BUDGET, currency=gig.currency, owner=gig.public_id),
        amount_minor=amount.minor,
        key=f"set_aside:{gig.public_id}:{request_id}",
        kind="set_aside",
        at=at,
    )
    if moved:
        gigs.record_funding(gig=gig, delta_minor=amount.minor, by=by, at=at)
    return gig


@transaction.atomic
def give_back(*, gig: Gig, by: Actor, at: datetime, request_id: str) -> int:
    """Return to the wallet what a gig has set aside and not committed; returns the minor units moved. Raises Forbidden (403)."""
    by.require(Act.SET_ASIDE, company_id=gig.company_id)
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    free_minor = gig.funded_minor - gig.committed_minor
    if free_minor <= 0:
        return 0
    moved = ledger.move(
        debit=ledger.account(Kind.GIG_BUDGET, currency=gig.currency, owner=gig.public_id),
        credit=ledger.account(Kind.COMPANY_WALLET, currency=gig.currency, owner=gig.company.public_id),
        amount_minor=free_minor,
        key=f"give_back:{gig.public_id}:{request_id}",
        kind="give_back",
        at=at,
    )
    if moved:
        gigs.record_funding(gig=gig, delta_minor=-free_minor, by=by, at=at)
    return free_minor if moved else 0


def get(*, actor: Actor, public_id: str) -> Funding:
    """The funding, if the actor may see it. Raises NotFound (404)."""
    return by_public_id(Funding.objects.visible_to(actor).select_related("company"), public_id)


def refresh_due(*, at: datetime, at_most: int = 50) -> int:
    """Poll the payments that are still open: a lost webhook must not keep money from a wallet."""
    asked = 0
    for funding in Funding.objects.filter(due_at__lte=at).order_by("due_at")[:at_most]:
        try:
            refresh(funding=funding, at=at)
        except (StripeUnavailable, DomainError) as error:
            # One that cannot be followed keeps nobody else's money waiting.
            log.warning("funding_poll_failed", funding=funding.public_id, error=type(error).__name__)
            Funding.objects.filter(pk=funding.pk).update(due_at=at + ASK_AGAIN)
        asked += 1
    return asked
