from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.performers.models import Performer


class PayeeAccount(models.Model):
    """A performer's account at Stripe, as Stripe last told it. Their bank details are Stripe's, not ours."""

    performer = models.OneToOneField(Performer, on_delete=models.PROTECT, related_name="payee_account")
    stripe_id = models.CharField(max_length=60, unique=True)
    livemode = models.BooleanField(default=False)
    transfers_status = models.CharField(max_length=20, default="pending")
    payouts_status = models.CharField(max_length=20, default="pending")
    requirements = models.JSONField(default=list, help_text="What Stripe still asks for.")
    requirements_due_at = models.DateTimeField(null=True)
    bank_fingerprint = models.CharField(max_length=80, blank=True)
    bank_changed_at = models.DateTimeField(
        null=True, help_text="The last change after the first bank account: pay waits for a while then."
    )
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True)
    refresh_due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                name="payee_refresh_due", fields=["refresh_due_at"], condition=Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_ready(self) -> bool:
        """Whether transfers can go to it."""
        return self.transfers_status == "active" and self.closed_at is None

    @property
    def bank_hold_until(self) -> datetime | None:
        """Until when no pay goes to a bank account that was changed; None where it never was."""
        if self.bank_changed_at is None:
            return None
        return self.bank_changed_at + settings.BANK_CHANGE_REST

    def is_bank_on_hold(self, at: datetime) -> bool:
        """Whether the bank account was changed so lately that no pay goes to it yet."""
        return self.bank_hold_until is not None and at < self.bank_hold_until
