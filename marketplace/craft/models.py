from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q, UniqueConstraint

from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.craft.states import TAPE
from marketplace.media.models import SentFile

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class TapeQuerySet(models.QuerySet["Tape"]):
    def visible_to(self, actor: Actor) -> TapeQuerySet:
        """One's own; a self-tape, the company of its gig too. Who may play it now, `playing` says."""
        if actor.is_system:
            return self
        seen = Q(application__gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Tape(SentFile):
    """What a performer sends to be judged by: a self-tape for one application, or, with none, their reel."""

    TRANSITIONS = TAPE
    FOLDER = "tapes"

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
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="tapes"
    )
    why_gone = models.CharField(max_length=12, choices=Why, blank=True)

    objects = TapeQuerySet.as_manager()

    class Meta:
        constraints = [
            *SentFile.Meta.constraints,
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
        ]
        indexes = [
            *SentFile.Meta.indexes,
            models.Index(name="tape_of_application", fields=["application", "state"]),
        ]
