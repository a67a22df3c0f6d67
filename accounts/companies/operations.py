from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.roles import Role
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.models import Company, Membership
from accounts.identity import places, residence
from accounts.identity.models import User
from accounts.identity.places import Place
from kit.errors import DomainError, Invalid, NotFound


class LastOwner(DomainError):
    """Make someone else an owner first."""

    code = "last_owner"
    title = "A company needs an owner"


@transaction.atomic
def create_company(*, name: str, owner: User, by: Actor, at: datetime, website: str = "") -> Company:
    company = Company.objects.create(name=name.strip(), website=website)
    Membership.objects.create(company=company, user=owner, role=Role.OWNER)
    audit.record(verb="company.created", thing=company, by=by, at=at)
    return company


@transaction.atomic
def update_company(
    *,
    company: Company,
    name: str,
    website: str,
    about: str,
    seat_country: str = "",
    seat_region: str = "",
    by: Actor,
    at: datetime,
) -> Company:
    """Change what performers read of the company, and where it sits. Owners only. Raises Forbidden (403), Invalid (422)."""
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    company.name, company.website, company.about = name.strip(), website, about.strip()
    company.save(update_fields=["name", "website", "about"])
    audit.record(verb="company.updated", thing=company, by=by, at=at)
    _sits(company, seat_country, seat_region, by=by, at=at)
    return company


@transaction.atomic
def say_where(*, company: Company, country: str, region: str, by: Actor, at: datetime) -> Company:
    """Where it sits from now on, said by whoever may sign for it. Raises Forbidden (403), Invalid (422) where that is no
    answer to which law holds."""
    by.require(Act.SIGN, company_id=company.pk)
    _locked(company)
    if not residence.Where(country, region).is_known:
        raise Invalid.field("region", "Say in which state the company sits.", code="required")
    _sits(company, country, region, by=by, at=at)
    return company


def _sits(company: Company, country: str, region: str, *, by: Actor, at: datetime) -> None:
    before = company.where
    residence.checked(country or company.country, region, field="seat_region")
    company.seat_country, company.seat_region = country, region
    company.save(update_fields=["seat_country", "seat_region"])
    if company.where != before:
        audit.record(verb="company.moved", thing=company, by=by, at=at, to=company.where.code)
        residence.moved.send(sender=Company, performer=None, company=company, at=at)


def record_debt(*, company: Company, owes: bool, by: Actor, at: datetime) -> bool:
    """Payments writes down whether the company owes; returns whether that is new. In the caller's transaction."""
    since = at if owes else None
    changed = Company.objects.filter(pk=company.pk, owes_since__isnull=owes).update(owes_since=since)
    if changed:
        company.owes_since = since
        verb = "company.owes" if owes else "company.owes_nothing"
        audit.record(verb=verb, thing=company, by=by, at=at)
    return bool(changed)


@transaction.atomic
def enrol(*, company: Company, user: User, role: str, by: Actor, at: datetime) -> Membership:
    """`user` acts for the company from now on, as they said yes to. Someone who does already keeps their role."""
    _locked(company)
    member, new = Membership.objects.get_or_create(
        company=company, user=user, defaults={"role": role, "since": at}
    )
    if new:
        audit.record(
            verb="company.member_joined", thing=company, by=by, at=at, member=user.public_id, role=str(role)
        )
    return member


@transaction.atomic
def change_role(*, company: Company, user: User, role: str, by: Actor, at: datetime) -> Membership:
    """Change what a member is there. Owners only, with a fresh proof.

    Raises Forbidden, StaleProof (403), NotFound (404), LastOwner (409).
    """
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    by.require_proof(StepUp.CHANGE_MEMBERS, at=at)
    _locked(company)
    if role != Role.OWNER:
        _refuse_last_owner(company, user)
    member = Membership.objects.filter(company=company, user=user).first()
    if member is None:
        raise NotFound
    member.role = role
    member.save(update_fields=["role"])
    audit.record(
        verb="company.role_changed", thing=company, by=by, at=at, member=user.public_id, role=str(role)
    )
    if role not in MAY[Act.RUN_COMPANY]:
        places.is_lost(Place(user, company_id=company.pk), at=at)
    return member


def remove_member(*, company: Company, user: User, by: Actor, at: datetime) -> None:
    """Take `user` out of the company. Owners only, with a fresh proof. Raises Forbidden, StaleProof (403), LastOwner (409)."""
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    by.require_proof(StepUp.CHANGE_MEMBERS, at=at)
    _take_out(company, user, by=by, at=at)


def leave(*, company: Company, by: Actor, at: datetime) -> None:
    """Act for the company no more. Raises LastOwner (409), NotFound (404) for who does not."""
    if by.user_id is None or company.pk not in by.with_withheld().roles:
        raise NotFound
    _take_out(company, User.objects.get(pk=by.user_id), by=by, at=at)


@transaction.atomic
def _take_out(company: Company, user: User, *, by: Actor, at: datetime) -> None:
    _locked(company)
    _refuse_last_owner(company, user)
    if Membership.objects.filter(company=company, user=user).delete()[0]:
        audit.record(verb="company.member_removed", thing=company, by=by, at=at, member=user.public_id)
        places.is_lost(Place(user, company_id=company.pk), at=at)


def _locked(company: Company) -> None:
    # Two owners who remove each other at the same moment must not leave a company without one.
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)


def _refuse_last_owner(company: Company, user: User) -> None:
    owners = Membership.objects.filter(company=company, role=Role.OWNER)
    if owners.filter(user=user).exists() and not owners.exclude(user=user).exists():
        raise LastOwner("This is the last owner. Make someone else an owner first.")
