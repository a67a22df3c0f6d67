from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company
from kit.ids import TypedIdField
from payments.funding.states import FUNDING, FundingState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class FundingQuerySet(models.QuerySet["Funding"]):
    def visible_to(self, actor: Actor) -> FundingQuerySet:
        if actor.is_finance or actor.is_system:
            return self
        return self.filter(company_id__in=actor.company_ids)


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
    landed_at = models.DateTimeField(null=True, help_text="When it was posted to the wallet.")
    failure = models.CharField(max_length=500, blank=True)
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

    def __str__(self) -> str:
        return self.public_id
