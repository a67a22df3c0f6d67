from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from kit.text import LONGEST_REASON
from marketplace.deliveries.models import Licence
from marketplace.engagements.models import Engagement
from marketplace.presence.guarantees import Guarantee
from marketplace.rights.models import Grant
from marketplace.timekeeping.models import PayWeek, TimeLine
from marketplace.works.models import Commission
from payments.paylines.kinds import Kind
from payments.paylines.states import PAY_LINE, PayLineState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class Receipt(models.Model):
    """The proof of an expense, in the database: it is backed up, restored and kept from strangers with the rest."""

    class Form(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"

    public_id = TypedIdField(prefix="rcp")
    form = models.CharField(max_length=20, choices=Form, help_text="As its first bytes say.")
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.public_id


class PayLineQuerySet(models.QuerySet["PayLine"]):
    def visible_to(self, actor: Actor) -> PayLineQuerySet:
        """The performer's own, a bonus once it is approved; the company's; finance and talent operations all.
        The parts of a deduction are no line of their own: an earning shows each."""
        rows = self.filter(part_of=None)
        if actor.is_finance or actor.is_talent or actor.is_system:
            return rows
        seen = Q(engagement__company_id__in=actor.company_ids)
        if actor.is_performer:
            hidden = Q(kind=Kind.BONUS) & ~Q(state=PayLineState.APPROVED)
            seen |= Q(engagement__performer_id=actor.performer_id) & ~hidden
        return rows.filter(seen)


class PayLine(models.Model):
    """Pay that no time line brings: of a kind (`kinds.RULES`), on an engagement, made by one and agreed by another.

    A deduction that was agreed is taken in parts, each a line `part_of` it: a payday's, below zero, or above where a later
    run may take less. `due_at` is when silence has its effect.
    """

    TRANSITIONS = PAY_LINE

    public_id = TypedIdField(prefix="pln")
    kind = models.CharField(max_length=10, choices=Kind)
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="pay_lines")
    part_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    corrects = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="differences",
        help_text="A breach's, approved before the time behind it turned out otherwise.",
    )
    amount_minor = models.BigIntegerField(help_text="What the performer is paid; below zero, deducted.")
    fee_minor = models.BigIntegerField(help_text="What the company pays the platform on top.")
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=LONGEST_REASON)
    spent_on = models.DateField(null=True, help_text="The day of an expense.")
    receipt = models.OneToOneField(Receipt, null=True, on_delete=models.PROTECT, related_name="line")
    state = models.CharField(max_length=10, choices=PayLineState, default=PayLineState.PROPOSED)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Until when an answer is awaited.")
    escalated_at = models.DateTimeField(null=True, help_text="When talent operations were told of a silence.")
    contest = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why the company contests.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was not approved.")
    week = models.ForeignKey(
        PayWeek, null=True, on_delete=models.PROTECT, related_name="+", help_text="In which it was approved."
    )

    objects = PayLineQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="pay_line_says_why", condition=~Q(reason="")),
            CheckConstraint(
                name="only_deductions_take_from_pay",
                condition=Q(amount_minor__gt=0, part_of=None) & ~Q(kind="deduction")
                | Q(kind="breach", part_of=None, corrects__isnull=False) & ~Q(amount_minor=0)
                | Q(kind="deduction", part_of=None, amount_minor__lt=0)
                | Q(kind="deduction", part_of__isnull=False) & ~Q(amount_minor=0),
            ),
            CheckConstraint(
                name="pay_line_takes_a_fee_by_its_kind",
                condition=Q(fee_minor=0)
                | Q(kind__in=["bonus", "breach", "piece"], fee_minor__gt=0)
                | Q(kind="breach", corrects__isnull=False),
            ),
            CheckConstraint(name="only_a_breach_is_corrected", condition=Q(corrects=None) | Q(kind="breach")),
            CheckConstraint(
                name="expense_is_proved",
                condition=Q(kind="expense", receipt__isnull=False, spent_on__isnull=False)
                | ~Q(kind="expense") & Q(receipt=None, spent_on=None),
            ),
            CheckConstraint(
                name="pay_line_approved_by_another",
                condition=~Q(state="approved") | Q(decided_by=None) | ~Q(decided_by=F("made_by")),
            ),
            CheckConstraint(
                name="approved_pay_line_has_its_week",
                condition=Q(state="approved", week__isnull=False, decided_at__isnull=False)
                | ~Q(state="approved") & Q(week=None),
            ),
            CheckConstraint(
                name="only_a_deduction_is_given_up",
                condition=~Q(state="waived") | Q(kind="deduction", part_of=None),
            ),
            CheckConstraint(
                name="contested_pay_line_says_why", condition=~Q(state="contested") | ~Q(contest="")
            ),
        ]
        indexes = [
            models.Index(
                name="pay_line_waits",
                fields=["due_at", "id"],
                condition=Q(state__in=["proposed", "contested"]),
            ),
            models.Index(
                name="pay_line_approved", fields=["decided_at", "id"], condition=Q(state="approved")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def performer(self) -> Performer:
        return self.engagement.performer


class GrantBonus(models.Model):
    """Which line pays the bonus of which grant: one a grant; of a grant to pass it on, one each time that it is."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="bonuses")
    licence = models.ForeignKey(Licence, null=True, on_delete=models.PROTECT, related_name="bonuses")
    pay_line = models.OneToOneField(PayLine, on_delete=models.PROTECT, related_name="of_grant")

    class Meta:
        verbose_name_plural = "grant bonuses"
        constraints = [
            UniqueConstraint(name="one_bonus_of_a_grant", fields=["grant", "licence"], nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.grant} {self.pay_line}"


class PiecePay(models.Model):
    """Which line pays which accepted piece: one a piece, and a line pays no other."""

    commission = models.OneToOneField(Commission, on_delete=models.PROTECT, related_name="pay")
    pay_line = models.OneToOneField(PayLine, on_delete=models.PROTECT, related_name="of_piece")

    class Meta:
        verbose_name_plural = "pay of pieces"

    def __str__(self) -> str:
        return f"{self.commission} {self.pay_line}"


class Breach(models.Model):
    """A guarantee that was broken on one day of a performer's own zone, found in their time lines; paid for by one line, and by
    its differences where the time turns out otherwise."""

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="breaches")
    guarantee = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Guarantee])
    on_date = models.DateField()
    pay_line = models.OneToOneField(PayLine, on_delete=models.PROTECT, related_name="breach")
    time_line = models.ForeignKey(TimeLine, on_delete=models.PROTECT, related_name="breaches")
    holds = models.BooleanField(default=True, help_text="Whether the time lines still show it.")
    measured_s = models.PositiveIntegerField(
        help_text="On camera in that stretch or day, or the rest between two days, in seconds."
    )
    limit_s = models.PositiveIntegerField(help_text="What is guaranteed, as it was when it was found.")
    broken_at = models.DateTimeField()
    found_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "breaches"
        constraints = [
            UniqueConstraint(name="one_breach_a_day", fields=["performer", "guarantee", "on_date"])
        ]

    def __str__(self) -> str:
        return f"{self.guarantee} {self.on_date} {self.performer}"


class WatchedLine(models.Model):
    """A time line whose seconds were held against the guarantees, by a digest of them: what changed is looked at again."""

    line = models.OneToOneField(TimeLine, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=40)
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.line)
