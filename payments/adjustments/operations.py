"""Entries that no event makes, each with a reason and a second person (money/RULES.md, rules 9 and 11)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.interests import refuse_own_company
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import PLACE, tell_staff
from kit.crash import crash_point
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from payments.adjustments import entries
from payments.adjustments.models import Adjustment
from payments.adjustments.states import AdjustmentState
from payments.funding import debts
from payments.inbox import findings
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.reconciliation.models import StripeRow

What = Adjustment.What


class MoreThanOwed(DomainError):
    """Give up no more than the company owes now."""

    code = "more_than_owed"
    title = "That much is not owed"


class NotInSuspense(DomainError):
    """Read it again: a rule explains it by now, or somebody has said what it is."""

    code = "not_in_suspense"
    title = "It does not wait to be explained"


class MoreThanSettled(DomainError):
    """Take no more than the fees that are in the books."""

    code = "more_than_settled"
    title = "There are not so many fees"


class SameProposer(DomainError):
    """Ask somebody else in finance."""

    code = "approver_is_proposer"
    status = 403
    title = "Another person approves"


def propose_write_off(*, company: Company, amount: Money, reason: str, by: Actor, at: datetime) -> Adjustment:
    """Propose to give up what a company owes. Raises Forbidden, OwnCompany (403), Invalid (422), MoreThanOwed (409)."""
    by.require_finance()
    _check_amount(amount)
    _refuse_more_than_owed(company, amount)
    return _propose(What.WRITE_OFF, amount, reason, by=by, at=at, company=company)


def propose_stray(
    *, row: StripeRow, what: str, company: Company | None, reason: str, by: Actor, at: datetime
) -> Adjustment:
    """Propose what stray money was. Raises Forbidden, OwnCompany (403), Invalid (422), NotInSuspense (409)."""
    by.require_finance()
    if what not in (What.STRAY_FLOAT, What.STRAY_LOSS, What.STRAY_COMPANY):
        raise Invalid.field("what", "Say whether it is the house's own, a loss or a company's.")
    if (what == What.STRAY_COMPANY) != (company is not None):
        raise Invalid.field("company", "Name the company where the money is a company's, and only there.")
    if row.how != StripeRow.How.SUSPENSE or row.is_decided:
        raise NotInSuspense(f"{row.stripe_id} does not wait to be explained.")
    amount = Money(row.amount_minor, row.currency)
    return _propose(What(what), amount, reason, by=by, at=at, company=company, stripe_row=row)


def propose_fees_to_float(*, amount: Money, reason: str, by: Actor, at: datetime) -> Adjustment:
    """Propose that settled fees become the house's own money at Stripe. Raises Forbidden (403), Invalid (422),
    MoreThanSettled (409)."""
    by.require_finance()
    _check_amount(amount)
    _refuse_more_than_settled(amount)
    return _propose(What.FEES_TO_FLOAT, amount, reason, by=by, at=at)


@transaction.atomic
def approve(*, adjustment: Adjustment, by: Actor, at: datetime) -> Adjustment:
    """A second person, having just proved who they are, lets it into the books. Twice is once.

    Raises Forbidden, OwnCompany, SameProposer, StaleProof (403), IllegalMove, MoreThanOwed, MoreThanSettled, NotInSuspense (409).
    """
    person_id = _require_decider(by, at=at)
    adjustment = _locked(adjustment)
    if adjustment.state == AdjustmentState.APPROVED and adjustment.decided_by_id == person_id:
        return adjustment
    if adjustment.proposed_by_id == person_id:
        raise SameProposer("You proposed it, so someone else in finance approves it.")
    if adjustment.company is not None:
        refuse_own_company(adjustment.company, by)
    audit.move(adjustment, AdjustmentState.APPROVED, by=by, at=at, decided_by_id=person_id, decided_at=at)
    _refuse_what_changed(adjustment)
    entries.post(adjustment, at=at)
    crash_point("adjustment.posted")
    if adjustment.stripe_row is not None:
        StripeRow.objects.filter(pk=adjustment.stripe_row.pk).update(is_decided=True)
        said = f"{adjustment.get_what_display()}: {adjustment.reason}"
        findings.end(code="stray_money", thing=adjustment.stripe_row.stripe_id, resolution=said[:300], at=at)
    if adjustment.what == What.WRITE_OFF:
        _tell_given_up(adjustment, at=at)
    return adjustment


@transaction.atomic
def decline(*, adjustment: Adjustment, answer: str, by: Actor, at: datetime) -> Adjustment:
    """It does not go into the books: the proposer takes it back, or another declines it. Raises Forbidden (403),
    Invalid (422) without a reason, IllegalMove (409)."""
    by.require_finance()
    person_id = by.require_person("A person in finance decides.")
    answer = required_text(answer, field="answer", missing="Say why.")
    adjustment = _locked(adjustment)
    own = adjustment.proposed_by_id == person_id
    to = AdjustmentState.WITHDRAWN if own else AdjustmentState.DECLINED
    audit.move(
        adjustment, to, by=by, at=at, reason=answer, answer=answer, decided_by_id=person_id, decided_at=at
    )
    return adjustment


def _propose(
    what: Adjustment.What,
    amount: Money,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    company: Company | None = None,
    stripe_row: StripeRow | None = None,
) -> Adjustment:
    person_id = by.require_person("A person in finance proposes it.")
    if company is not None:
        refuse_own_company(company, by)
    reason = required_text(reason, missing="Say why; the second person reads it.")
    try:
        with transaction.atomic():
            made = Adjustment.objects.create(
                what=what,
                amount_minor=amount.minor,
                currency=amount.currency,
                company=company,
                stripe_row=stripe_row,
                reason=reason,
                proposed_by_id=person_id,
                proposed_at=at,
            )
            audit.record(verb="adjustment.proposed", thing=made, by=by, at=at, reason=reason)
            tell_staff(
                kind=MoneyKind.ADJUSTMENT_PROPOSED,
                key=f"adjustment:{made.public_id}",
                about={"amount": amount, "what": f"{what.label}.", "reason": reason},
                where={PLACE: made.public_id},
                at=at,
            )
    except IntegrityError as error:
        if "one_live_adjustment_per_stray" in str(error):
            raise NotInSuspense("Somebody has said what it is already; look at the proposal.") from error
        raise
    return made


def _locked(adjustment: Adjustment) -> Adjustment:
    rows = Adjustment.objects.select_for_update(of=("self",)).select_related("company", "stripe_row")
    return rows.get(pk=adjustment.pk)


def _require_decider(by: Actor, *, at: datetime) -> int:
    by.require_finance()
    person_id = by.require_person("Only a person in finance approves what moves money in the books.")
    by.require_proof(StepUp.MOVE_MONEY, at=at)
    return person_id


def _refuse_what_changed(adjustment: Adjustment) -> None:
    """What was true when it was proposed must be so still; the ledger holds it too."""
    amount = Money(adjustment.amount_minor, adjustment.currency)
    if adjustment.what == What.WRITE_OFF and adjustment.company is not None:
        _refuse_more_than_owed(adjustment.company, amount)
    if adjustment.what == What.FEES_TO_FLOAT:
        _refuse_more_than_settled(amount)
    if adjustment.stripe_row is not None and adjustment.stripe_row.how != StripeRow.How.SUSPENSE:
        raise NotInSuspense(f"{adjustment.stripe_row.stripe_id} does not wait to be explained any more.")


def _check_amount(amount: Money) -> None:
    check_supported(amount.currency)
    if amount.minor <= 0:
        raise Invalid.field("amount", "More than zero.")


def _refuse_more_than_owed(company: Company, amount: Money) -> None:
    owed = debts.owed_minor(company, currency=amount.currency)
    if amount.minor > owed:
        raise MoreThanOwed(f"{company.name} owes {Money(owed, amount.currency).display()}.")


def _refuse_more_than_settled(amount: Money) -> None:
    fees = -balances.total_minor(Kind.PLATFORM_FEES, currency=amount.currency)
    if amount.minor > fees:
        raise MoreThanSettled(f"Fees of {Money(fees, amount.currency).display()} are in the books.")


def _tell_given_up(adjustment: Adjustment, *, at: datetime) -> None:
    if adjustment.company is None:
        raise AssertionError("a write-off names its company")
    tell_company(
        kind=MoneyKind.DEBT_GIVEN_UP,
        company_id=adjustment.company.pk,
        key=f"written_off:{adjustment.public_id}",
        about={"amount": Money(adjustment.amount_minor, adjustment.currency), "reason": adjustment.reason},
        where={"company_id": adjustment.company.public_id, PLACE: "owed"},
        at=at,
    )
