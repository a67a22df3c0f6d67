from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from marketplace.gigs.models import Prompt
from marketplace.sessions.models import Seat, Session

LONGEST_NOTE = 300


class CardUp(models.Model):
    """A card of the deck in front of everybody, or of one performer alone, and from when to when: half-open."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="cards")
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    seat = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT, related_name="cards")
    up_at = models.DateTimeField()
    down_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_card_up_for_each",
                fields=["session", "seat"],
                condition=Q(down_at__isnull=True),
                nulls_distinct=False,
            ),
            CheckConstraint(
                name="card_is_up_for_a_while", condition=Q(down_at__isnull=True) | Q(down_at__gt=F("up_at"))
            ),
        ]
        indexes = [models.Index(name="card_of_session", fields=["session", "id"])]

    def __str__(self) -> str:
        return f"{self.prompt} in {self.session}"


class Take(models.Model):
    """One playing of a scene, from slate to cut: half-open. A retake is the same scene's next number."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="takes")
    scene = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    prompt = models.ForeignKey(Prompt, null=True, on_delete=models.PROTECT, related_name="+")
    slated_at = models.DateTimeField()
    cut_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            UniqueConstraint(name="one_take_of_a_number", fields=["session", "scene", "number"]),
            UniqueConstraint(name="one_take_at_a_time", fields=["session"], condition=Q(cut_at__isnull=True)),
            CheckConstraint(
                name="take_is_cut_after_its_slate",
                condition=Q(cut_at__isnull=True) | Q(cut_at__gt=F("slated_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} scene {self.scene} take {self.number}"


class SceneNote(models.Model):
    """A word of the company's about a moment of the session. Never about a performer's standing, and never a mark."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="notes")
    said_at = models.DateTimeField()
    text = models.CharField(max_length=LONGEST_NOTE)
    by = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(name="note_of_session", fields=["session", "id"])]

    def __str__(self) -> str:
        return f"{self.session} {self.said_at}"
