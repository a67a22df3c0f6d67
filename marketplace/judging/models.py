from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.gigs.models import Gig

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LOWEST, HIGHEST = 1, 5
MOST_WEIGHT = 5
LONGEST_CRITERION, LONGEST_ANCHOR, LONGEST_VERDICT_NOTE, LONGEST_TAG = 60, 200, 1_000, 30


class Criterion(models.Model):
    """One line of a gig's rubric: what is looked for, how much it weighs, and what the ends and the middle of the scale mean."""

    gig = models.ForeignKey(Gig, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=LONGEST_CRITERION)
    weight = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_WEIGHT)]
    )
    anchor_low = models.CharField(max_length=LONGEST_ANCHOR, help_text="What a 1 looks like.")
    anchor_middle = models.CharField(max_length=LONGEST_ANCHOR, help_text="What a 3 looks like.")
    anchor_high = models.CharField(max_length=LONGEST_ANCHOR, help_text="What a 5 looks like.")

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(name="one_criterion_per_position", fields=["gig", "position"]),
            CheckConstraint(
                name="criterion_weighs_something", condition=Q(weight__gte=1, weight__lte=MOST_WEIGHT)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gig} criterion {self.position}"


class Judge(models.Model):
    """A member of the company who reviews a gig's applicants by its rubric."""

    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="judges")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(name="one_place_per_judge", fields=["gig", "user"])]

    def __str__(self) -> str:
        return f"{self.gig} judge {self.pk}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def visible_to(self, actor: Actor) -> VerdictQuerySet:
        """One's company's. Whose one may read yet, `queries.verdicts_for` says; no performer reads any."""
        return self if actor.is_system else self.filter(application__gig__company_id__in=actor.company_ids)


class Verdict(models.Model):
    """What one judge gave one applicant: a score for each criterion, as it was given, and never changed."""

    public_id = TypedIdField(prefix="ver")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="verdicts")
    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="verdicts")
    scores = models.JSONField(help_text="By the criterion's position, 1 to 5.")
    note = models.TextField(max_length=LONGEST_VERDICT_NOTE, blank=True)
    given_at = models.DateTimeField()

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [UniqueConstraint(name="one_verdict_per_judge", fields=["application", "judge"])]

    def __str__(self) -> str:
        return self.public_id


class Ruling(models.Model):
    """A producer's word where the judges are far apart: a score for each criterion that counts from then on, with the reason."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="ruling")
    scores = models.JSONField(help_text="By the criterion's position, 1 to 5.")
    reason = models.TextField(max_length=LONGEST_VERDICT_NOTE)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application} ruling"


class Benchmark(models.Model):
    """An applicant by whom judges find one scale: a producer's own scores and why, which a judge reads once theirs are in."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="benchmark")
    scores = models.JSONField(help_text="By the criterion's position, 1 to 5.")
    reason = models.TextField(max_length=LONGEST_VERDICT_NOTE)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application} benchmark"


class Tag(models.Model):
    """A company's own word on an applicant, by which it finds them again; the performer never reads it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="tags")
    text = models.CharField(max_length=LONGEST_TAG)
    put_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(name="one_tag_of_a_text", fields=["application", "text"])]

    def __str__(self) -> str:
        return f"{self.application} {self.text}"
