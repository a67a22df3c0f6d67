from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from kit.money import Money
from kit.text import LONGEST_REASON
from payments.connect.states import SHARED_BANK, SharedBankState

# An account is asked for daily: one that was not for so long may have another bank account than we know.
FRESH_FOR = timedelta(hours=26)


class PayeeAccount(models.Model):
    """A performer's account at Stripe, as Stripe last told it. Their bank details are Stripe's, not ours.

    One of a performer's is current: pay goes to it. Those that ended are kept, and followed until what lies there is in
    a bank (money/RULES.md, rule 8).
    """

    class Ended(models.TextChoices):
        CLOSED = "closed", "Stripe closed it"
        REJECTED = "rejected", "Stripe rejected it"
        UNKNOWN = "unknown", "Stripe does not know it any more"
        REPLACED = "replaced", "Another took its place"

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="payee_accounts")
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
    closed_at = models.DateTimeField(null=True, help_text="When we heard that Stripe closed it.")
    ended_at = models.DateTimeField(null=True, help_text="From when on no pay goes to it.")
    ended_why = models.CharField(max_length=10, choices=Ended, blank=True)
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True)
    refresh_due_at = models.DateTimeField(null=True)
    bank_read_at = models.DateTimeField(null=True, help_text="When its payouts to the bank were last read.")
    bank_due_at = models.DateTimeField(
        null=True, help_text="When they are to be read again; empty while nothing moves."
    )
    bank_tries = models.PositiveIntegerField(default=0)
    left_minor = models.JSONField(
        default=dict, help_text="Of one that ended: what lies on it, in minor units by currency."
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_current_payee_account", fields=["performer"], condition=Q(ended_at__isnull=True)
            ),
            CheckConstraint(
                name="ended_payee_account_says_why",
                condition=Q(ended_at__isnull=True, ended_why="")
                | Q(ended_at__isnull=False) & ~Q(ended_why=""),
            ),
        ]
        indexes = [
            models.Index(
                name="payee_of_bank",
                fields=["bank_fingerprint"],
                condition=Q(ended_at__isnull=True) & ~Q(bank_fingerprint=""),
            ),
            models.Index(
                name="payee_refresh_due", fields=["refresh_due_at"], condition=Q(ended_at__isnull=True)
            ),
            models.Index(
                name="payee_bank_due", fields=["bank_due_at"], condition=Q(bank_due_at__isnull=False)
            ),
            models.Index(name="payee_of_performer", fields=["performer", "-id"]),
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def is_ready(self) -> bool:
        """Whether transfers can go to it."""
        return self.transfers_status == "active" and self.ended_at is None

    def is_fresh(self, at: datetime) -> bool:
        """Whether Stripe was asked about it lately enough to send pay there: a bank change may not have been heard of."""
        return self.refreshed_at is not None and at - self.refreshed_at <= FRESH_FOR

    @property
    def pays_out(self) -> bool:
        """Whether Stripe pays out by itself what lies on it."""
        return self.payouts_status == "active" and self.closed_at is None

    @property
    def left(self) -> list[Money]:
        """Of one that ended: what lies on it, as far as we know."""
        return [Money(minor, currency) for currency, minor in sorted(self.left_minor.items()) if minor]

    @property
    def earlier(self) -> QuerySet[PayeeAccount]:
        """The performer's accounts before this one, the last first."""
        return PayeeAccount.objects.filter(performer=self.performer_id, pk__lt=self.pk).order_by("-pk")

    @property
    def bank_hold_until(self) -> datetime | None:
        """Until when no pay goes to a bank account that was changed; None where it never was."""
        if self.bank_changed_at is None:
            return None
        return self.bank_changed_at + settings.BANK_CHANGE_REST

    def is_bank_on_hold(self, at: datetime) -> bool:
        """Whether the bank account was changed so lately that no pay goes to it yet."""
        return self.bank_hold_until is not None and at < self.bank_hold_until


class SharedBank(models.Model):
    """Two performers whose current accounts pay out to one bank account. Their pay is held until two people in finance allow
    it, or it is over."""

    TRANSITIONS = SHARED_BANK
    LIVE = ("found", "proposed", "kept")

    public_id = TypedIdField(prefix="sbk")
    bank_fingerprint = models.CharField(max_length=80)
    one = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SharedBankState, default=SharedBankState.FOUND)
    found_at = models.DateTimeField()
    why = models.CharField(
        max_length=LONGEST_REASON,
        blank=True,
        help_text="Why it may be, or stays held: finance's, for finance.",
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(name="shared_bank_is_of_two", condition=Q(one__lt=models.F("other"))),
            UniqueConstraint(
                name="one_live_row_per_shared_bank",
                fields=["bank_fingerprint", "one", "other"],
                condition=~Q(state="over"),
            ),
            CheckConstraint(
                name="shared_bank_allowed_by_two_with_a_reason",
                condition=~Q(state="allowed")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("proposed_by")) & ~Q(why="")),
            ),
        ]
        indexes = [
            models.Index(name="shared_bank_of_one", fields=["one"], condition=~Q(state="over")),
            models.Index(name="shared_bank_of_other", fields=["other"], condition=~Q(state="over")),
        ]

    def __str__(self) -> str:
        return self.public_id
