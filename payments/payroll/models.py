from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Greatest, Now

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from kit.money import Money
from kit.multirange import MultiRangeField
from kit.text import LONGEST_REASON
from marketplace.timekeeping.models import PayWeek, TimeLine
from payments.paylines.models import PayLine
from payments.payroll.reasons import Reason
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

    Its source is a time line or a pay line, exactly one; in keys and hashes it is named by `payments_earning_source`.

    Ids are given out under a lock that freezing takes too, so an item covers ranges of them and no row is ever touched again.
    """

    public_id = TypedIdField(prefix="ern", unique=False)
    book = models.IntegerField(help_text="The Monday of the line's week, as yyyymmdd.")
    line = models.ForeignKey(TimeLine, null=True, on_delete=models.DO_NOTHING, related_name="earnings")
    pay_line = models.ForeignKey(PayLine, null=True, on_delete=models.DO_NOTHING, related_name="earnings")
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
    """One payday in one currency: of each performer in it, everything earned and in no item yet, up to a cut.

    The week's own, or one beside the weeks (`off_cycle`) for chosen performers.
    """

    TRANSITIONS = RUN

    public_id = TypedIdField(prefix="run")
    week = models.ForeignKey(PayWeek, on_delete=models.PROTECT, related_name="pay_runs")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.DRAFT)
    off_cycle = models.PositiveIntegerField(
        null=True, unique=True, help_text="Its number, where it is a run beside the weeks' own."
    )
    reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it runs beside the weeks."
    )
    chosen = ArrayField(
        models.BigIntegerField(), default=list, help_text="The performers that an off-cycle run pays."
    )
    earnings = BigIntegerRangeField(
        null=True, help_text="Half-open range of earning ids, of runs frozen before each item had its own."
    )
    total_minor = models.BigIntegerField(default=0)
    items_count = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    signatures_needed = models.PositiveSmallIntegerField(
        default=1, help_text="How many people sign beside whoever froze it: fixed when it is frozen."
    )
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
                name="one_live_run_per_week",
                fields=["week", "currency"],
                condition=~Q(state="cancelled") & Q(off_cycle=None),
            ),
            CheckConstraint(
                name="off_cycle_run_says_why",
                condition=Q(off_cycle=None, reason="") | (Q(off_cycle__isnull=False) & ~Q(reason="")),
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
                | (Q(frozen_by__isnull=False, frozen_at__isnull=False) & ~Q(content_hash="")),
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

    @property
    def standing_signatures(self) -> list[RunSignature]:
        """Those that nobody took back, in their order; asks for nothing where they were fetched with it."""
        return sorted(
            (one for one in self.signatures.all() if one.taken_back_at is None), key=attrgetter("pk")
        )

    @property
    def is_off_cycle(self) -> bool:
        return self.off_cycle is not None

    @property
    def period(self) -> str:
        """What it pays for, as its keys name it: the week's Monday, or the number of a run beside the weeks."""
        return f"{self.week.starts_on:%Y-%m-%d}" if self.off_cycle is None else f"off-cycle {self.off_cycle}"


class RunSignature(models.Model):
    """One person's yes to a frozen run, over the hash that they saw. `approved_by` of the run is whoever was the last.

    `limit_minor` is the most that they signed for then; None, no limit.
    """

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_hash = models.CharField(max_length=64)
    limit_minor = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_signature_per_person_and_run", fields=["run", "by"], condition=Q(taken_back_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} by {self.by_id}"


