from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Now

from accounts.access.standings import MAY_BE_PAID, PERFORMER, Standing
from accounts.identity.names import LONGEST_ABOUT, LONGEST_NAME
from accounts.identity.residence import LONGEST_REGION, Where
from kit.ids import TypedIdField

LONGEST_CREDITS = 3_000
# Nobody here plays a child: recordings of who seems to be one are not sold.
YOUNGEST_PLAYED, OLDEST_PLAYED = 18, 100

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class PerformerQuerySet(models.QuerySet["Performer"]):
    def visible_to(self, actor: Actor) -> PerformerQuerySet:
        """Oneself; staff see everyone. Companies see a performer through an application or an engagement, not here."""
        if actor.is_staff or actor.is_system:
            return self
        return self.filter(user_id=actor.user_id) if actor.user_id else self.none()


class Performer(models.Model):
    """Someone who performs for pay. What Stripe needs to know of them is kept by Stripe, not here."""

    TRANSITIONS = PERFORMER

    public_id = TypedIdField(prefix="prf")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="performer")
    state = models.CharField(max_length=10, choices=Standing, default=Standing.SIGNED_UP)
    stage_name = models.CharField(max_length=LONGEST_NAME)
    about = models.TextField(max_length=LONGEST_ABOUT, blank=True)
    country = models.CharField(max_length=2, default="US")
    region = models.CharField(
        max_length=LONGEST_REGION,
        blank=True,
        help_text="In the United States the state they live in, ISO 3166-2.",
    )
    skills = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    accents = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    plays_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The youngest age that they play, in years."
    )
    plays_to = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The oldest age that they play, in years; it belongs to the range."
    )
    credits = models.TextField(max_length=LONGEST_CREDITS, blank=True, help_text="What they played, where.")
    payouts_enabled_at = models.DateTimeField(
        null=True, blank=True, help_text="Written by payments when Stripe says so."
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = PerformerQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["skills"], name="performer_skills")]
        constraints = [
            CheckConstraint(
                name="ages_as_performed_are_a_range",
                condition=Q(plays_from=None, plays_to=None)
                | Q(
                    plays_from__gte=YOUNGEST_PLAYED,
                    plays_to__lte=OLDEST_PLAYED,
                    plays_to__gte=F("plays_from"),
                ),
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def where(self) -> Where:
        """Where they live now; what was signed keeps where they lived then."""
        return Where(self.country, self.region)

    @property
    def may_be_paid(self) -> bool:
        return self.state in MAY_BE_PAID


class Photo(models.Model):
    """One picture of a performer, as the house made it anew: what was sent is not kept, nor what its file said beside it."""

    public_id = TypedIdField(prefix="pho")
    performer = models.OneToOneField(Performer, on_delete=models.PROTECT, related_name="photo")
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    put_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id


class IdentityProof(models.Model):
    """What the identity partner vouched for. No date of birth, no number of a document: those stay with the partner."""

    class Outcome(models.TextChoices):
        PROVEN = "proven", "Identity and age are proven"
        UNDER_AGE = "under_age", "Younger than 18"

    performer = models.OneToOneField(Performer, on_delete=models.PROTECT, related_name="identity_proof")
    reference = models.CharField(max_length=80, help_text="The partner's id of the check.")
    outcome = models.CharField(max_length=10, choices=Outcome)
    fingerprint = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text="A keyed hash over name and birthday: equal ones may be one person. Empty for the under-age.",
    )
    proven_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="proven_identity_has_a_fingerprint",
                condition=models.Q(outcome="proven") ^ models.Q(fingerprint=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.performer} {self.outcome}"
