from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.companies.models import Company
from kit.ids import TypedIdField
from kit.instants import month as in_words
from kit.text import LONGEST_REASON
from payments.books.states import LIVE, MONTH, MonthState
from payments.ledger.chart import Kind
from payments.ledger.models import Account

if TYPE_CHECKING:
    from accounts.access.actors import Actor

KINDS = [(kind.value, kind.value) for kind in Kind]


class SummedDay(models.Model):
    """A day of the payroll zone whose postings are summed, once and for good, after it has been over for long enough.

    The days follow each other without a gap; the first begins before all time. `last_posting` is the highest id among all
    postings until then: an account's entries of an earlier time are looked for below it.
    """

    until = models.DateTimeField(unique=True)
    last_posting = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.until}"


class DaySum(models.Model):
    """What the entries of one event moved on the accounts of one kind in one day."""

    day = models.ForeignKey(SummedDay, on_delete=models.PROTECT, related_name="sums")
    currency = models.CharField(max_length=3)
    event = models.CharField(max_length=30, help_text="The entries' kind.")
    kind = models.CharField(max_length=20, choices=KINDS)
    debited_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_sum_a_day", fields=["day", "currency", "event", "kind"]),
            CheckConstraint(
                name="both_sides_are_positive", condition=Q(debited_minor__gte=0, credited_minor__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.event} {self.kind}"


class SummedMonth(models.Model):
    """A month of the payroll zone at whose end every account's balance is kept, once its days are summed.

    `first_posting` is at or below the least id among all postings from its end on: an account's later entries are looked for
    from there.
    """

    until = models.DateTimeField(unique=True)
    first_posting = models.BigIntegerField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.until}"


class AccountAtMonth(models.Model):
    """How an account stood at the end of a month in which it moved: debits less credits since the books began."""

    month = models.ForeignKey(SummedMonth, on_delete=models.PROTECT, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    balance_minor = models.BigIntegerField()

    class Meta:
        constraints = [UniqueConstraint(name="one_balance_a_month", fields=["account", "month"])]

    def __str__(self) -> str:
        return f"{self.month}: {self.account_id} {self.balance_minor}"


class MonthQuerySet(models.QuerySet["Month"]):
    def visible_to(self, actor: Actor) -> MonthQuerySet:
        """Finance's alone."""
        return self if actor.is_finance or actor.is_system else self.none()


class Month(models.Model):
    """One closing of a month of the books: its trial balance as it was sealed, and who signed for it.

    `rows` is the balance at the month's end: currency, kind, debited and credited in minor units since the books began;
    `content_hash` is over it. A month that was opened again is closed anew by another row.
    """

    TRANSITIONS = MONTH

    public_id = TypedIdField(prefix="mon")
    starts_on = models.DateField(help_text="The first of the month, in the payroll zone.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MonthState, default=MonthState.PROPOSED)
    rows = models.JSONField()
    entries = models.PositiveIntegerField(help_text="How many were posted in the month.")
    content_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was not closed.")
    reopen_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    reopen_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reopen_asked_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(
        null=True, help_text="When the seal was last held against the postings."
    )
    agrees = models.BooleanField(default=True, help_text="Whether it agreed with them then.")

    objects = MonthQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_live_month", fields=["starts_on"], condition=Q(state__in=LIVE)),
            CheckConstraint(
                name="closed_month_is_signed_by_two",
                condition=Q(state__in=["proposed", "declined", "withdrawn"])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("proposed_by")),
            ),
            CheckConstraint(
                name="month_is_opened_again_by_two",
                condition=~Q(state="reopened")
                | Q(reopen_asked_by__isnull=False, reopened_by__isnull=False, reopened_at__isnull=False)
                & ~Q(reopened_by=F("reopen_asked_by")),
            ),
            CheckConstraint(
                name="opening_a_month_says_why",
                condition=~Q(state__in=["reopening", "reopened"]) | ~Q(reopen_reason=""),
            ),
            CheckConstraint(
                name="declined_month_says_why",
                condition=~Q(state__in=["declined", "withdrawn"]) | ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def name(self) -> str:
        """`November 2026`."""
        return in_words(self.starts_on)


class SummedWeek(models.Model):
    """A week of the payroll calendar whose entries are summed by company, once and for good: what its journals are made of."""

    starts_on = models.DateField(unique=True, help_text="Its Monday.")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.starts_on)


class JournalSum(models.Model):
    """What the entries of one event moved on the accounts of one kind in one week for one company, or for the house alone."""

    week = models.ForeignKey(SummedWeek, on_delete=models.PROTECT, related_name="sums")
    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    event = models.CharField(max_length=30, help_text="The entries' kind.")
    kind = models.CharField(max_length=20, choices=KINDS)
    debited_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_journal_sum",
                fields=["week", "company", "currency", "event", "kind"],
                nulls_distinct=False,
            ),
            CheckConstraint(
                name="both_sides_of_a_week_are_positive",
                condition=Q(debited_minor__gte=0, credited_minor__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week}: {self.event} {self.kind}"


class AccountName(models.Model):
    """What one of our account kinds is called in the chart of whoever keeps the house's accounts."""

    class Role(models.TextChoices):
        ORDINARY = "ordinary", "Ordinary"
        RECEIVABLE = "receivable", "Accounts receivable"
        PAYABLE = "payable", "Accounts payable"

    kind = models.CharField(max_length=20, choices=KINDS, unique=True)
    code = models.CharField(max_length=20, blank=True, help_text="As Xero has it, such as 200.")
    name = models.CharField(max_length=150, blank=True, help_text="As QuickBooks has it, such as Parent:Sub.")
    tax_rate = models.CharField(max_length=100, blank=True, help_text="By its full name at Xero.")
    role = models.CharField(max_length=10, choices=Role, default=Role.ORDINARY)
    party = models.CharField(
        max_length=100,
        blank=True,
        help_text="Whom a line names where it is no company: a supplier, or a customer.",
    )

    def __str__(self) -> str:
        return self.kind
