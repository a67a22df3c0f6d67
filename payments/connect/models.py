from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
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
        null=True, help_text="The last change after the first bank account: pay waits 72 h."
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
    def rests_until(self) -> datetime | None:
        """Until when no pay goes to a bank account that was changed; None where it never was."""
        if self.bank_changed_at is None:
            return None
        return self.bank_changed_at + timedelta(hours=settings.BANK_CHANGE_HOLD_H)

    def rests(self, at: datetime) -> bool:
        """Whether the bank account was changed so lately that no pay goes to it yet."""
        return self.rests_until is not None and at < self.rests_until


class BankPayout(models.Model):
    """Stripe's payout from a performer's balance to their bank, as Stripe last told it."""

    stripe_id = models.CharField(max_length=60, unique=True)
    account = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="bank_payouts")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    arrives_on = models.DateField(null=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField()
    carries = ArrayField(
        models.CharField(max_length=60),
        default=list,
        help_text="Payments (py_…) on the account, as Stripe lists them.",
    )
    transfers = models.ManyToManyField("payments.Transfer", related_name="bank_payouts")

    class Meta:
        indexes = [models.Index(name="bank_payout_open", fields=["status", "seen_at"])]

    def __str__(self) -> str:
        return self.stripe_id
