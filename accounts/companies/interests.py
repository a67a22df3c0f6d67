"""Whoever is of a company decides nothing that the house decides about it."""

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.errors import DomainError


class OwnCompany(DomainError):
    """Ask a colleague who is not of the company."""

    code = "decides_about_own_company"
    status = 403
    title = "Someone else decides about your company"


def refuse_own_company(company: Company, by: Actor) -> None:
    """Raise OwnCompany (403) where the person acting is of the company, in whatever role."""
    if company.pk in by.with_withheld().roles:
        raise OwnCompany(f"You are of {company.name}, so someone else in finance does this.")
