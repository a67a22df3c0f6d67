from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower, Now

from accounts.access.acts import MAY, Act
from accounts.access.roles import Role, Staff
from accounts.companies.models import Company
from accounts.identity.names import LONGEST_EMAIL
from accounts.invitations.states import INVITATION, InvitationState
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> InvitationQuerySet:
        """Those to oneself; an owner's those of the company; an administrator's those of the house."""
        if actor.is_system:
            return self
        owned = [
            key for key, role in actor.roles.items() if role in MAY[Act.RUN_COMPANY] and not actor.is_key
        ]
        seen = Q(company_id__in=owned)
        if actor.is_admin:
            seen |= Q(company=None)
        return self.filter(seen) | self.to(actor)

    def to(self, actor: Actor) -> InvitationQuerySet:
        """Those to the address that the person has confirmed."""
        own = EmailAddress.objects.filter(user_id=actor.user_id or 0, verified=True)
        return self.filter(email__in=own.annotate(at=Lower("email")).values("at"))

    def waiting(self, *, at: datetime) -> InvitationQuerySet:
        return self.filter(state=InvitationState.OPEN, expires_at__gt=at)


class Invitation(models.Model):
    """A mail address asked to act for a company or to work for the house; nothing is theirs before they say yes."""

    TRANSITIONS = INVITATION

    public_id = TypedIdField(prefix="inv")
    email = models.EmailField(max_length=LONGEST_EMAIL, help_text="In lower case.")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[*Role.choices, *Staff.choices])
    state = models.CharField(max_length=10, choices=InvitationState, default=InvitationState.OPEN)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True, help_text="None once the mail went out.")
    mail_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_open_invitation",
                fields=["company", "email", "role"],
                condition=Q(state="open"),
                nulls_distinct=False,
            ),
            CheckConstraint(
                name="invitation_to_a_role_that_fits",
                condition=Q(company__isnull=False, role__in=Role.values)
                | Q(company__isnull=True, role__in=Staff.values),
            ),
            CheckConstraint(
                name="ended_invitation_has_timestamp", condition=Q(state="open") ^ Q(ended_at__isnull=False)
            ),
            CheckConstraint(
                name="accepted_invitation_says_by_whom",
                condition=~Q(state="accepted") | Q(answered_by__isnull=False),
            ),
            CheckConstraint(name="invitation_in_lower_case", condition=Q(email=Lower("email"))),
        ]
        indexes = [
            models.Index(
                name="invitation_mail_due", fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False)
            ),
            models.Index(name="invitation_to", fields=["email"], condition=Q(state="open")),
            models.Index(name="invitation_expires", fields=["expires_at"], condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def to_what(self) -> str:
        """Whom one would act for, in words."""
        return self.company.name if self.company else "the house"
