from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.identity import places, sessions
from accounts.identity.models import StaffRole, User
from accounts.identity.places import Place
from kit.errors import DomainError
from kit.text import LONGEST_REASON, required_text


class LastAdministrator(DomainError):
    """Make someone else an administrator first."""

    code = "last_administrator"
    title = "The house needs an administrator"


class YourOwn(DomainError):
    """Ask another administrator."""

    code = "your_own_account"
    title = "Someone else does that to you"


@transaction.atomic
def update_account(*, user: User, name: str, time_zone: str, by: Actor, at: datetime) -> User:
    """Change what a person is called and the zone in which they read times. `time_zone` has been validated."""
    user.name = name.strip()
    user.time_zone = time_zone
    user.save(update_fields=["name", "time_zone"])
    audit.record(verb="user.updated", thing=user, by=by, at=at, time_zone=time_zone)
    return user


@transaction.atomic
def grant(*, user: User, role: str, by: Actor, at: datetime) -> StaffRole:
    """A role in the house, for whoever said yes to it; once more changes nothing."""
    held, new = StaffRole.objects.get_or_create(user=user, role=role)
    if new:
        audit.record(verb="staff.granted", thing=user, by=by, at=at, role=str(role))
    return held


@transaction.atomic
def withdraw(*, user: User, role: str, by: Actor, at: datetime) -> User:
    """Take a role in the house away, with a fresh proof; oneself may leave it.

    Raises LastAdministrator (409), Forbidden, StaleProof (403).
    """
    if by.user_id != user.pk:
        by.require_admin()
    by.require_proof(StepUp.CHANGE_STAFF, at=at)
    _keep_an_administrator(user, losing=role)
    if StaffRole.objects.filter(user=user, role=role).delete()[0]:
        audit.record(verb="staff.withdrawn", thing=user, by=by, at=at, role=str(role))
        if role == Staff.ADMIN:
            places.is_lost(Place(user), at=at)
    return user


@transaction.atomic
def deactivate(*, user: User, reason: str, by: Actor, at: datetime) -> User:
    """Close the door to a person, at once and everywhere; what they earned is paid all the same.

    Raises YourOwn, LastAdministrator (409), Forbidden, StaleProof (403), Invalid (422) without a reason.
    """
    by.require_admin()
    by.require_proof(StepUp.CHANGE_STAFF, at=at)
    said = _reason(reason)
    if by.user_id == user.pk:
        raise YourOwn("Another administrator deactivates you.")
    _keep_an_administrator(user, losing=Staff.ADMIN)
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        user.is_active = False
        # Else they would be in again, unasked, the moment that the account is opened.
        sessions.end_all(user)
        audit.record(verb="user.deactivated", thing=user, by=by, at=at, reason=said)
        places.is_lost(Place(user, everywhere=True), at=at)
    return user


@transaction.atomic
def reactivate(*, user: User, reason: str, by: Actor, at: datetime) -> User:
    """Open it again. Raises Forbidden, StaleProof (403), Invalid (422) without a reason."""
    by.require_admin()
    by.require_proof(StepUp.CHANGE_STAFF, at=at)
    said = _reason(reason)
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        user.is_active = True
        audit.record(verb="user.reactivated", thing=user, by=by, at=at, reason=said)
    return user


def _reason(reason: str) -> str:
    return required_text(reason, field="reason", missing="Say why.", longest=LONGEST_REASON)


def _keep_an_administrator(user: User, *, losing: str) -> None:
    # Locked in one order: two administrators who remove each other at one moment must not leave none.
    admins = StaffRole.objects.select_for_update(of=("self",)).filter(role=Staff.ADMIN, user__is_active=True)
    who = list(admins.order_by("pk").values_list("user_id", flat=True))
    if losing == Staff.ADMIN and who == [user.pk]:
        raise LastAdministrator("This is the last administrator. Invite another first.")
