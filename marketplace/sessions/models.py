from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Now

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.engagements.models import Engagement, Terms
from marketplace.gigs.models import Gig
from marketplace.sessions.states import MOVE, SESSION, MoveState, SessionState

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access.actors import Actor

LONGEST_CANCEL_REASON = 300


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, actor: Actor) -> SessionQuerySet:
        """The company's, and those in which one has a seat."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(pk__in=Seat.objects.filter(performer_id=actor.performer_id).values("session_id"))
        return self.filter(seen)


class Cancelled(models.TextChoices):
    """Who called a session off, or one seat of it; or that a seat's performer was absent, and somebody stands in."""

    COMPANY = "company", "The company"
    PERFORMER = "performer", "A performer"
    HOUSE = "house", "Talent operations"
    ABSENT = "absent", "Absent: somebody stands in"


class Series(models.Model):
    """Calls that were booked in one act: the same people, a week apart by the gig's clock. Each is a session of its own."""

    public_id = TypedIdField(prefix="ser")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="series")
    booked_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.public_id

    @property
    def session_ids(self) -> list[str]:
        """The public ids of its sessions, the first call first."""
        return [session.public_id for session in self.sessions.order_by("call_at", "pk")]


class Session(models.Model):
    """One call: a room, a time, one to four seats, and the policy by which its time is paid."""

    TRANSITIONS = SESSION

    public_id = TypedIdField(prefix="ses")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="sessions")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="sessions")
    series = models.ForeignKey(
        Series, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions"
    )
    state = models.CharField(max_length=20, choices=SessionState, default=SessionState.BOOKED)
    outcome = models.CharField(
        max_length=20,
        choices=SessionState,
        blank=True,
        help_text="The state from which its time was reckoned.",
    )
    call_at = models.DateTimeField()
    scheduled_end_at = models.DateTimeField()
    policy = models.JSONField(help_text="Frozen when the session was booked.")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, choices=Cancelled, blank=True)
    cancel_reason = models.CharField(max_length=LONGEST_CANCEL_REASON, blank=True)
    kept_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Talent operations let it take place though a side of it is suspended.",
    )
    live_at = models.DateTimeField(null=True, blank=True)
    wrapped_at = models.DateTimeField(null=True, blank=True, help_text="When a person ended or stopped it.")
    no_show_found_at = models.DateTimeField(
        null=True, blank=True, help_text="When the evidence showed that nobody came from the company."
    )
    time_recorded_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often calendars were told that it changed: their SEQUENCE."
    )
    revised_at = models.DateTimeField(null=True, blank=True, help_text="When they were told last.")
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When everyone was reminded of its call, or need not be."
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="session_ends_after_its_call", condition=Q(scheduled_end_at__gt=F("call_at"))
            ),
            CheckConstraint(
                name="cancelled_session_says_by_whom",
                condition=~Q(state__in=["cancelled", "late_cancelled"])
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_by="")),
            ),
            CheckConstraint(
                name="recorded_session_has_timestamp",
                condition=~Q(state="time_recorded") | (Q(time_recorded_at__isnull=False) & ~Q(outcome="")),
            ),
            CheckConstraint(
                name="revised_session_has_timestamp", condition=Q(revision=0) ^ Q(revised_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="session_of_company", fields=["company", "-call_at", "-id"]),
            models.Index(name="session_of_gig", fields=["gig", "call_at", "id"]),
            models.Index(
                name="session_to_reckon", fields=["scheduled_end_at"], condition=~Q(state="time_recorded")
            ),
            models.Index(
                name="session_to_remind", fields=["call_at"], condition=Q(reminded_at=None, cancelled_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def room(self) -> str:
        """The room's name at the video provider."""
        return self.public_id

    def revise(self, *, at: datetime) -> None:
        """Calendars are told of another state of it: not saved yet."""
        self.revision, self.revised_at = self.revision + 1, at


class Seat(models.Model):
    """One performer in one session, with the rate they signed."""

    public_id = TypedIdField(prefix="sea")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="seats")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="seats")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="seats")
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="seats")
    rate_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    fee_bps = models.PositiveIntegerField()
    committed_minor = models.PositiveBigIntegerField(
        help_text="The most that this seat can cost, fee included."
    )
    called_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A stand-in's own call, later than the session's: when they said yes. Their time is counted from it.",
    )
    during = DateTimeRangeField(help_text="Half-open: the seat's call to scheduled end.")
    released_at = models.DateTimeField(
        null=True, blank=True, help_text="Called off: the performer's time is free again."
    )
    released_by = models.CharField(
        max_length=10, choices=Cancelled, blank=True, help_text="Where the seat alone was called off."
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="one_seat_per_performer_and_session", fields=["session", "performer"]),
            CheckConstraint(
                name="seat_called_off_by_whom_is_released",
                condition=Q(released_by="") | Q(released_at__isnull=False),
            ),
            ExclusionConstraint(
                name="performer_sessions_never_overlap",
                expressions=[("performer", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(released_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def call_at(self) -> datetime:
        """The session's call; a stand-in's own."""
        return self.called_at or self.session.call_at


class Mark(models.Model):
    """A stretch with a meaning: a meal, a rest, a hold by the company or the platform; for all seats, or for one. Or an
    instant: a performer came to a door that did not open."""

    class Kind(models.TextChoices):
        MEAL = "meal", "Meal break"
        REST = "rest", "Rest"
        HOLD_COMPANY = "hold_company", "Hold by the company"
        HOLD_PLATFORM = "hold_platform", "Hold by the platform"
        ARRIVED = "arrived", "Knocked"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="marks")
    seat = models.ForeignKey(Seat, null=True, blank=True, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=15, choices=Kind)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_cut = models.BooleanField(
        default=False, help_text="Nobody ended it: for each seat it ends with the seat's own time."
    )
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            CheckConstraint(
                name="mark_ends_after_it_starts",
                condition=Q(ended_at__isnull=True)
                | Q(ended_at__gt=F("started_at"))
                | Q(ended_at=F("started_at"), kind="arrived"),
            ),
            UniqueConstraint(
                name="one_open_mark_per_seat",
                fields=["session", "seat"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.session}"


class Move(models.Model):
    """Somebody proposes another time for a session; it is moved once everyone who is concerned agrees."""

    TRANSITIONS = MOVE

    public_id = TypedIdField(prefix="mov")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="moves")
    state = models.CharField(max_length=10, choices=MoveState, default=MoveState.ASKED)
    proposed_by = models.ForeignKey(
        Seat,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the company.",
    )
    call_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    company_agreed_at = models.DateTimeField(null=True, blank=True)
    agreed = models.ManyToManyField(Seat, related_name="moves_agreed_to", blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_open_move_per_session", fields=["session"], condition=Q(state="asked")
            ),
            CheckConstraint(
                name="ended_move_has_timestamp", condition=Q(state="asked") ^ Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PresenceDelivery(models.Model):
    """What arrived, as it arrived: LiveKit's webhooks and the platform's polls. Append-only, partitioned by day, no foreign key."""

    class Kind(models.TextChoices):
        LIVEKIT = "livekit", "LiveKit webhook"
        ROOM = "room", "The platform's own room"
        POLL = "poll", "Poll of the room"

    received_at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind)
    room = models.CharField(max_length=64)
    event_id = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()

    class Meta:
        verbose_name_plural = "presence deliveries"

    def __str__(self) -> str:
        return f"{self.kind} {self.room} {self.event_id}"


class RoomLine(models.Model):
    """A connection of the platform's own room, as it stands: what a beat reads and writes in place of all that ever arrived. The
    evidence stays what arrived (`PresenceDelivery`); this can be made anew from it."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="room_lines")
    seat = models.ForeignKey(
        Seat,
        null=True,
        on_delete=models.PROTECT,
        related_name="room_lines",
        help_text="Empty: the company's.",
    )
    sid = models.CharField(max_length=64, unique=True)
    identity = models.CharField(max_length=64)
    seen_at = models.DateTimeField(help_text="Its last beat.")
    left_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(name="room_line_open", fields=["session", "seen_at"], condition=Q(left_at=None))
        ]

    def __str__(self) -> str:
        return self.sid


class RoomToReckon(models.Model):
    """A doorbell as a row: this room has news that has not been folded yet."""

    room = models.CharField(max_length=64, unique=True)
    due_at = models.DateTimeField(db_index=True)
    rings = models.PositiveIntegerField(default=0, db_default=0, help_text="How often it rang since it came.")
    tries = models.PositiveSmallIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="The first of these tries.")

    class Meta:
        verbose_name_plural = "rooms to reckon"

    def __str__(self) -> str:
        return self.room


class VideoRoom(models.Model):
    """What the house has to do about a session's room at LiveKit: look who is in it, and once it is over, close it.

    A doorbell as a row; it is gone when the room is closed for good.
    """

    LONGEST_FAILURE = 100
    MOST_TRIES = 1_000
    FAILS_FROM_TRIES = 3

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="video_room")
    due_at = models.DateTimeField(db_index=True)
    polled_at = models.DateTimeField(null=True, blank=True, help_text="When LiveKit last said who is in it.")
    closing_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when it is to be closed: nobody may be in it any more."
    )
    tries = models.PositiveSmallIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(
        max_length=LONGEST_FAILURE, blank=True, help_text="What LiveKit last answered in place of an answer."
    )

    class Meta:
        constraints = [
            CheckConstraint(
                name="failing_video_room_says_since_when",
                condition=Q(tries=0, failing_since=None, failure="")
                | (Q(tries__gt=0, failing_since__isnull=False) & ~Q(failure="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.session)
