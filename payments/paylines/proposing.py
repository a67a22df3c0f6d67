"""How a line of each kind begins: who may, for how much, and whom it waits for (`kinds.RULES`)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.performers.models import Performer
from kit.crash import crash_point
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from marketplace.engagements.models import Engagement, Terms
from payments.paylines import notices, promising, receipts
from payments.paylines.answering import able_to_approve, refuse_own, second_of_a_bonus
from payments.paylines.kinds import RULES, Kind, Party
from payments.paylines.models import PayLine, Receipt
from payments.paylines.states import OPEN, PayLineState

# What a person can mean: a hundred thousand, of a currency with cents.
MOST_MINOR = 10_000_000
MOST_DAYS_AGO = 366


class NotSigned(DomainError):
    """Take an engagement whose terms both have signed."""

    code = "terms_not_signed"
    title = "Nothing was agreed there yet"


class ReceiptUsed(DomainError):
    """Look at the expense that has it; what was declined can be asked for again."""

    code = "receipt_used"
    title = "This receipt stands on another expense"


@transaction.atomic
def propose_bonus(*, engagement: Engagement, amount: Money, reason: str, by: Actor, at: datetime) -> PayLine:
    """A company adds something to a performer's pay; a second person approves it.

    Raises NotFound (404), Forbidden, OwnLine (403), Invalid (422), NotApproved, Suspended, CompanyOwes, NotSigned,
    PerformerLeft (409).
    """
    by.require(Act.APPROVE_TIME, company_id=engagement.company_id)
    refuse_own(engagement, by)
    promising.require_company(engagement.company)
    line = _propose(Kind.BONUS, engagement, amount, reason, by=by, at=at)
    second = second_of_a_bonus(line, able_to_approve([engagement.company_id]))
    notices.ask(line, second, otherwise=RULES[Kind.BONUS].otherwise, at=at)
    return line


@transaction.atomic
def ask_expense(
    *,
    engagement: Engagement,
    amount: Money,
    reason: str,
    spent_on: date,
    receipt: bytes,
    by: Actor,
    at: datetime,
) -> PayLine:
    """A performer asks for what they spent, with its receipt; the company answers.

    Raises NotFound (404) for another's engagement, Invalid (422), NotSigned, ReceiptUsed (409).
    """
    by.require_performer(engagement.performer_id)
    if not at.date() - timedelta(days=MOST_DAYS_AGO) <= spent_on <= at.date() + timedelta(days=1):
        raise Invalid.field("spent_on", "A day of the last year.", code="out_of_range")
    proof = receipts.read(receipt)
    _refuse_used(proof, engagement)
    proof.save()
    line = _propose(Kind.EXPENSE, engagement, amount, reason, by=by, at=at, spent_on=spent_on, receipt=proof)
    notices.ask(line, Party.COMPANY, otherwise=RULES[Kind.EXPENSE].otherwise, at=at)
    return line


@transaction.atomic
def say_breach(*, engagement: Engagement, amount: Money, reason: str, by: Actor, at: datetime) -> PayLine:
    """Talent operations say that a guarantee was broken, and what it costs; the company may contest.

    Raises Forbidden, OwnLine (403), Invalid (422), NotSigned, PerformerLeft (409).
    """
    by.require_talent()
    refuse_own(engagement, by)
    line = _propose(Kind.BREACH, engagement, amount, reason, by=by, at=at)
    notices.ask(line, Party.COMPANY, otherwise=RULES[Kind.BREACH].otherwise, at=at)
    return line


@transaction.atomic
def propose_deduction(
    *, engagement: Engagement, amount: Money, reason: str, by: Actor, at: datetime
) -> PayLine:
    """Finance asks a performer to agree that something is taken from their pay, for the company; `amount` is above zero.

    Raises Forbidden, OwnLine (403), Invalid (422), NotSigned, PerformerLeft (409).
    """
    by.require_finance()
    refuse_own(engagement, by)
    line = _propose(Kind.DEDUCTION, engagement, amount, reason, by=by, at=at)
    notices.ask(line, Party.PERFORMER, otherwise=RULES[Kind.DEDUCTION].otherwise, at=at)
    return line


def _propose(
    kind: Kind, engagement: Engagement, amount: Money, reason: str, *, by: Actor, at: datetime, **also: Any
) -> PayLine:
    rule, person_id = RULES[kind], by.require_person("A person proposes it.")
    reason = required_text(reason, missing="Say why; whoever answers reads it.")
    terms = _signed(engagement)
    promising.require_performer(engagement.performer)
    if not 0 < amount.minor <= MOST_MINOR:
        raise Invalid.field("amount", f"From 0.01 to {Money(MOST_MINOR, terms.currency).display()}.")
    if amount.currency != terms.currency:
        raise Invalid.field("amount", f"In {terms.currency.upper()}, as agreed.", code="other_currency")
    line = PayLine.objects.create(
        kind=kind,
        engagement=engagement,
        amount_minor=rule.sign * amount.minor,
        fee_minor=amount.share(terms.fee_bps).minor if rule.takes_fee else 0,
        currency=amount.currency,
        reason=reason,
        made_by_id=person_id,
        made_at=at,
        due_at=at + rule.answer_within,
        **also,
    )
    audit.record(verb="pay_line.proposed", thing=line, by=by, at=at, reason=reason)
    crash_point("pay_line.proposed")
    return line


def _refuse_used(proof: Receipt, engagement: Engagement) -> None:
    """Raise ReceiptUsed (409) where the same file waits or was approved at this company. Another company may have the rest
    of a bill that two share."""
    # One after the other, so that two sent at once do not both find it unused.
    performer = Performer.objects.select_for_update(no_key=True).get(pk=engagement.performer_id)
    theirs = PayLine.objects.filter(
        engagement__performer=performer, engagement__company_id=engagement.company_id
    )
    counts = theirs.filter(receipt__sha256=proof.sha256, state__in=[*OPEN, PayLineState.APPROVED])
    if counts.exists():
        raise ReceiptUsed("You asked for it already; it waits, or was approved.")


def _signed(engagement: Engagement) -> Terms:
    """The newest terms that both signed."""
    signed = Terms.objects.filter(engagement=engagement, company_signed_at__isnull=False)
    found = signed.order_by("-version").first()
    if found is None:
        raise NotSigned("Both sign the terms first.")
    return found
