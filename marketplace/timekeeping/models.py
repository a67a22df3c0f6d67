from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Now

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from kit.ranges import epoch_s
from marketplace.presence.faults import ProposedHold, proposed_holds
from marketplace.presence.fold import RULES_VERSION
from marketplace.presence.lines import Stretch
from marketplace.sessions.models import Seat
from marketplace.timekeeping.states import LINE, TIMESHEET, WITH_THE_PERFORMER, LineState, TimesheetState

if TYPE_CHECKING:
    from accounts.access.actors import Actor

UNDECIDED = (LineState.RECORDED, LineState.DISPUTED)
LONGEST_SAID = 2_000  # by either side of a dispute, or in its answer
LONGEST_CLAIM_S = 86_400
LONGEST_LINE_NOTE = 300


class PayWeek(models.Model):
    """The calendar of one week, as data: Monday to Monday in the payroll zone, and who must have looked by when."""

    starts_on = models.DateField(unique=True, help_text="A Monday.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    performer_due_at = models.DateTimeField(help_text="Unanswered by then, the week goes on to the company.")
    company_due_at = models.DateTimeField(help_text="Unanswered by then, the week is approved.")
    close_at = models.DateTimeField()
    pay_on = models.DateField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="pay_week_is_in_order",
                condition=Q(
                    ends_at__gt=F("starts_at"),
                    performer_due_at__gte=F("ends_at"),
                    company_due_at__gt=F("performer_due_at"),
                    close_at__gte=F("company_due_at"),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"week of {self.starts_on}"

    def performer_due_for(self, told_at: datetime | None) -> datetime:
        """Until when a performer who was told at `told_at` may look: the calendar's instant, later where it told them late."""
        return _not_before(self.performer_due_at, told_at, settings.PERFORMER_REVIEW)

    def company_due_for(self, told_at: datetime | None) -> datetime:
        """The same for a company."""
        return _not_before(self.company_due_at, told_at, settings.COMPANY_REVIEW)


def _not_before(due_at: datetime, told_at: datetime | None, least: timedelta) -> datetime:
    return due_at if told_at is None else max(due_at, told_at + least)


def _is_due(calendar: str, told: str, least: timedelta, *, at: datetime) -> Q:
    """`_not_before` as a filter: both ends have passed. Of rows from before they were kept, the calendar's alone."""
    given = Q(**{f"{told}__isnull": True}) | Q(**{f"{told}__lte": at - least})
    return Q(**{f"week__{calendar}__lte": at}) & given


class TimesheetQuerySet(models.QuerySet["Timesheet"]):
    def visible_to(self, actor: Actor) -> TimesheetQuerySet:
        """The performer's own; the company's from when it was submitted; staff all."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids) & ~Q(state__in=WITH_THE_PERFORMER)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)

    def performer_is_late(self, *, at: datetime) -> TimesheetQuerySet:
        """With the performer, whose deadline has come."""
        due = _is_due("performer_due_at", "told_performer_at", settings.PERFORMER_REVIEW, at=at)
        return self.filter(due, state=TimesheetState.PERFORMER_REVIEW)

    def company_is_late(self, *, at: datetime) -> TimesheetQuerySet:
        """With the company, whose deadline has come."""
        due = _is_due("company_due_at", "told_company_at", settings.COMPANY_REVIEW, at=at)
        return self.filter(due, state=TimesheetState.CLIENT_REVIEW)


class Timesheet(models.Model):
    """What one performer worked for one company in one week."""

    TRANSITIONS = TIMESHEET

    public_id = TypedIdField(prefix="tsh")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="timesheets")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="timesheets")
    week = models.ForeignKey(PayWeek, on_delete=models.PROTECT, related_name="timesheets")
    state = models.CharField(max_length=20, choices=TimesheetState, default=TimesheetState.OPEN)
    told_performer_at = models.DateTimeField(
        null=True, blank=True, help_text="When the performer was told that it is ready."
    )
    told_company_at = models.DateTimeField(
        null=True, blank=True, help_text="When the company was told that it waits."
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    confirmed_by_performer = models.BooleanField(
        default=False, help_text="False when the calendar submitted it."
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    locked_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = TimesheetQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_timesheet_per_week", fields=["performer", "company", "week"]),
            CheckConstraint(
                name="approved_timesheet_has_timestamp",
                condition=Q(approved_at__isnull=False)
                | ~Q(state__in=["approved", "auto_approved", "locked", "paid"]),
            ),
            CheckConstraint(
                name="person_approves_timesheet",
                condition=~Q(state="approved") | Q(approved_by__isnull=False),
            ),
            CheckConstraint(
                name="paid_timesheet_has_timestamp", condition=~Q(state="paid") | Q(paid_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="timesheet_queue", fields=["company", "week", "state", "id"])]

    def __str__(self) -> str:
        return self.public_id

    @property
    def performer_due_at(self) -> datetime:
        return self.week.performer_due_for(self.told_performer_at)

    @property
    def company_due_at(self) -> datetime:
        return self.week.company_due_for(self.told_company_at)


class TimeLineQuerySet(models.QuerySet["TimeLine"]):
    def may_pass(self, *, at: datetime) -> TimeLineQuerySet:
        """Those that silence may approve once their week's time is over: of the late ones, what both had time to look at."""
        return self.filter(Q(told_at=None) | Q(told_at__lte=at - settings.COMPANY_REVIEW))

    def visible_to(self, actor: Actor) -> TimeLineQuerySet:
        """The performer's own; the company's from when its week was submitted, or a dispute about it was raised; staff all."""
        if actor.is_staff or actor.is_system:
            return self
        submitted = ~Q(timesheet__state__in=WITH_THE_PERFORMER)
        # Whoever is asked has until a deadline that runs at once, so they read and answer at once.
        asked = Q(Exists(Dispute.objects.filter(line=OuterRef("pk"))))
        seen = Q(timesheet__company_id__in=actor.company_ids) & (submitted | asked)
        if actor.is_performer:
            seen |= Q(timesheet__performer_id=actor.performer_id)
        return self.filter(seen)


@dataclass(frozen=True)
class Readings:
    """Of one leaving: when the provider says that it was, and when a poll of ours last saw them there."""

    said_at: datetime
    seen_at: datetime


class TimeLine(models.Model):
    """One line of a week: a seat's time, or a correction of an earlier week. Nothing is edited after approval."""

    class Kind(models.TextChoices):
        SESSION = "session", "Session"
        CORRECTION = "correction", "Correction"
        BONUS = "bonus", "Bonus"

    class Grade(models.TextChoices):
        A = "A", "Two sources agree"
        B = "B", "One source"
        C = "C", "Inferred"

    TRANSITIONS = LINE

    public_id = TypedIdField(prefix="lin")
    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SESSION)
    seat = models.OneToOneField(Seat, null=True, blank=True, on_delete=models.PROTECT, related_name="line")
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    state = models.CharField(max_length=10, choices=LineState, default=LineState.RECORDED)
    worked_s = models.IntegerField()
    payable_s = models.IntegerField()
    rate_minor = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField(help_text="What the performer is paid.")
    fee_minor = models.BigIntegerField(help_text="What the company pays the platform on top.")
    currency = models.CharField(max_length=3)
    grade = models.CharField(max_length=1, choices=Grade)
    inferred = models.BooleanField(default=False)
    stretches = models.JSONField(
        default=list, help_text="The coded stretches behind the seconds, for people and pictures."
    )
    proposes_hold = models.BooleanField(
        default=False, help_text="A machine's fault threw the performer out: a paid hold is proposed."
    )
    behind = models.JSONField(
        null=True,
        blank=True,
        help_text="The provider's clock ran behind: when it says that they left, and when we last saw them there.",
    )
    note = models.CharField(max_length=LONGEST_LINE_NOTE, blank=True)
    rules_version = models.PositiveSmallIntegerField(
        default=RULES_VERSION, help_text="Of the rules of billable time."
    )
    told_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="It came when its week was with the company: when both sides were told of it.",
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = TimeLineQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="approved_line_has_timestamp",
                condition=Q(approved_at__isnull=False, state="approved")
                | (Q(approved_at__isnull=True) & ~Q(state="approved")),
            ),
            CheckConstraint(
                name="session_line_has_a_seat", condition=~Q(kind="session") | Q(seat__isnull=False)
            ),
            CheckConstraint(
                name="correction_says_of_what", condition=~Q(kind="correction") | Q(corrects__isnull=False)
            ),
            CheckConstraint(
                name="only_corrections_go_below_zero",
                condition=Q(amount_minor__gte=0, fee_minor__gte=0, worked_s__gte=0, payable_s__gte=0)
                | Q(kind="correction"),
            ),
        ]
        indexes = [
            models.Index(
                name="line_approved", fields=["approved_at", "id"], condition=Q(approved_at__isnull=False)
            ),
            models.Index(name="line_of_timesheet", fields=["timesheet", "id"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def company_due_at(self) -> datetime:
        """When silence approves it: with its week, or, where it came late, when both had their time to look."""
        sheet = self.timesheet
        return max(sheet.company_due_at, sheet.week.company_due_for(self.told_at))

    @property
    def correctable_until(self) -> datetime | None:
        """Until when its correction can be asked for; None of one that is not approved."""
        return self.approved_at + settings.CORRECTION if self.approved_at else None

    @property
    def readings(self) -> Readings | None:
        """Where the provider's clock ran behind, what both say."""
        if self.behind is None:
            return None
        both = (datetime.fromtimestamp(self.behind[name], UTC) for name in ("said_s", "seen_s"))
        return Readings(*both)

    @property
    def proposed_holds(self) -> list[ProposedHold]:
        """The stretches that a machine's fault took, and that would be paid as a hold; none once the line is decided."""
        if not self.proposes_hold or self.state not in UNDECIDED or self.seat is None:
            return []
        told = [Stretch.from_json(stretch) for stretch in self.stretches]
        return proposed_holds(told, scheduled_end_at=epoch_s(self.seat.session.scheduled_end_at))


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def for_talent(self) -> DisputeQuerySet:
        """Open, and with talent operations: the other side disagreed, or the house could not decide it."""
        return self.filter(decision_due_at__isnull=False, resolved_at__isnull=True)

    def unanswered(self, *, at: datetime) -> DisputeQuerySet:
        """Open, with a figure, and the other side's time is over."""
        open_ones = self.filter(resolved_at__isnull=True, decision_due_at__isnull=True)
        return open_ones.filter(claimed_s__isnull=False, answer_due_at__lte=at)


class Dispute(models.Model):
    """A dispute about one line, with what is claimed, and an answer. Raising one never counts against anyone."""

    class Reason(models.TextChoices):
        TIME_MISSING = "time_missing", "Time is missing"
        TIME_TOO_LONG = "time_too_long", "More time than was worked"
        BREAK_WRONG = "break_wrong", "A break is recorded wrongly"
        NOT_THERE = "not_there", "The performer was not there"
        COMPANY_NO_SHOW = "company_no_show", "The company did not come"
        COMPANY_CAME = "company_came", "We came"
        OTHER = "other", "Something else"

    public_id = TypedIdField(prefix="dsp")
    line = models.ForeignKey(TimeLine, on_delete=models.PROTECT, related_name="disputes")
    raised_by = models.CharField(max_length=10, choices=[("performer", "Performer"), ("company", "Company")])
    reason = models.CharField(max_length=20, choices=Reason)
    text = models.TextField(max_length=LONGEST_SAID)
    claimed_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="Null only where it was raised before a figure was asked for."
    )
    raised_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    disagreed_at = models.DateTimeField(null=True, blank=True, help_text="When the other side said no.")
    disagreement = models.TextField(max_length=LONGEST_SAID, blank=True)
    decision_due_at = models.DateTimeField(
        null=True, blank=True, help_text="Since it is with talent operations: by when they decide."
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(max_length=LONGEST_SAID, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_open_dispute_per_line", fields=["line"], condition=Q(resolved_at__isnull=True)
            ),
            CheckConstraint(
                name="disagreed_dispute_says_why",
                condition=Q(disagreed_at__isnull=True, disagreement="")
                | (Q(disagreed_at__isnull=False) & ~Q(disagreement="")),
            ),
            CheckConstraint(
                name="disagreed_dispute_has_a_clock",
                condition=Q(disagreed_at__isnull=True)
                | Q(resolved_at__isnull=False)
                | Q(decision_due_at__isnull=False),
            ),
            CheckConstraint(
                name="resolved_dispute_says_how", condition=Q(resolved_at__isnull=True) | ~Q(resolution="")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
