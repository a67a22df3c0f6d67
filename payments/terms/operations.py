"""Terms with a company: two of finance agree to them, one lowers or ends them. Never raised by one."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.standings import require_approved
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.interests import refuse_own_company
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, tell_staff
from kit import instants
from kit.crash import crash_point
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from marketplace.timekeeping.weeks import payroll_day
from payments.terms.models import FEWEST_DAYS, MOST_DAYS, MOST_MINOR, NetTerms
from payments.terms.states import NetTermsState

# Terms are agreed for soon: what lies further ahead is proposed then, by those who know the company then.
AHEAD = timedelta(days=90)
REPLACED = "Others took their place."


class TermsWait(DomainError):
    """Decide about the proposal that waits, or take it back; then propose another."""

    code = "net_terms_wait"
    title = "Terms for this company wait for a second person already"


class TermsInForce(DomainError):
    """Approve them on the day on which they begin, or end those in force first."""

    code = "net_terms_in_force"
    title = "Other terms are in force until these begin"


class NotLower(DomainError):
    """Propose other terms: a second person approves what is more."""

    code = "net_terms_not_lower"
    title = "A limit is only lowered by one person"


class SameTermsProposer(DomainError):
    """Ask somebody else in finance."""

    code = "terms_approver_is_proposer"
    status = 403
    title = "Another person approves"


def propose(
    *,
    company: Company,
    limit: Money,
    pay_days: int,
    starts_on: date | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> NetTerms:
    """Propose terms; without a day they begin at once. Raises Forbidden, OwnCompany (403), Invalid (422), NotApproved,
    Suspended, TermsWait (409)."""
    by.require_finance()
    person_id = by.require_person("A person in finance proposes terms.")
    refuse_own_company(company, by)
    reason = required_text(reason, missing="Say why; the second person reads it.")
    begins = starts_on or payroll_day(at)
    _check(limit, pay_days, begins, at=at)
    require_approved(company.state, whose=company.name)
    try:
        with transaction.atomic():
            made = NetTerms.objects.create(
                company=company,
                currency=limit.currency,
                agreed_minor=limit.minor,
                limit_minor=limit.minor,
                pay_days=pay_days,
                starts_on=begins,
                reason=reason,
                proposed_by_id=person_id,
                proposed_at=at,
            )
            audit.record(
                verb="net_terms.proposed", thing=made, by=by, at=at, reason=reason, limit=limit.minor
            )
            tell_staff(
                kind=MoneyKind.NET_TERMS_PROPOSED,
                key=f"net_terms:{made.public_id}",
                about={"amount": limit, "company": company.name, "days": str(pay_days), "reason": reason},
                where={PLACE: made.public_id},
                at=at,
            )
    except IntegrityError as error:
        if "one_net_terms_proposed" in str(error):
            raise TermsWait(f"Terms for {company.name} wait for a second person already.") from error
        raise
    return made


@transaction.atomic
def approve(*, terms: NetTerms, by: Actor, at: datetime) -> NetTerms:
    """A second person, having just proved who they are, puts them in force, in the place of those before. Twice is once.

    Raises Forbidden, OwnCompany, SameTermsProposer, StaleProof (403), IllegalMove, NotApproved, Suspended, TermsInForce (409).
    """
    by.require_finance()
    person_id = by.require_person("Only a person in finance approves terms.")
    by.require_proof(StepUp.AGREE_TO_TERMS, at=at)
    terms = _locked(terms)
    if terms.state == NetTermsState.IN_FORCE and terms.decided_by_id == person_id:
        return terms
    if terms.proposed_by_id == person_id:
        raise SameTermsProposer("You proposed them, so someone else in finance approves them.")
    refuse_own_company(terms.company, by)
    NetTerms.TRANSITIONS.check(terms.state, NetTermsState.IN_FORCE)
    require_approved(terms.company.state, whose=terms.company.name)
    _replace(terms, by=by, at=at)
    audit.move(terms, NetTermsState.IN_FORCE, by=by, at=at, decided_by_id=person_id, decided_at=at)
    crash_point("net_terms.approved")
    begins = instants.day(terms.starts_on, with_year=True)
    about: About = {"amount": _limit(terms), "days": str(terms.pay_days), "begins": begins}
    _tell(MoneyKind.TERMS_AGREED, terms, about, key=f"agreed:{terms.public_id}", at=at)
    return terms


@transaction.atomic
def decline(*, terms: NetTerms, answer: str, by: Actor, at: datetime) -> NetTerms:
    """They do not come into force: the proposer takes them back, or another declines them. Raises Forbidden (403),
    Invalid (422) without a reason, IllegalMove (409)."""
    by.require_finance()
    person_id = by.require_person("A person in finance decides.")
    answer = required_text(answer, field="answer", missing="Say why.")
    terms = _locked(terms)
    own = terms.proposed_by_id == person_id
    to = NetTermsState.WITHDRAWN if own else NetTermsState.DECLINED
    audit.move(terms, to, by=by, at=at, reason=answer, answer=answer, decided_by_id=person_id, decided_at=at)
    return terms


@transaction.atomic
def lower(*, terms: NetTerms, limit: Money, reason: str, by: Actor, at: datetime) -> NetTerms:
    """One person lowers the limit; what was drawn beyond it stands until it is paid. The company reads the reason.

    Raises Forbidden (403), Invalid (422), IllegalMove (409) for terms that are not in force, NotLower (409).
    """
    by.require_finance()
    by.require_person("A person in finance lowers a limit.")
    reason = required_text(reason, missing="Say why; the company reads it.")
    terms = _locked(terms)
    if limit.currency != terms.currency:
        raise Invalid.field(
            "limit.currency", f"These terms are in {terms.currency}.", code="currency_mismatch"
        )
    if limit.minor < 0:
        raise Invalid.field("limit", "Zero or more.")
    NetTerms.TRANSITIONS.check(terms.state, NetTermsState.ENDED)
    if limit.minor >= terms.limit_minor:
        raise NotLower(f"The limit is {_limit(terms).display()}; one person makes it less, two make it more.")
    NetTerms.objects.filter(pk=terms.pk).update(limit_minor=limit.minor)
    terms.limit_minor = limit.minor
    audit.record(verb="net_terms.lowered", thing=terms, by=by, at=at, reason=reason, limit=limit.minor)
    key = f"lowered:{terms.public_id}:{limit.minor}"
    _tell(MoneyKind.TERMS_LOWERED, terms, {"amount": limit, "reason": reason}, key=key, at=at)
    return terms


@transaction.atomic
def end(*, terms: NetTerms, reason: str, by: Actor, at: datetime) -> NetTerms:
    """One person ends them: nothing more is drawn, and what was drawn stands until it is paid. The company reads the reason.

    Raises Forbidden (403), Invalid (422) without a reason, IllegalMove (409).
    """
    by.require_finance()
    by.require_person("A person in finance ends terms.")
    reason = required_text(reason, missing="Say why; the company reads it.")
    terms = _locked(terms)
    _end(terms, reason, by=by, at=at)
    _tell(MoneyKind.TERMS_ENDED, terms, {"reason": reason}, key=f"ended:{terms.public_id}", at=at)
    return terms


def _check(limit: Money, pay_days: int, begins: date, *, at: datetime) -> None:
    check_supported(limit.currency)
    if not 0 < limit.minor <= MOST_MINOR:
        most = Money(MOST_MINOR, limit.currency).display()
        raise Invalid.field("limit", f"More than zero, and at most {most}.")
    if not FEWEST_DAYS <= pay_days <= MOST_DAYS:
        raise Invalid.field("pay_days", f"From {FEWEST_DAYS} to {MOST_DAYS} days.")
    if not payroll_day(at) <= begins <= payroll_day(at) + AHEAD:
        raise Invalid.field("starts_on", f"From today on, and within {AHEAD.days} days.")


def _locked(terms: NetTerms) -> NetTerms:
    """After the company, as whoever draws does."""
    Company.objects.select_for_update(no_key=True).get(pk=terms.company_id)
    return NetTerms.objects.select_for_update(of=("self",)).select_related("company").get(pk=terms.pk)


def _replace(terms: NetTerms, *, by: Actor, at: datetime) -> None:
    """Those in force end where the new ones begin; terms that begin later would leave days without any."""
    rows = NetTerms.objects.select_for_update(of=("self",)).select_related("company")
    before = rows.filter(
        company_id=terms.company_id, currency=terms.currency, state=NetTermsState.IN_FORCE
    ).first()
    if before is None:
        return
    if terms.starts_on > payroll_day(at):
        begins = instants.day(terms.starts_on, with_year=True)
        raise TermsInForce(f"Others are in force, and these begin on {begins}: approve them then.")
    _end(before, REPLACED, by=by, at=at)


def _end(terms: NetTerms, reason: str, *, by: Actor, at: datetime) -> None:
    person_id = by.require_person("A person in finance ends terms.")
    audit.move(
        terms,
        NetTermsState.ENDED,
        by=by,
        at=at,
        reason=reason,
        answer=reason,
        ended_by_id=person_id,
        ended_at=at,
    )


def _limit(terms: NetTerms) -> Money:
    return Money(terms.limit_minor, terms.currency)


def _tell(kind: MoneyKind, terms: NetTerms, about: About, *, key: str, at: datetime) -> None:
    tell_company(
        kind=kind,
        company_id=terms.company_id,
        key=f"net_terms:{key}",
        about=about,
        where={"company_id": terms.company.public_id, PLACE: "terms"},
        at=at,
    )
