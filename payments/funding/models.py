from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, Sum, UniqueConstraint

from accounts.companies.models import Company
from kit.ids import TypedIdField
from payments.funding.states import FUNDING, REFUND, WITHDRAWAL, FundingState, RefundState, WithdrawalState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


M = TypeVar("M", bound=models.Model)


class OfACompany(models.QuerySet[M]):
    """Rows of a company: its own, and finance's all."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.is_finance or actor.is_system:
            return self
        return self.filter(company_id__in=actor.company_ids)


class FundingQuerySet(OfACompany["Funding"]):
    pass


class Funding(models.Model):
    """Money that a company puts into its wallet, through Stripe's checkout. It counts once Stripe says it is available."""

    TRANSITIONS = FUNDING

    public_id = TypedIdField(prefix="fnd")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="fundings")
    state = models.CharField(max_length=12, choices=FundingState, default=FundingState.STARTED)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    stripe_fee_minor = models.BigIntegerField(default=0)
    checkout_id = models.CharField(max_length=120, blank=True)
    checkout_url = models.TextField(blank=True)
    payment_intent_id = models.CharField(max_length=60, blank=True)
    charge_id = models.CharField(max_length=60, blank=True)
    available_at = models.DateTimeField(null=True, help_text="When Stripe says it can be spent.")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField()
    landed_at = models.DateTimeField(null=True, help_text="When what was left of it began to count.")
    failure = models.CharField(max_length=500, blank=True)
    in_dispute = models.BooleanField(
        default=False, help_text="A dispute of it is open or was lost: nothing of it can be given back."
    )
    due_at = models.DateTimeField(null=True, help_text="When the sweep should ask Stripe again.")
    tries = models.PositiveSmallIntegerField(default=0)

    objects = FundingQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="funding_is_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(
                name="available_funding_has_landed",
                condition=~Q(state="available") | Q(landed_at__isnull=False),
            ),
            UniqueConstraint(
                name="one_funding_per_payment",
                fields=["payment_intent_id"],
                condition=~Q(payment_intent_id=""),
            ),
        ]
        indexes = [models.Index(name="funding_due", fields=["due_at"], condition=Q(due_at__isnull=False))]

    @property
    def left_minor(self) -> int:
        """What the payment is still worth to the company: paid, less all that was taken back."""
        return int(self.movements.aggregate(total=Sum("amount_minor"))["total"] or 0)

    def __str__(self) -> str:
        return self.public_id


class FundingMovement(models.Model):
    """One of Stripe's balance transactions about a funding: each stands in the books once, under its own id."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Paid in"
        REFUND = "refund", "Given back"
        REFUND_FAILED = "refund_failed", "Came back, as it could not be given back"
        DISPUTE = "dispute", "Taken back in a dispute"
        DISPUTE_WON = "dispute_won", "A dispute was won"
        PAYMENT_FAILED = "payment_failed", "The payment failed after all"

    funding = models.ForeignKey(Funding, on_delete=models.PROTECT, related_name="movements")
    stripe_id = models.CharField(max_length=60, unique=True, help_text="The balance transaction (txn_…).")
    kind = models.CharField(max_length=16, choices=Kind)
    source = models.CharField(max_length=60, help_text="The charge, refund or dispute behind it.")
    amount_minor = models.BigIntegerField(help_text="Signed as the company sees it.")
    fee_minor = models.BigIntegerField(default=0, help_text="What Stripe kept of it, or beside it.")
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="movement_has_its_sign",
                condition=Q(kind__in=["payment", "refund_failed", "dispute_won"], amount_minor__gt=0)
                | Q(kind__in=["refund", "dispute", "payment_failed"], amount_minor__lt=0),
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id


class WithdrawalQuerySet(OfACompany["Withdrawal"]):
    pass


class Withdrawal(models.Model):
    """Money that a company takes out of its wallet again: as refunds of its own fundings, all or nothing."""

    TRANSITIONS = WITHDRAWAL

    public_id = TypedIdField(prefix="wdr")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="withdrawals")
    state = models.CharField(max_length=10, choices=WithdrawalState, default=WithdrawalState.GOING)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    request_id = models.CharField(max_length=120, help_text="A repeated press is one withdrawal.")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="withdrawal_is_positive", condition=Q(amount_minor__gt=0)),
            UniqueConstraint(name="one_withdrawal_per_press", fields=["company", "request_id"]),
            CheckConstraint(
                name="ended_withdrawal_has_timestamp", condition=Q(state="going") | Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Refund(models.Model):
    """One funding's part of a withdrawal: one refund at Stripe, unknown until its balance transaction is heard of."""

    TRANSITIONS = REFUND

    public_id = TypedIdField(prefix="rfd")
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="refunds")
    funding = models.ForeignKey(Funding, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=10, choices=RefundState, default=RefundState.UNKNOWN)
    amount_minor = models.BigIntegerField()
    generation = models.PositiveIntegerField(
        default=1, help_text="Counts definite refusals that are tried again."
    )
    refund_id = models.CharField(max_length=60, blank=True)
    first_sent_at = models.DateTimeField(null=True, help_text="First sending of this generation.")
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(name="refund_is_positive", condition=Q(amount_minor__gt=0)),
            UniqueConstraint(name="one_refund_per_funding", fields=["withdrawal", "funding"]),
            CheckConstraint(
                name="open_refund_is_followed", condition=~Q(state="unknown") | Q(due_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="refund_due", fields=["due_at"], condition=Q(state="unknown"))]

    def __str__(self) -> str:
        return self.public_id
