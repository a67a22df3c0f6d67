from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.craft.states import TAPE, TapeState

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_KEY, LONGEST_REFUSAL = 32, 200


class TapeQuerySet(models.QuerySet["Tape"]):
    def visible_to(self, actor: Actor) -> TapeQuerySet:
        """One's own; a self-tape, the company of its gig too. Who may play it now, `playing` says."""
        if actor.is_system:
            return self
        seen = Q(application__gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Tape(models.Model):
    """What a performer sends to be judged by: a self-tape for one application, or, with none, their reel.

    The row stays when its file is deleted, and says when and why.
    """

    TRANSITIONS = TAPE

    class Why(models.TextChoices):
        """Why it was deleted."""

        REPLACED = "replaced", "Another one took its place"
        LATE = "late", "They looked at the one before it"
        TAKEN_BACK = "taken_back", "The performer took it back"
        WITHDRAWN = "withdrawn", "The application was taken back"
        CASTING_OVER = "casting_over", "The casting is over"
        NEVER_WHOLE = "never_whole", "It never came whole"
        ERASED = "erased", "The performer asked to be forgotten"

    public_id = TypedIdField(prefix="tpe")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="tapes")
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="tapes"
    )
    key = models.CharField(
        max_length=LONGEST_KEY, help_text="The page's own name for it: opened twice is once."
    )
    state = models.CharField(max_length=10, choices=TapeState, default=TapeState.ARRIVING)
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
    why_gone = models.CharField(max_length=12, choices=Why, blank=True)
    removed_at = models.DateTimeField(
        null=True, help_text="When its files were off the disk: a moment after it was deleted."
    )

    objects = TapeQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_tape_of_a_key", fields=["performer", "key"]),
            UniqueConstraint(
                name="one_ready_tape_per_application",
                fields=["application"],
                condition=Q(state="ready", application__isnull=False),
            ),
            UniqueConstraint(
                name="one_ready_reel_per_performer",
                fields=["performer"],
                condition=Q(state="ready", application__isnull=True),
            ),
            CheckConstraint(
                name="tape_is_no_longer_than_told",
                condition=Q(length__isnull=True) | Q(size__lte=F("length")),
            ),
            CheckConstraint(
                name="ready_tape_has_what_was_found",
                condition=~Q(state="ready")
                | (Q(duration_ms__isnull=False, checked_at__isnull=False) & ~Q(form="") & ~Q(sha256="")),
            ),
            CheckConstraint(name="refused_tape_says_why", condition=~Q(state="refused") | ~Q(refusal="")),
            CheckConstraint(
                name="gone_tape_says_when_and_why",
                condition=Q(state="gone", gone_at__isnull=False) & ~Q(why_gone="")
                | ~Q(state="gone") & Q(gone_at=None, removed_at=None, why_gone=""),
            ),
        ]
        indexes = [
            models.Index(name="tape_to_check", fields=["check_due_at"], condition=Q(state="arrived")),
            models.Index(name="tape_to_wait_for", fields=["expires_at"], condition=Q(state="arriving")),
            models.Index(
                name="tape_to_remove", fields=["gone_at"], condition=Q(state="gone", removed_at=None)
            ),
            models.Index(name="tape_of_application", fields=["application", "state"]),
        ]

    def __str__(self) -> str:
        return self.public_id
