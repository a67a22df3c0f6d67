from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint

from accounts.access.acts import MAY, Act
from accounts.companies.models import Membership
from accounts.identity.models import StaffRole
from accounts.security.states import RECOVERY, RecoveryState
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def visible_to(self, actor: Actor) -> RecoveryQuerySet:
        """Those that the actor may decide: never one's own. A person's proof is given back by someone who knows them.

        Of staff, another administrator. Of a company's member, another owner of the company; where there is none, talent
        operations or an administrator. Of everyone else, talent operations.
        """
        if actor.is_system:
            return self
        if actor.user_id is None:
            return self.none()
        member = Membership.objects.filter(user=OuterRef("user"))
        other_owner = Membership.objects.filter(
            company__memberships__user=OuterRef("user"), role__in=MAY[Act.RUN_COMPANY], user__is_active=True
        ).exclude(user=OuterRef("user"))
        rows = self.exclude(user_id=actor.user_id).annotate(
            is_staff=Exists(StaffRole.objects.filter(user=OuterRef("user"))),
            is_member=Exists(member),
            has_other_owner=Exists(other_owner),
        )
        owned = [key for key, role in actor.roles.items() if role in MAY[Act.RUN_COMPANY]]
        theirs = Exists(member.filter(company_id__in=owned))
        allowed = Q(theirs, is_staff=False)
        if actor.is_admin:
            allowed |= Q(is_staff=True) | Q(is_member=True, has_other_owner=False)
        if actor.is_talent:
            allowed |= Q(is_staff=False, has_other_owner=False)
        return rows.filter(allowed)


class Recovery(models.Model):
    """Somebody with the password of an account has lost its second factor, and asks a second person to take it away."""

    TRANSITIONS = RECOVERY

    public_id = TypedIdField(prefix="rcv")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recoveries")
    state = models.CharField(max_length=10, choices=RecoveryState, default=RecoveryState.ASKED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["user"], name="one_recovery_at_a_time", condition=Q(state=RecoveryState.ASKED)
            ),
            CheckConstraint(
                condition=Q(state=RecoveryState.ASKED) ^ Q(ended_at__isnull=False),
                name="ended_recovery_has_timestamp",
            ),
            CheckConstraint(
                condition=~Q(state__in=[RecoveryState.AGREED, RecoveryState.REFUSED])
                | Q(decided_by__isnull=False),
                name="decided_recovery_says_by_whom",
            ),
            CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")), name="recovery_by_a_second_person"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
