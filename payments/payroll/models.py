from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Now

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.timekeeping.models import PayWeek, TimeLine
from payments.payroll.states import ITEM, RUN, ItemState, RunState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class EarningQuerySet(models.QuerySet["Earning"]):
    def visible_to(self, actor: Actor) -> EarningQuerySet:
        """Whose it is, who pays for it, and finance."""
        if actor.is_finance or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Earning(models.Model):
    """One approved line, as money: immutable, one per line. Partitioned by `book`, the line's own week.

    Ids are given out under a lock that freezing takes too, so a run covers a range of them and no row is ever touched again.
    """

    public_id = TypedIdField(prefix="ern", unique=False)
    book = models.IntegerField(help_text="The Monday of the line's week, as yyyymmdd.")
    line = models.ForeignKey(TimeLine, on_delete=models.DO_NOTHING, related_name="earnings")
    performer = models.ForeignKey(Performer, on_delete=models.DO_NOTHING, related_name="earnings")
    company = models.ForeignKey(Company, on_delete=models.DO_NOTHING, related_name="earnings")
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    accrued_at = models.DateTimeField()

    objects = EarningQuerySet.as_manager()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.public_id


class PayRunQuerySet(models.QuerySet["PayRun"]):
    def visible_to(self, actor: Actor) -> PayRunQuerySet:
        """Finance's alone."""
        return self if actor.is_finance or actor.is_system else self.none()


class PayRun(models.Model):
    """One payday in one currency: everything earned since the run before, up to a cut."""

    TRANSITIONS = RUN

    public_id = TypedIdField(prefix="run")
    week = models.ForeignKey(PayWeek, on_delete=models.PROTECT, related_name="pay_runs")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.DRAFT)
    earnings = BigIntegerRangeField(null=True, help_text="Half-open range of earning ids; set when frozen.")
    total_minor = models.BigIntegerField(default=0)
    items_count = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    paying_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    objects = PayRunQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_run_per_week", fields=["week", "currency"], condition=~Q(state="cancelled")
            ),
            ExclusionConstraint(
                name="no_earning_in_two_live_runs",
                expressions=[("currency", RangeOperators.EQUAL), ("earnings", RangeOperators.OVERLAPS)],
                condition=Q(earnings__isnull=False) & ~Q(state="cancelled"),
            ),
            CheckConstraint(
                name="approver_is_not_the_one_who_froze",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("frozen_by")),
            ),
            CheckConstraint(
                name="approved_over_the_same_hash",
                condition=Q(approved_hash="") | Q(approved_hash=F("content_hash")),
            ),
            CheckConstraint(
                name="frozen_run_is_whole",
                condition=Q(state__in=["draft", "cancelled"])
                | (
                    Q(frozen_by__isnull=False, frozen_at__isnull=False, earnings__isnull=False)
                    & ~Q(content_hash="")
                ),
            ),
            CheckConstraint(
                name="paying_run_is_approved",
                condition=~Q(state__in=["approved", "paying", "paid"])
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_hash="")),
            ),
            CheckConstraint(
                name="paid_run_has_timestamp",
                condition=~Q(state="paid") | Q(paid_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PayItemQuerySet(models.QuerySet["PayItem"]):
    def visible_to(self, actor: Actor) -> PayItemQuerySet:
        """The performer's own; finance's all."""
        if actor.is_finance or actor.is_system:
            return self
        return self.filter(performer_id=actor.performer_id) if actor.is_performer else self.none()


class RailName(models.TextChoices):
    """The ways on which pay can go out."""

    STRIPE_TRANSFERS = "stripe_transfers", "Stripe transfers"


class PayItem(models.Model):
    """What one performer is paid in one run. `generation` counts definite refusals, `fence` counts claims."""

    TRANSITIONS = ITEM

    public_id = TypedIdField(prefix="itm")
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="items")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="pay_items")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    lines = models.PositiveIntegerField()
    rail = models.CharField(max_length=20, choices=RailName, db_default=RailName.STRIPE_TRANSFERS)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.READY)
    natural_key = models.UUIDField(
        help_text="uuid5 over environment, week, performer and currency: also the transfer_group."
    )
    generation = models.PositiveIntegerField(default=1)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When the sweep should take it up again.")
    first_sent_at = models.DateTimeField(null=True, help_text="First sending of this generation.")
    looked_up_at = models.DateTimeField(null=True, help_text="Last time Stripe listed no transfer for it.")
    destination = models.CharField(max_length=60, blank=True)
    transfer_id = models.CharField(max_length=60, blank=True)
    hold_code = models.CharField(max_length=80, blank=True)
    hold_detail = models.CharField(max_length=500, blank=True)
    held_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = PayItemQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_item_per_performer_and_run", fields=["run", "performer", "currency"]),
            UniqueConstraint(
                name="one_item_per_transfer", fields=["transfer_id"], condition=~Q(transfer_id="")
            ),
            CheckConstraint(
                name="held_item_says_why",
                condition=~Q(state="held") | (~Q(hold_code="") & Q(held_at__isnull=False)),
            ),
            CheckConstraint(
                name="sent_item_has_a_transfer",
                condition=~Q(state__in=["sent", "settled", "reversed"])
                | (~Q(transfer_id="") & Q(sent_at__isnull=False)),
            ),
            CheckConstraint(
                name="sending_item_has_a_lease",
                condition=~Q(state="sending") | Q(lease_until__isnull=False, first_sent_at__isnull=False),
            ),
            CheckConstraint(
                name="only_positive_items_are_sent", condition=Q(amount_minor__gt=0) | Q(state="held")
            ),
        ]
        indexes = [
            models.Index(
                name="pay_item_due", fields=["due_at", "id"], condition=Q(state__in=["ready", "sending"])
            ),
            models.Index(name="pay_item_of_run", fields=["run", "state", "id"]),
            models.Index(name="pay_item_of_performer", fields=["performer", "-id"]),
            models.Index(name="pay_item_of_transfer_group", fields=["natural_key"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def book(self) -> int:
        """The book of its entries: its run's week, as 20261109."""
        return int(self.run.week.starts_on.strftime("%Y%m%d"))
