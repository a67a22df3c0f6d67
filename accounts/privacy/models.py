from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.identity.names import LONGEST_EMAIL
from accounts.privacy.states import ERASURE, ErasureState
from kit.ids import TypedIdField


class Erasure(models.Model):
    """A person's wish to be forgotten: carried out when it is due and nothing stands against it."""

    TRANSITIONS = ERASURE

    public_id = TypedIdField(prefix="era")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.ASKED)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not before; later where something still has to end.")
    ended_at = models.DateTimeField(null=True, blank=True)
    mail_to = models.EmailField(
        max_length=LONGEST_EMAIL, blank=True, help_text="Whom the last mail goes to; blank once it went out."
    )
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            UniqueConstraint(name="one_open_erasure", fields=["user"], condition=Q(state="asked")),
            CheckConstraint(
                name="ended_erasure_has_timestamp", condition=Q(state="asked") ^ Q(ended_at__isnull=False)
            ),
            CheckConstraint(
                name="last_mail_is_due_while_there_is_an_address",
                condition=Q(mail_to="") ^ Q(mail_due_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="erasure_due", fields=["due_at"], condition=Q(state="asked")),
            models.Index(
                name="erasure_mail_due", fields=["mail_due_at"], condition=Q(mail_due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
