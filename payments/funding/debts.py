"""What follows when a company begins to owe, and when it has paid (money/RULES.md, rule 3)."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.standings import CompanyOwes
from accounts.companies import operations as companies
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE
from kit.crash import crash_point
from kit.instants import length_in_words
from kit.money import Money
from marketplace.endings.debts import PLAYED_WITHIN
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from payments.funding.purses import Purse
from payments.inbox import findings
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.models import Balance

SYSTEM = Actor.of_system("funding")


def refuse_while_owing(company: Company) -> None:
    """Raise CompanyOwes (409) where the company owes anything, in whatever currency."""
    if owes_anything(company):
        raise CompanyOwes(
            "Pay into the wallet first: what is owed is taken from it, then this is possible again."
        )


def owes_anything(company: Company) -> bool:
    """Whether the books say that the company owes, in any currency."""
    rows = Balance.objects.filter(account__kind=Kind.COMPANY_RECEIVABLE, account__owner=company.public_id)
    return rows.filter(amount_minor__gt=0).exists()


@transaction.atomic
def settle(company: Company, purse: Purse, *, at: datetime) -> None:
    """After the purse was posted: write the budgets' figures on the gigs and whether the company owes on the company,
    and tell it when that has changed, or it owes more. Within the transaction that posted."""
    _note_budgets(purse, at=at)
    owes, grown = owes_anything(company), purse.owes_minor > purse.owed_minor
    purse.owed_minor = purse.owes_minor
    if companies.record_debt(company=company, owes=owes, by=SYSTEM, at=at):
        crash_point("debts.noted")
        follow = _begins if owes else _ends
        follow(company, purse, at=at)
    elif grown:
        _tell_more(company, purse, at=at)


def _begins(company: Company, purse: Purse, *, at: datetime) -> None:
    gigs.pause_for_debt(company=company, by=SYSTEM, at=at)
    about: About = {"amount": Money(purse.owes_minor, purse.currency), "rest": length_in_words(PLAYED_WITHIN)}
    _tell(kind=MoneyKind.COMPANY_OWES, company=company, about=about, key=f"{at.timestamp():.0f}", at=at)
    _report(company, purse, at=at)


def _tell_more(company: Company, purse: Purse, *, at: datetime) -> None:
    """Once a day: a week's close charges it line by line."""
    about: About = {"amount": Money(purse.owes_minor, purse.currency)}
    _tell(kind=MoneyKind.COMPANY_OWES_MORE, company=company, about=about, key=f"{at.date()}", at=at)
    _report(company, purse, at=at)


def _ends(company: Company, purse: Purse, *, at: datetime) -> None:
    about: About = {"amount": Money(0, purse.currency)}
    _tell(
        kind=MoneyKind.COMPANY_OWES_NOTHING, company=company, about=about, key=f"{at.timestamp():.0f}", at=at
    )
    findings.end(code="company_owes", thing=company.public_id, resolution="It has paid.", at=at)


def _report(company: Company, purse: Purse, *, at: datetime) -> None:
    owed = Money(purse.owes_minor, purse.currency).display()
    detail = f"{company.public_id} owes {owed}."
    findings.report(code="company_owes", thing=company.public_id, detail=detail, at=at)


def _note_budgets(purse: Purse, *, at: datetime) -> None:
    changed = Gig.objects.filter(public_id__in=purse.budget_deltas).order_by("pk")
    for gig in changed.select_for_update():
        delta = purse.budget_deltas[gig.public_id]
        # A correction may bring into the budget what the wallet had paid: then that much more was set aside.
        delta += max(purse.budgets[gig.public_id].minor - gig.funded_minor - delta, 0)
        if delta:
            gigs.record_funding(gig=gig, delta_minor=delta, by=SYSTEM, at=at)
    purse.budget_deltas.clear()


def _tell(*, kind: MoneyKind, company: Company, about: About, key: str, at: datetime) -> None:
    tell_company(
        kind=kind,
        company_id=company.pk,
        key=f"{kind.name.lower()}:{company.public_id}:{key}",
        about=about,
        where={"company_id": company.public_id, PLACE: "owed"},
        at=at,
    )


def owed_minor(company: Company, *, currency: str) -> int:
    """What the company owes in that currency, and what it has drawn on terms beside it, in minor units."""
    kept = balances.by_kind_minor(company.public_id, currency=currency)
    return kept.get(Kind.COMPANY_RECEIVABLE, 0) + kept.get(Kind.COMPANY_TERMS, 0)
