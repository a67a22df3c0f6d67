from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.roles import Role
from accounts.audit import operations as audit
from accounts.companies.models import Company, Membership
from accounts.identity.models import User
from kit.errors import DomainError


class LastOwner(DomainError):
    """Make someone else an owner first."""

    code = "last_owner"
    title = "A company needs an owner"


class NoSuchAccount(DomainError):
    """Have them sign up and confirm the address, then add them."""

    code = "no_such_account"
    title = "Nobody has signed up with that address"


@transaction.atomic
def create_company(*, name: str, owner: User, by: Actor, at: datetime, website: str = "") -> Company:
    company = Company.objects.create(name=name.strip(), website=website)
    Membership.objects.create(company=company, user=owner, role=Role.OWNER)
    audit.record(verb="company.created", thing=company, by=by, at=at)
    return company


@transaction.atomic
def update_company(
    *, company: Company, name: str, website: str, about: str, by: Actor, at: datetime
) -> Company:
    """Change what performers read of the company. Owners only. Raises Forbidden (403)."""
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    company.name, company.website, company.about = name.strip(), website, about.strip()
    company.save(update_fields=["name", "website", "about"])
    audit.record(verb="company.updated", thing=company, by=by, at=at)
    return company


def add_member(*, company: Company, email: str, role: str, by: Actor, at: datetime) -> Membership:
    """Bring in the person with that address, who must have signed up. Owners only. Raises Forbidden (403), NoSuchAccount (409)."""
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise NoSuchAccount("Ask them to sign up first, then add them here.")
    return set_member(company=company, user=user, role=role, by=by, at=at)


@transaction.atomic
def set_member(*, company: Company, user: User, role: str, by: Actor, at: datetime) -> Membership:
    """Add `user` to the company, or change what they are there. Owners only.

    Raises Forbidden (403), LastOwner (409) when no owner would be left.
    """
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    _locked(company)
    if role != Role.OWNER:
        _refuse_last_owner(company, user)
    member, _ = Membership.objects.update_or_create(company=company, user=user, defaults={"role": role})
    audit.record(
        verb="company.member_set", thing=company, by=by, at=at, member=user.public_id, role=str(role)
    )
    return member


@transaction.atomic
def remove_member(*, company: Company, user: User, by: Actor, at: datetime) -> None:
    """Take `user` out of the company. Owners only. Raises Forbidden (403), LastOwner (409)."""
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    _locked(company)
    _refuse_last_owner(company, user)
    if Membership.objects.filter(company=company, user=user).delete()[0]:
        audit.record(verb="company.member_removed", thing=company, by=by, at=at, member=user.public_id)


def _locked(company: Company) -> None:
    # Two owners who remove each other at the same moment must not leave a company without one.
    Company.objects.select_for_update().get(pk=company.pk)


def _refuse_last_owner(company: Company, user: User) -> None:
    owners = Membership.objects.filter(company=company, role=Role.OWNER)
    if owners.filter(user=user).exists() and not owners.exclude(user=user).exists():
        raise LastOwner("This is the last owner. Make someone else an owner first.")
