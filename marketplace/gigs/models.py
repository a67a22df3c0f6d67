from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Now

from accounts.companies.models import Company
from accounts.identity.zones import LONGEST_ZONE
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.gigs import limits
from marketplace.gigs.states import GIG, GigState

if TYPE_CHECKING:
    from accounts.access.actors import Actor

HOUSE_ZONE = "America/New_York"
# What a recording may be used for, each asked for by itself. Default deny: what is not asked for is not granted.
PURPOSES: dict[str, str] = {
    "evaluation": "Evaluate a model",
    "foundation_training": "Train a foundation model",
    "fine_tuning": "Fine-tune a model",
    "synthesis": "Make synthetic data in which nobody can be recognised",
    "voice_replica": "Make a replica of your voice",
    "likeness_replica": "Make a replica of your face or body",
    "biometric_template": "Make a biometric template",
    "avatar": "Drive a real-time avatar",
    "public_display": "Show it in public",
    "sublicensing": "Pass it on to others",
}
NO_PURPOSES = (
    "No use of the recordings is asked for, so they can be used for nothing, not even to evaluate a model. "
    "A later wish needs each performer's new signature."
)
REPLICAS = frozenset({"voice_replica", "likeness_replica", "biometric_template", "avatar"})


class GigQuerySet(models.QuerySet["Gig"]):
    def on_the_board(self) -> GigQuerySet:
        return self.filter(state=GigState.PUBLISHED)

    def visible_to(self, actor: Actor) -> GigQuerySet:
        """What is on the board, for everyone; one's own company's in every state; for performers also where they applied."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(state=GigState.PUBLISHED) | Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(pk__in=Gig.objects.filter(applications__performer_id=actor.performer_id).values("pk"))
        return self.filter(seen)


class Gig(models.Model):
    """An offer of work: unscripted sessions on light prompts, at a rate that is shown and never falls."""

    TRANSITIONS = GIG

    public_id = TypedIdField(prefix="gig")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="gigs")
    state = models.CharField(max_length=12, choices=GigState, default=GigState.DRAFT)
    title = models.CharField(max_length=limits.LONGEST_TITLE)
    scene = models.CharField(max_length=limits.LONGEST_SCENE, help_text="The scene in one line.")
    brief = models.TextField(max_length=limits.LONGEST_BRIEF)
    content_notes = models.TextField(
        max_length=limits.LONGEST_CONTENT_NOTES,
        blank=True,
        help_text="What a performer should know before saying yes.",
    )
    rate_minor = models.PositiveIntegerField(help_text="Pay per hour, in minor units.")
    currency = models.CharField(max_length=3, default="usd")
    fee_bps = models.PositiveIntegerField(
        help_text="The platform's fee on top of pay, frozen when the gig is posted."
    )
    seats = models.PositiveSmallIntegerField(default=2, help_text="Performers in one session.")
    openings = models.PositiveSmallIntegerField(default=10, help_text="Performers sought.")
    session_s = models.PositiveIntegerField(default=5400, help_text="Length of one session, in seconds.")
    sessions_planned = models.PositiveSmallIntegerField(default=10)
    skills = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    time_zone = models.CharField(max_length=LONGEST_ZONE, default=HOUSE_ZONE)
    starts_on = models.DateField()
    ends_on = models.DateField()
    answer_days = models.PositiveSmallIntegerField(
        default=7, help_text="Every application is answered within so many days."
    )
    purposes = ArrayField(
        models.CharField(max_length=30), default=list, help_text="What the recordings may be used for."
    )
    exclusive = models.BooleanField(default=False)
    finds_stand_ins = models.BooleanField(
        default=False,
        help_text="Where a performer does not come in time, the house offers the place at once by itself.",
    )
    self_directed = models.BooleanField(
        default=False,
        help_text="The one performer of a session directs it alone: nobody of the company need be in the room. It stays as "
        "published: a trigger holds it.",
    )
    audition = models.TextField(
        max_length=limits.LONGEST_AUDITION,
        blank=True,
        help_text="What a self-tape shall show; empty: nobody is asked for one.",
    )
    policy = models.JSONField(help_text="The time policy; frozen on each booking.")
    funded_minor = models.BigIntegerField(
        default=0, help_text="Money set aside for this gig; written by payments."
    )
    committed_minor = models.BigIntegerField(
        default=0,
        help_text="The most that the booked sessions can cost, fees included. It never grows beyond what is set aside; a refund or "
        "a dispute may leave less than was promised (a trigger holds it, migration 0045).",
    )
    review_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when talent operations are asked to look at it."
    )
    review_note = models.TextField(
        max_length=limits.LONGEST_REVIEW_NOTE, blank=True, help_text="Why it was last sent back."
    )
    published_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when it is on the board without a break; while it is not, since when it was.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("scene", weight="B", config="english")
        + SearchVector("brief", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = GigQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="gig_rate_is_positive", condition=Q(rate_minor__gt=0)),
            CheckConstraint(
                name="gig_has_one_to_four_seats", condition=Q(seats__gte=1, seats__lte=limits.MOST_SEATS)
            ),
            CheckConstraint(
                name="who_directs_themself_plays_alone", condition=Q(self_directed=False) | Q(seats=1)
            ),
            CheckConstraint(
                name="gig_session_has_length",
                condition=Q(
                    session_s__gte=limits.SHORTEST_SESSION_S, session_s__lte=limits.LONGEST_SESSION_S
                ),
            ),
            CheckConstraint(name="gig_ends_after_it_starts", condition=Q(ends_on__gte=F("starts_on"))),
            CheckConstraint(
                name="gig_money_is_not_negative",
                condition=Q(funded_minor__gte=0, committed_minor__gte=0),
            ),
            CheckConstraint(
                name="gig_in_review_has_a_date",
                condition=Q(state="in_review") ^ Q(review_asked_at__isnull=True),
            ),
            CheckConstraint(
                name="published_gig_has_timestamp",
                condition=Q(published_at__isnull=False) | Q(state__in=["draft", "in_review", "cancelled"]),
            ),
            CheckConstraint(
                name="gig_is_listed_once_it_is_published",
                condition=Q(published_at__isnull=True) | Q(listed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="gig_board", fields=["-published_at", "-id"], condition=Q(state="published")),
            models.Index(name="gig_listed", fields=["listed_at"], condition=Q(state="published")),
            models.Index(name="gig_by_rate", fields=["-rate_minor", "-id"], condition=Q(state="published")),
            models.Index(
                name="gig_in_review", fields=["review_asked_at", "id"], condition=Q(state="in_review")
            ),
            models.Index(name="gig_of_company", fields=["company", "-id"]),
            GinIndex(name="gig_search", fields=["search"]),
            GinIndex(name="gig_skills", fields=["skills"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def free_minor(self) -> int:
        """What of its budget is committed to nothing; below zero where a refund or a dispute left less than was promised."""
        return self.funded_minor - self.committed_minor

    @property
    def review_due_at(self) -> datetime | None:
        """By when talent operations answer it; None unless it is in review."""
        return self.review_asked_at + settings.GIG_REVIEW if self.review_asked_at else None

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What a company should read twice before it publishes; none of it is an error."""
        return [] if self.purposes else [{"code": "no_purposes", "detail": NO_PURPOSES}]

    @property
    def asks_for_replica(self) -> bool:
        return bool(REPLICAS & set(self.purposes))


