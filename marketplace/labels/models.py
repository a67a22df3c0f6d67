from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from kit.ids import TypedIdField
from marketplace.gigs.models import Gig
from marketplace.labels.words import HIGHEST, LOWEST
from marketplace.media.models import Segment

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access.actors import Actor

LONGEST_WORD = 20
FEWEST_WANTED, MOST_WANTED = 2, 5
SHORTEST_PIECE_S, LONGEST_PIECE_S = 5, 300


class Labelling(models.Model):
    """How a gig's recordings are labelled: by which words, in pieces of which length, by how many annotators each."""

    gig = models.OneToOneField(Gig, on_delete=models.PROTECT, related_name="labelling")
    emotions = ArrayField(models.CharField(max_length=LONGEST_WORD), help_text="Out of the house's list.")
    wanted = models.PositiveSmallIntegerField(help_text="How many annotators label each piece.")
    piece_s = models.PositiveSmallIntegerField(help_text="How long a piece is, in seconds.")
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            CheckConstraint(
                name="labelling_wants_two_or_more",
                condition=Q(wanted__gte=FEWEST_WANTED, wanted__lte=MOST_WANTED),
            ),
            CheckConstraint(
                name="labelling_has_pieces",
                condition=Q(piece_s__gte=SHORTEST_PIECE_S, piece_s__lte=LONGEST_PIECE_S),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gig} labelling"


class Annotator(models.Model):
    """A member of the company who labels a gig's recordings. In the set they are this id, and no person."""

    public_id = TypedIdField(prefix="ann")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="annotators")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(name="one_place_per_annotator", fields=["gig", "user"])]

    def __str__(self) -> str:
        return self.public_id


class Sense(models.TextChoices):
    """Who says it decides what it says."""

    FELT = "felt", "Felt: what was so in me"
    PLAYED = "played", "Played: what I showed"
    SEEN = "seen", "Seen and heard by an annotator"


OWN = (Sense.FELT, Sense.PLAYED)
STANDS = Q(replaced_at=None, withdrawn_at=None)


class LabelQuerySet(models.QuerySet["Label"]):
    def visible_to(self, actor: Actor) -> LabelQuerySet:
        """One's company's, and those of one's own seats. Which an annotator may read yet, `queries.labels_for` says."""
        if actor.is_system:
            return self
        seen = Q(gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(segment__seat__performer_id=actor.performer_id)
        return self.filter(seen)

    def standing(self) -> LabelQuerySet:
        """Neither replaced nor withdrawn."""
        return self.filter(STANDS)


class Label(models.Model):
    """What one person says of one range of one seat's recording. As it was given: a trigger lets nobody change it; a correction
    is the next version beside it."""

    public_id = TypedIdField(prefix="lab")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="labels")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="labels")
    annotator = models.ForeignKey(
        Annotator,
        null=True,
        on_delete=models.PROTECT,
        related_name="labels",
        help_text="Who gave it; null where the performer of the seat did.",
    )
    sense = models.CharField(max_length=6, choices=Sense)
    starts_ms = models.IntegerField(help_text="On the clock of the recording, as the segment's offset.")
    ends_ms = models.IntegerField(help_text="The same; it does not belong to the range.")
    emotion = models.CharField(max_length=LONGEST_WORD)
    intensity = models.PositiveSmallIntegerField()
    first = models.CharField(max_length=40, help_text="The id of its first version.")
    version = models.PositiveSmallIntegerField(default=1)
    given_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = LabelQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_label_of_a_version", fields=["first", "version"]),
            UniqueConstraint(name="one_standing_version_of_a_label", fields=["first"], condition=STANDS),
            UniqueConstraint(
                name="labelled_once_by_each",
                fields=["segment", "annotator", "sense", "starts_ms", "ends_ms"],
                condition=STANDS,
                nulls_distinct=False,
            ),
            CheckConstraint(name="label_lasts", condition=Q(ends_ms__gt=F("starts_ms"))),
            CheckConstraint(
                name="label_is_as_strong_as_it_gets",
                condition=Q(intensity__gte=LOWEST, intensity__lte=HIGHEST),
            ),
            CheckConstraint(
                name="an_annotator_sees_and_a_performer_feels",
                condition=Q(sense=Sense.SEEN) ^ Q(annotator__isnull=True),
            ),
            CheckConstraint(name="label_ends_once", condition=Q(replaced_at=None) | Q(withdrawn_at=None)),
        ]
        indexes = [models.Index(name="label_of_a_gig", fields=["gig", "segment"], condition=STANDS)]

    @property
    def ended_at(self) -> datetime | None:
        """When it stood no more: corrected, or taken back."""
        return self.replaced_at or self.withdrawn_at

    def __str__(self) -> str:
        return self.public_id


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def visible_to(self, actor: Actor) -> TranscriptQuerySet:
        """The company's, and of one's own words."""
        if actor.is_system:
            return self
        seen = Q(segment__recording__session__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(segment__seat__performer_id=actor.performer_id)
        return self.filter(seen)


class Transcript(models.Model):
    """The words of one seat's recording as the company wrote them down: WebVTT. Never made by the house."""

    public_id = TypedIdField(prefix="trs")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="transcripts")
    text = models.TextField(help_text="WebVTT, as it was checked.")
    sha256 = models.CharField(max_length=64)
    cues = models.PositiveIntegerField()
    put_at = models.DateTimeField()
    put_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True, help_text="When another took its place, or it was removed.")

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_transcript_of_a_recording", fields=["segment"], condition=Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.public_id
