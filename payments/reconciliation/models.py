from django.db import models
from django.db.models import CheckConstraint, Q

from kit.ids import TypedIdField


class StripeRow(models.Model):
    """One of the platform's balance transactions as Stripe tells it, and what explains it in our books."""

    class How(models.TextChoices):
        FUNDING = "funding", "A company's payment, refund or dispute"
        TRANSFER = "transfer", "Pay that was sent"
        REVERSAL = "reversal", "Pay that came back"
        HOUSE = "house", "The house's own money"
        SUSPENSE = "suspense", "Nothing that a rule knows"

    public_id = TypedIdField(prefix="sbt")
    stripe_id = models.CharField(max_length=60, unique=True, help_text="The balance transaction (txn_…).")
    type = models.CharField(max_length=60)
    source = models.CharField(max_length=60, blank=True)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(help_text="At Stripe.")
    heard_at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=How, blank=True, help_text="Empty until it is explained.")
    explained_at = models.DateTimeField(null=True)
    is_decided = models.BooleanField(
        default=False, help_text="Of what lay in suspense: two people said what it is."
    )

    class Meta:
        constraints = [
            CheckConstraint(
                name="explained_row_says_how", condition=Q(how="") ^ Q(explained_at__isnull=False)
            )
        ]
        indexes = [
            models.Index(
                name="stripe_row_open",
                fields=["created_at", "id"],
                condition=Q(how="") | Q(how="suspense", is_decided=False),
            ),
            models.Index(name="stripe_row_of_source", fields=["source"]),
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def net_minor(self) -> int:
        """What it moved on the balance."""
        return self.amount_minor - self.fee_minor


class Comparison(models.Model):
    """Our books beside Stripe's at one moment, in one currency, all of its news read before."""

    public_id = TypedIdField(prefix="rec")
    currency = models.CharField(max_length=3)
    stripe_minor = models.BigIntegerField()
    books_minor = models.BigIntegerField()
    rows = models.PositiveIntegerField(help_text="Balance transactions read for it.")
    unexplained = models.PositiveIntegerField()
    differs = models.JSONField(default=list, help_text="What differs, one sentence each; the first hundred.")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="comparison_newest", fields=["currency", "-id"])]

    def __str__(self) -> str:
        return self.public_id

    @property
    def difference_minor(self) -> int:
        """Stripe's less ours."""
        return self.stripe_minor - self.books_minor

    @property
    def ok(self) -> bool:
        return not self.differs and self.difference_minor == 0
