from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.companies.models import Company
from kit.ids import TypedIdField
from kit.text import LONGEST_REASON
from payments.adjustments.states import ADJUSTMENT, AdjustmentState
from payments.reconciliation.models import StripeRow

if TYPE_CHECKING:
    from accounts.access.actors import Actor

# What a person can mean: less than ten digits before the point.
MOST_MINOR = 99_999_999_999


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def visible_to(self, actor: Actor) -> AdjustmentQuerySet:
        """Finance's alone."""
        return self if actor.is_finance or actor.is_system else self.none()


class Adjustment(models.Model):
    """An entry that no event makes: proposed by one person with a reason, approved by another, then in the books."""

    TRANSITIONS = ADJUSTMENT

    class What(models.TextChoices):
        WRITE_OFF = "write_off", "A debt is given up"
        STRAY_FLOAT = "stray_float", "Stray money is the house's own"
        STRAY_LOSS = "stray_loss", "Stray money is a loss"
        STRAY_COMPANY = "stray_company", "Stray money is a company's"
        FEES_TO_FLOAT = "fees_to_float", "Settled fees become the house's own money"

    public_id = TypedIdField(prefix="adj")
    what = models.CharField(max_length=16, choices=What)
    state = models.CharField(max_length=10, choices=AdjustmentState, default=AdjustmentState.PROPOSED)
    amount_minor = models.BigIntegerField(help_text="Signed as the balance at Stripe saw it, of stray money.")
    currency = models.CharField(max_length=3)
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="adjustments")
    stripe_row = models.ForeignKey(StripeRow, null=True, on_delete=models.PROTECT, related_name="adjustments")
    reason = models.CharField(max_length=LONGEST_REASON)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was declined.")

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="adjustment_says_why", condition=~Q(reason="")),
            CheckConstraint(name="adjustment_moves_something", condition=~Q(amount_minor=0)),
            CheckConstraint(
                name="adjustment_approved_by_another",
                condition=~Q(state="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
            CheckConstraint(
                name="adjustment_of_stray_money_names_it",
                condition=Q(what__startswith="stray") ^ Q(stripe_row__isnull=True),
            ),
            CheckConstraint(
                name="adjustment_of_a_company_names_it",
                condition=Q(what__in=["write_off", "stray_company"]) ^ Q(company__isnull=True),
            ),
            UniqueConstraint(
                name="one_live_adjustment_per_stray",
                fields=["stripe_row"],
                condition=Q(state__in=["proposed", "approved"], stripe_row__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
