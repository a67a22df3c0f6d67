from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.media.states import SEGMENT, SegmentState, SentState
from marketplace.sessions.models import Seat, Session

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_MIME, LONGEST_KEY, LONGEST_REFUSAL = 100, 32, 200


class Recording(models.Model):
    """From a press of the company's to the next: while it runs, each seat's own device records itself. Half-open."""

    class Why(models.TextChoices):
        PRESSED = "pressed", "The company stopped it"
        WITHDRAWN = "withdrawn", "A performer has no active grant for it any more"
        OVER = "over", "The session was over"

    public_id = TypedIdField(prefix="rec")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="recordings")
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=64)
    stopped_at = models.DateTimeField(null=True)
    why_stopped = models.CharField(max_length=10, choices=Why, blank=True)
    consent_looked_at = models.DateTimeField(
        null=True, help_text="When it was looked whether everyone had granted it when it began."
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_recording_at_a_time", fields=["session"], condition=Q(stopped_at__isnull=True)
            ),
            CheckConstraint(
                name="recording_stops_after_it_started",
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gt=F("started_at")),
            ),
            CheckConstraint(
                name="stopped_recording_says_why", condition=Q(why_stopped="") ^ Q(stopped_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class WhyDeleted(models.TextChoices):
    WITHDRAWN = "withdrawn", "What was granted was withdrawn"
    FORGOTTEN = "forgotten", "Its performer asked to be forgotten"
    NEVER_WHOLE = "never_whole", "Not everyone had granted the recording when it began"


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, actor: Actor) -> SegmentQuerySet:
        """That there are such: for the company, staff, and whose they are. Who may see the pictures, `playing` says."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(recording__session__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(seat__performer_id=actor.performer_id)
        return self.filter(seen)


class Segment(models.Model):
    """What one device of one seat recorded without a break: a file, as it comes and as it was checked."""

    TRANSITIONS = SEGMENT

    public_id = TypedIdField(prefix="seg")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="segments")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="segments")
    key = models.CharField(
        max_length=LONGEST_KEY, help_text="The page's own name for it: opened twice is once."
    )
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SegmentState, default=SegmentState.OPENED)
    mime = models.CharField(max_length=LONGEST_MIME)
    device_started_ms = models.BigIntegerField(help_text="When it began, by the device's own clock.")
    length = models.BigIntegerField(null=True, help_text="In bytes; unknown until the device has stopped.")
    size = models.BigIntegerField(default=0, help_text="In bytes, of what is on the house's disk.")
    opened_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text="When something of it came last.")
    expires_at = models.DateTimeField(help_text="Until when more of it is waited for.")
    arrived_at = models.DateTimeField(null=True)
    is_cut = models.BooleanField(default=False, help_text="Its end never came: it is what there is of it.")
    check_due_at = models.DateTimeField(
        null=True, help_text="When it is checked, or whoever checks it is given up."
    )
    checks = models.PositiveSmallIntegerField(default=0, help_text="How often somebody began to check it.")
    checked_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=LONGEST_REFUSAL, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of what arrived, byte for byte.")
    playable_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the same, made to be played.")
    playable_size = models.BigIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(null=True)
    offset_ms = models.IntegerField(
        null=True, help_text="When it begins in its recording, by the house's clock."
    )
    tracks = models.JSONField(default=list)
    quarantined_at = models.DateTimeField(
        null=True,
        help_text="Since when nothing is granted for it: nothing of it plays, and then it is deleted.",
    )
    deleting_since = models.DateTimeField(
        null=True, help_text="Since when it is being deleted, whatever is granted from then on."
    )
    why_deleted = models.CharField(max_length=12, choices=WhyDeleted, blank=True)
    gone_at = models.DateTimeField(null=True, help_text="When its bytes were gone.")

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_segment_of_a_key", fields=["recording", "seat", "key"]),
            UniqueConstraint(name="one_segment_of_a_number", fields=["recording", "seat", "number"]),
            CheckConstraint(
                name="segment_is_no_longer_than_told",
                condition=Q(length__isnull=True) | Q(size__lte=F("length")),
            ),
            CheckConstraint(
                name="arrived_segment_has_timestamp",
                condition=Q(state__in=["opened", "arriving", "lost"]) ^ Q(arrived_at__isnull=False),
            ),
            CheckConstraint(
                name="checked_segment_has_what_was_found",
                condition=~Q(state="checked")
                | (
                    Q(duration_ms__isnull=False, offset_ms__isnull=False, checked_at__isnull=False)
                    & ~Q(sha256="")
                    & ~Q(playable_sha256="")
                ),
            ),
            CheckConstraint(
                name="deleted_segment_says_why_and_since_when",
                condition=Q(deleting_since=None, why_deleted="", gone_at=None)
                | (Q(deleting_since__isnull=False) & ~Q(why_deleted="")),
            ),
            CheckConstraint(name="refused_segment_says_why", condition=Q(state="refused") ^ Q(refusal="")),
        ]
        indexes = [
            models.Index(name="segment_to_check", fields=["check_due_at"], condition=Q(state="arrived")),
            models.Index(
                name="segment_to_delete",
                fields=["deleting_since"],
                condition=Q(deleting_since__isnull=False, gone_at=None),
            ),
            models.Index(
                name="segment_in_quarantine",
                fields=["quarantined_at"],
                condition=Q(quarantined_at__isnull=False, deleting_since=None),
            ),
            models.Index(
                name="segment_to_wait_for",
                fields=["expires_at"],
                condition=Q(state__in=["opened", "arriving"]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class ClockReading(models.Model):
    """How far the house's clock was ahead of a device's, measured by asking: true to half of the round trip."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="readings")
    device_ms = models.BigIntegerField(help_text="When it was read, by the device's clock.")
    ahead_ms = models.BigIntegerField()
    round_trip_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [UniqueConstraint(name="one_reading_of_a_moment", fields=["segment", "device_ms"])]

    def __str__(self) -> str:
        return f"{self.segment} {self.ahead_ms} ms"


class SentFile(models.Model):
    """A recording that a performer sends as a file, whatever for; each room adds what it is for, and why it is deleted.

    The row stays when its file is deleted, and says when and why.
    """

    TRANSITIONS: Any  # each room's own, by its noun
    FOLDER: ClassVar[str]  # of the house's own, where its files lie
    public_id: Any  # each room's own, by its prefix

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="%(class)ss")
    key = models.CharField(
        max_length=LONGEST_KEY, help_text="The page's own name for it: opened twice is once."
    )
    state = models.CharField(max_length=10, choices=SentState, default=SentState.ARRIVING)
    form = models.CharField(
        max_length=4,
        blank=True,
        help_text="`mp4` or `webm`, as its bytes say; what it was called counts for nothing.",
    )
    length = models.BigIntegerField(null=True, help_text="In bytes; unknown while a device records.")
    size = models.BigIntegerField(default=0, help_text="In bytes, of what is on the house's disk.")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="Until when more of it is waited for.")
    arrived_at = models.DateTimeField(null=True)
    check_due_at = models.DateTimeField(
        null=True, help_text="When it is looked at, or whoever looks at it is given up."
    )
    checks = models.PositiveSmallIntegerField(default=0, help_text="How often somebody began to look at it.")
    checked_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=LONGEST_REFUSAL, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of what arrived, byte for byte.")
    playable_size = models.BigIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(null=True)
    tracks = models.JSONField(default=list)
    gone_at = models.DateTimeField(null=True)
    why_gone = models.CharField(max_length=12, blank=True)
    removed_at = models.DateTimeField(
        null=True, help_text="When its files were off the disk: a moment after it was deleted."
    )

    class Meta:
        abstract = True
        constraints = [
            UniqueConstraint(name="one_%(class)s_of_a_key", fields=["performer", "key"]),
            CheckConstraint(
                name="%(class)s_is_no_longer_than_told",
                condition=Q(length__isnull=True) | Q(size__lte=F("length")),
            ),
            CheckConstraint(
                name="ready_%(class)s_has_what_was_found",
                condition=~Q(state="ready")
                | (Q(duration_ms__isnull=False, checked_at__isnull=False) & ~Q(form="") & ~Q(sha256="")),
            ),
            CheckConstraint(
                name="refused_%(class)s_says_why", condition=~Q(state="refused") | ~Q(refusal="")
            ),
            CheckConstraint(
                name="gone_%(class)s_says_when_and_why",
                condition=Q(state="gone", gone_at__isnull=False) & ~Q(why_gone="")
                | ~Q(state="gone") & Q(gone_at=None, removed_at=None, why_gone=""),
            ),
        ]
        indexes = [
            models.Index(name="%(class)s_to_check", fields=["check_due_at"], condition=Q(state="arrived")),
            models.Index(name="%(class)s_to_wait_for", fields=["expires_at"], condition=Q(state="arriving")),
            models.Index(
                name="%(class)s_to_remove", fields=["gone_at"], condition=Q(state="gone", removed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