class CompanyPace(models.Model):
    """How soon a company answers and pays, reckoned once a day over what it did lately; the board reads it."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="pace")
    answer_s = models.PositiveIntegerField(null=True, help_text="The median; null where it answered too few.")
    pay_s = models.PositiveIntegerField(null=True, help_text="The median; null where it paid too few.")
    reckoned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.company} pace"

    @property
    def answers_in_days(self) -> int | None:
        """Begun days, so that nothing is promised that is not kept."""
        return _days(self.answer_s)

    @property
    def pays_in_days(self) -> int | None:
        return _days(self.pay_s)


def _days(length_s: int | None) -> int | None:
    return None if length_s is None else max(1, -(-length_s // 86_400))


class SavedSearch(models.Model):
    """What a performer looks for on the board, by a name: its new gigs come by mail, once a day, in their morning.

    A gig is told in the mail that covers the moment at which it came onto the board, (told_to, the next told_to], also when it
    comes back from a pause; `ToldGig` keeps who has had it, so that nobody has it twice.
    """

    public_id = TypedIdField(prefix="sav")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="saved_searches")
    name = models.CharField(max_length=limits.LONGEST_SEARCH_NAME)
    looks_for = models.JSONField(help_text="The parts of the search that are set.")
    created_at = models.DateTimeField()
    told_to = models.DateTimeField(help_text="What was published by then was told, or was there before.")
    due_at = models.DateTimeField(help_text="When it is looked at next: a morning where the performer is.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often its mail has failed in a row.")

    class Meta:
        verbose_name_plural = "saved searches"
        constraints = [models.UniqueConstraint(name="one_saved_search_a_name", fields=["performer", "name"])]
        indexes = [models.Index(name="saved_search_due", fields=["due_at", "id"])]

    def __str__(self) -> str:
        return self.public_id


class ToldGig(models.Model):
    """A gig that one of a performer's searches has mailed to them. Forgotten once the gig is over."""

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="+")
    gig = models.ForeignKey(Gig, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_gig_is_told_once", fields=["performer", "gig"])]

    def __str__(self) -> str:
        return f"{self.gig} told to {self.performer}"


class ScreeningQuestion(models.Model):
    """What the company asks each applicant."""

    class Kind(models.TextChoices):
        TEXT = "text", "A few lines"
        YES_NO = "yes_no", "Yes or no"

    gig = models.ForeignKey(Gig, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=limits.LONGEST_QUESTION)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="one_question_per_position", fields=["gig", "position"])]

    def __str__(self) -> str:
        return f"{self.gig} question {self.position}"


class Prompt(models.Model):
    """A light prompt for the room, a card of the gig's deck: a nudge, never a script."""

    gig = models.ForeignKey(Gig, on_delete=models.CASCADE, related_name="prompts")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=limits.LONGEST_PROMPT)
    content_note = models.CharField(
        max_length=limits.LONGEST_CONTENT_NOTE,
        blank=True,
        help_text="What it may touch: grief, raised voices.",
    )
    for_one = models.BooleanField(default=False, help_text="A secret objective: seen by one performer alone.")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="one_prompt_per_position", fields=["gig", "position"])]

    def __str__(self) -> str:
        return f"{self.gig} prompt {self.position}"