class SigningLimit(models.Model):
    """The most that a person signs for, of one run in one currency, from when it was set until the next row says else.

    None is no limit. Rows are never changed: what held when somebody signed can be read.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    limit_minor = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=LONGEST_REASON)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="signing_limit_is_no_debt", condition=Q(limit_minor=None) | Q(limit_minor__gte=0)
            ),
            CheckConstraint(name="nobody_sets_their_own_limit", condition=~Q(user=F("set_by"))),
        ]
        indexes = [models.Index(name="signing_limit_newest", fields=["user", "currency", "-id"])]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.limit_minor} {self.currency}"


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
    """What one performer is paid in one run: `net_minor` is the sum of its lines; of it `recovered_minor` is kept for
    what was overpaid, and `amount_minor` is sent. A net below zero sends nothing and adds to what was overpaid.

    `generation` counts definite refusals, `fence` counts claims. `pays_again` is the item whose money came back and is
    sent anew by this one: it has no lines of its own, and begins with the next generation of the same key.
    """

    TRANSITIONS = ITEM

    public_id = TypedIdField(prefix="itm")
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="items")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="pay_items")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    recovered_minor = models.BigIntegerField(default=0)
    lines = models.PositiveIntegerField()
    payable_s = models.BigIntegerField(
        null=True, help_text="Of its time lines; unknown of items before there was this."
    )
    usual_minor = models.BigIntegerField(null=True, help_text="The median net of their last weeks.")
    usual_s = models.BigIntegerField(null=True, help_text="The median of their paid seconds, likewise.")
    stands_out = ArrayField(
        models.CharField(max_length=20),
        default=list,
        help_text="Why somebody should look before it is signed.",
    )
    reasons_count = models.PositiveSmallIntegerField(default=0, help_text="How many of these there are.")
    earnings = MultiRangeField(
        null=True, help_text="Half-open ranges of earning ids: those of its performer in them."
    )
    pays_again = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="paid_again_by")
    rail = models.CharField(max_length=20, choices=RailName, db_default=RailName.STRIPE_TRANSFERS)
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.READY)
    natural_key = models.UUIDField(
        help_text="uuid5 over environment, week, performer and currency: also the transfer_group."
    )
    first_generation = models.PositiveIntegerField(default=1)
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
            UniqueConstraint(
                name="one_item_per_performer_and_run",
                fields=["run", "performer", "currency"],
                condition=Q(pays_again=None),
            ),
            UniqueConstraint(
                name="one_item_per_first_generation",
                fields=["natural_key", "first_generation"],
                condition=~Q(state="cancelled"),
            ),
            CheckConstraint(
                name="item_and_recovered_is_its_net",
                condition=Q(pays_again=None, recovered_minor=0, amount_minor=Greatest(F("net_minor"), 0))
                | Q(pays_again=None, recovered_minor__gt=0, net_minor__gt=0)
                & Q(amount_minor=F("net_minor") - F("recovered_minor"))
                | Q(pays_again__isnull=False, net_minor=0, recovered_minor=0, earnings=None),
            ),
            CheckConstraint(name="item_sends_no_less_than_nothing", condition=Q(amount_minor__gte=0)),
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
                | (~Q(transfer_id="") & Q(sent_at__isnull=False))
                | Q(state="settled", amount_minor=0, settled_at__isnull=False),
            ),
            CheckConstraint(
                name="sending_item_has_a_lease",
                condition=~Q(state="sending") | Q(lease_until__isnull=False, first_sent_at__isnull=False),
            ),
            CheckConstraint(
                name="only_positive_items_are_sent",
                condition=Q(amount_minor__gt=0)
                | Q(state__in=["ready", "settled", "cancelled"])
                | Q(state="held", hold_code="below_zero"),
            ),
        ]
        indexes = [
            models.Index(
                name="pay_item_due", fields=["due_at", "id"], condition=Q(state__in=["ready", "sending"])
            ),
            models.Index(name="pay_item_of_run", fields=["run", "state", "id"]),
            models.Index(
                name="pay_item_exceptions", fields=["run", "-reasons_count", "-amount_minor", "-id"]
            ),
            models.Index(name="pay_item_of_performer", fields=["performer", "-id"]),
            models.Index(name="pay_item_of_transfer_group", fields=["natural_key"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def usual(self) -> Money | None:
        """What they usually get."""
        return None if self.usual_minor is None else Money(self.usual_minor, self.currency)

    @property
    def reasons(self) -> list[Reason]:
        """Why it stands out, the gravest first."""
        return [Reason(each) for each in self.stands_out]

    @property
    def book(self) -> int:
        """The book of its entries: its run's week, as 20261109."""
        return int(self.run.week.starts_on.strftime("%Y%m%d"))


class Overpayment(models.Model):
    """What one payday found to be overpaid to a performer: the net of an item below zero. Told with it; recovered from
    later nets a week after, or by money that comes back (money/RULES.md, rules 6 and 7)."""

    public_id = TypedIdField(prefix="ovp")
    item = models.OneToOneField(PayItem, on_delete=models.PROTECT, related_name="overpayment")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="overpayments")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(name="overpayment_is_positive", condition=Q(amount_minor__gt=0))]
        indexes = [models.Index(name="overpayment_oldest", fields=["performer", "currency", "told_at", "id"])]

    def __str__(self) -> str:
        return self.public_id


class Repayment(models.Model):
    """A part of an overpayment that is even again: kept from an item's net, or out of what came back of one.

    Kept from an item whose run is cancelled, it does not count.
    """

    overpayment = models.ForeignKey(Overpayment, on_delete=models.PROTECT, related_name="repayments")
    item = models.ForeignKey(PayItem, on_delete=models.PROTECT, related_name="repayments")
    kept = models.BooleanField(help_text="Kept from the item's net; else from what came back of it.")
    amount_minor = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [CheckConstraint(name="repayment_is_positive", condition=Q(amount_minor__gt=0))]

    def __str__(self) -> str:
        return f"{self.overpayment}: {self.amount_minor}"


class PayCut(models.Model):
    """Every earning below this id is in an item: where the next run begins to look. One row a currency."""

    currency = models.CharField(max_length=3, primary_key=True)
    from_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.currency}: {self.from_id}"
