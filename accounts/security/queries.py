from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.roles import NEEDS_SECOND_FACTOR, Staff
from accounts.companies.models import Membership
from accounts.identity.models import StaffRole, User
from accounts.security.models import Recovery
from accounts.security.states import RecoveryState
from kit.rows import by_public_id


def must_have_second_factor(user: User) -> bool:
    """Whether a role of theirs would be withheld without one."""
    needs = NEEDS_SECOND_FACTOR
    return (
        StaffRole.objects.filter(user=user, role__in=needs).exists()
        or Membership.objects.filter(user=user, role__in=needs).exists()
    )


def waiting(actor: Actor) -> QuerySet[Recovery]:
    """What waits for the actor's decision, the oldest first."""
    rows = Recovery.objects.visible_to(actor).filter(state=RecoveryState.ASKED)
    return rows.select_related("user").order_by("id")


def get_recovery(actor: Actor, public_id: str) -> Recovery:
    """Raises NotFound (404), also for one that somebody else decides."""
    return by_public_id(Recovery.objects.visible_to(actor).select_related("user"), public_id)


def who_decides(user: User) -> tuple[str, list[int]]:
    """Who may give the person's second factor back, in words and by their keys; as `Recovery.visible_to` says."""
    if user.staff_roles.exists():
        return "another administrator", _staff([Staff.ADMIN], but=user)
    owners = Membership.objects.filter(
        company__memberships__user=user, role__in=MAY[Act.RUN_COMPANY], user__is_active=True
    ).exclude(user=user)
    if owners.exists():
        return "another owner of your company", list(owners.values_list("user_id", flat=True))
    if user.memberships.exists():
        return "talent operations or an administrator", _staff([Staff.TALENT, Staff.ADMIN], but=user)
    return "talent operations", _staff([Staff.TALENT], but=user)


def _staff(roles: Sequence[str], *, but: User) -> list[int]:
    people = StaffRole.objects.filter(role__in=roles, user__is_active=True).exclude(user=but)
    return list(people.values_list("user_id", flat=True))


def themselves(user: User) -> Actor:
    """The person as who acts, for the trail, where no actor is at hand: with none of their roles."""
    return Actor(label=user.public_id, user_id=user.pk)
