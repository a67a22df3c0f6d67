"""The books' tables. Rows come into being through `ledger_post` (see migration 0002) and are never changed.

Entries and postings are partitioned by `book`: the Monday of the week they belong to as yyyymmdd, or 0 for what
belongs to no week. A week can so be built aside and attached, and a business key is unique within its book.
"""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from payments.ledger.chart import Kind


class Account(models.Model):
    """One account: a kind, whose it is, and a currency. Debits are positive, credits negative."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    owner = models.CharField(
        max_length=40, blank=True, help_text="The public id of whose it is; empty for the house."
    )
    currency = models.CharField(max_length=3)
    stripes = models.PositiveSmallIntegerField(
        default=1, help_text="Balance rows; 16 on an account that everyone posts to."
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_account_per_kind_owner_currency", fields=["kind", "owner", "currency"]
            ),
            UniqueConstraint(name="account_with_currency", fields=["id", "currency"]),
            CheckConstraint(name="account_has_stripes", condition=Q(stripes__gte=1, stripes__lte=64)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}:{self.currency}".replace("::", ":")


class Entry(models.Model):
    """One event of money, under a business key that makes it happen once."""

    book = models.IntegerField()
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    posted_at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        managed = False
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    """One leg of an entry."""

    book = models.IntegerField()
    entry_id = models.BigIntegerField()
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="postings")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor}"


class Balance(models.Model):
    """An account's balance, kept by the trigger that sees the postings. A hot account has several rows."""

    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="balances")
    stripe = models.PositiveSmallIntegerField()
    stripes = models.PositiveSmallIntegerField(
        db_default=1, help_text="How many rows its account's balance has."
    )
    amount_minor = models.BigIntegerField(default=0)
    ceiling_minor = models.BigIntegerField(
        null=True, help_text="A wallet cannot be overdrawn: its balance stays at or below 0."
    )
    floor_minor = models.BigIntegerField(
        null=True, help_text="A debt cannot be paid twice: its balance stays at or above 0."
    )

    class Meta:
        constraints = [
            UniqueConstraint(name="one_balance_per_stripe", fields=["account", "stripe"]),
            CheckConstraint(
                name="account_is_not_overdrawn",
                condition=Q(ceiling_minor=None) | Q(amount_minor__lte=models.F("ceiling_minor")),
            ),
            CheckConstraint(
                name="debt_is_not_paid_twice",
                condition=Q(floor_minor=None) | Q(amount_minor__gte=models.F("floor_minor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor}"
