"""A company's wallet: money in through Stripe's checkout, set aside for gigs, given back when a gig ends."""

from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.models import Company
from kit.crash import crash_point
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.rows import by_public_id
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.gigs.operations import GigIsOver
from marketplace.gigs.states import ENDED
from payments.funding import debts, following, opening, purses
from payments.funding.models import Funding
from payments.funding.opening import PaymentServiceAway
from payments.funding.states import FundingState
from payments.gateway import checkout
from payments.gateway.errors import StripeUnavailable
from payments.ledger import operations as ledger
from payments.ledger import queries as ledger_queries
from payments.ledger.chart import Kind
from payments.ledger.operations import Draft
from payments.terms import drawing

LEAST_MINOR, MOST_MINOR = 1_000, 99_999_999


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
            due_at=at + opening.ASK_AGAIN,
        )
        audit.record(verb="funding.started", thing=funding, by=by, at=at, amount_minor=amount.minor)
    return opening.open_checkout(funding)


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
        funding = following.refresh(funding=funding, at=at)
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


@transaction.atomic
def set_aside(*, gig: Gig, amount: Money, by: Actor, at: datetime, request_id: str) -> Gig:
    """Move money from the wallet to a gig's budget, and what the wallet does not hold on agreed terms. `request_id` makes a
    repeated press one move.

    Raises Forbidden (403), Invalid (422) also for another currency than the gig's, GigIsOver (409) for one that has ended,
    CompanyOwes (409), Overdrawn (409) when the wallet does not hold it and there are no terms; where there are, also
    BeyondTerms, TermsOverdue, NotApproved and Suspended (409).
    """
    by.require(Act.SET_ASIDE, company_id=gig.company_id)
    if amount.currency != gig.currency:
        said = f"This gig pays in {gig.currency}, so {gig.currency} is set aside for it."
        raise Invalid.field("amount.currency", said, code="currency_mismatch")
    if not 0 < amount.minor <= MOST_MINOR:
        most = Money(MOST_MINOR, gig.currency).display()
        raise Invalid.field("amount", f"More than zero, and at most {most} at a time.")
    purses.lock([gig.company_id])
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    key = f"set_aside:{gig.public_id}:{request_id}"
    if ledger_queries.is_posted(key):
        return gig
    require_open(gig)
    debts.refuse_while_owing(gig.company)
    _move_aside(gig, amount, key=key, by=by, at=at)
    gigs.record_funding(gig=gig, delta_minor=amount.minor, by=by, at=at)
    return gig


def _move_aside(gig: Gig, amount: Money, *, key: str, by: Actor, at: datetime) -> None:
    found = purses.purses([gig.company_id], currency=gig.currency, only_gigs=[gig.public_id])
    legs, short_minor = found[gig.company_id].set_aside(gig.public_id, amount.minor)
    drafts = [Draft(key=key, kind="set_aside", legs=legs, facts={"gig": gig.public_id})]
    if not short_minor:
        ledger.post(drafts, at=at)
        return
    short = Money(short_minor, gig.currency)
    terms = drawing.require_left(gig.company, short, at=at)
    ledger.post(drafts, at=at)
    crash_point("terms.posted")
    drawing.note(terms=terms, gig=gig, amount=short, entry_key=key, by=by, at=at)


@transaction.atomic
def give_back(*, gig: Gig, by: Actor, at: datetime, request_id: str) -> int:
    """Return to the wallet what a gig has set aside and not committed; returns the minor units moved.

    What the company owes, and what it has drawn on terms, is paid of it first. Raises Forbidden (403).
    """
    by.require(Act.SET_ASIDE, company_id=gig.company_id)
    purses.lock([gig.company_id])
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    kept = ledger_queries.owned_minor(Kind.GIG_BUDGET, owner=gig.public_id, currency=gig.currency)
    free_minor = min(gig.free_minor, kept)
    if free_minor <= 0:
        return 0
    purse = purses.purse(gig.company_id, currency=gig.currency)
    legs = purse.give_back(gig.public_id, free_minor)
    key = f"give_back:{gig.public_id}:{request_id}"
    if not ledger.post([Draft(key=key, kind="give_back", legs=legs)], at=at):
        return 0
    debts.settle(gig.company, purse, at=at)
    return free_minor


def get(*, actor: Actor, public_id: str) -> Funding:
    """The funding, if the actor may see it. Raises NotFound (404)."""
    return by_public_id(Funding.objects.visible_to(actor).select_related("company"), public_id)


def require_open(gig: Gig) -> None:
    """Raise GigIsOver (409) for a gig that was completed or called off."""
    if gig.state in ENDED:
        raise GigIsOver("This gig has ended, so nothing is set aside for it any more.")
