from django.db import models
from django.db.models import Q, UniqueConstraint

from accounts.performers.models import Performer


class IdentityCheck(models.Model):
    """A check of identity and age at Stripe, as Stripe last told it. What was verified is not kept here."""

    class Status(models.TextChoices):
        REQUIRES_INPUT = "requires_input", "Waits for you"
        PROCESSING = "processing", "Stripe looks at it"
        VERIFIED = "verified", "Verified"
        CANCELED = "canceled", "Over"

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="identity_checks")
    stripe_id = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.REQUIRES_INPUT)
    error_code = models.CharField(max_length=60, blank=True, help_text="Why the last attempt failed.")
    started_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, help_text="When we first read that Stripe verified it.")
    refreshed_at = models.DateTimeField(null=True)
    refresh_due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="Nothing more comes of it.")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_open_identity_check", fields=["performer"], condition=Q(ended_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                name="identity_check_due", fields=["refresh_due_at"], condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id
