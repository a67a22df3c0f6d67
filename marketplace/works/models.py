from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from kit.money import Money
from kit.text import LONGEST_REASON
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.media.models import SentFile
from marketplace.works.states import COMMISSION, OPEN, VERSION, CommissionState, Refusal

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_TITLE, LONGEST_BRIEF, LONGEST_RULE, LONGEST_NOTE = 80, 4_000, 200, 2_000
MOST_RULES, MOST_REVISIONS = 12, 5


class CommissionQuerySet(models.QuerySet["Commission"]):
    def visible_to(self, actor: Actor) -> CommissionQuerySet:
        """One's own, one's company's; talent operations see all, as they answer appeals."""
        if actor.is_talent or actor.is_system:
            return self
        seen = Q(engagement__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(engagement__performer_id=actor.performer_id)
        return self.filter(seen)


class Commission(models.Model):
    """One piece that a company asks of one performer under their engagement: a brief, the rules by which it is accepted, a price.

    `committed_minor` of the gig's budget are kept for it from the first moment on; when nothing can be owed for it any more it
    is 0, and a refusal final.
    """

    TRANSITIONS = COMMISSION

    public_id = TypedIdField(prefix="pce")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="commissions")
    state = models.CharField(max_length=10, choices=CommissionState, default=CommissionState.ASKED)
    title = models.CharField(max_length=LONGEST_TITLE)
    brief = models.TextField(max_length=LONGEST_BRIEF)
    rules = ArrayField(
        models.CharField(max_length=LONGEST_RULE), help_text="What a reviewer ticks, or fails with words."
    )
    price_minor = models.PositiveIntegerField(help_text="What the performer is paid, once it is accepted.")
    fee_minor = models.PositiveIntegerField(help_text="What the company pays the platform on top.")
    currency = models.CharField(max_length=3)
    committed_minor = models.PositiveIntegerField(help_text="Kept for it in the gig's budget, fee included.")
    revisions = models.PositiveSmallIntegerField(help_text="How often changes may be asked for.")
    purposes = ArrayField(
        models.CharField(max_length=30),
        help_text="What it may be used for, as far as its performer grants it then.",
    )
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    due_at = models.DateTimeField(help_text="By when it, or its next version, is waited for.")
    lapses_at = models.DateTimeField(help_text="Until when a late one is still taken.")
    submitted = models.ForeignKey(
        "Artefact",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The version that was handed in last.",
    )
    review_due_at = models.DateTimeField(
        null=True, help_text="When silence accepts it; null unless it waits for the company."
    )
    reminded_at = models.DateTimeField(
        null=True, help_text="When whoever it waits for now was reminded of it."
    )
    refusal = models.CharField(max_length=20, choices=Refusal, blank=True)
    refusal_note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    contest_until = models.DateTimeField(null=True, help_text="Until when a refusal can be appealed.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who accepted or refused it; nobody where silence did.",
    )
    ended_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True, help_text="When its pay line was made; written by payments.")
    end_reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it was taken back, or accepted after all."
    )

    objects = CommissionQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="piece_has_a_price", condition=Q(price_minor__gt=0)),
            CheckConstraint(name="piece_has_rules", condition=Q(rules__len__gt=0)),
            CheckConstraint(name="piece_is_for_something", condition=~Q(purposes=[])),
            CheckConstraint(
                name="piece_in_review_has_its_clock",
                condition=Q(state="submitted", submitted__isnull=False, review_due_at__isnull=False)
                | ~Q(state="submitted") & Q(review_due_at=None),
            ),
            CheckConstraint(
                name="piece_keeps_its_budget",
                condition=Q(
                    state__in=["asked", "submitted", "revising", "accepted"],
                    committed_minor=models.F("price_minor") + models.F("fee_minor"),
                )
                | Q(state__in=["withdrawn", "lapsed"], committed_minor=0)
                | Q(state="refused"),
            ),
            CheckConstraint(
                name="ended_piece_has_timestamp",
                condition=Q(state__in=[*OPEN]) ^ Q(ended_at__isnull=False),
            ),
            CheckConstraint(
                name="accepted_piece_has_its_version",
                condition=~Q(state__in=["accepted", "refused"]) | Q(submitted__isnull=False),
            ),
            CheckConstraint(
                name="refused_piece_says_why",
                condition=~Q(state="refused")
                | ~Q(refusal="") & ~Q(refusal_note="") & Q(contest_until__isnull=False),
            ),
            CheckConstraint(
                name="only_an_accepted_piece_is_paid", condition=Q(paid_at=None) | Q(state="accepted")
            ),
            CheckConstraint(
                name="piece_taken_back_says_why", condition=~Q(state="withdrawn") | ~Q(end_reason="")
            ),
        ]
        indexes = [
            models.Index(name="piece_to_review", fields=["review_due_at"], condition=Q(state="submitted")),
            models.Index(
                name="piece_to_wait_for", fields=["due_at"], condition=Q(state__in=["asked", "revising"])
            ),
            models.Index(
                name="piece_to_free",
                fields=["contest_until"],
                condition=Q(state="refused", committed_minor__gt=0),
            ),
            models.Index(
                name="piece_to_pay", fields=["ended_at"], condition=Q(state="accepted", paid_at=None)
            ),
            models.Index(name="piece_of_engagement", fields=["engagement", "-id"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def gig(self) -> Gig:
        return self.engagement.gig

    @property
    def company(self) -> Company:
        return self.engagement.company

    @property
    def performer(self) -> Performer:
        return self.engagement.performer

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def cost_minor(self) -> int:
        """With the platform's fee."""
        return self.price_minor + self.fee_minor

    @property
    def may_be_appealed(self) -> bool:
        """A refusal, until its time is over and what was kept for it is free."""
        return self.state == CommissionState.REFUSED and self.committed_minor > 0

    @property
    def in_words(self) -> list[str]:
        return [PURPOSES[name] for name in PURPOSES if name in self.purposes]


class ArtefactQuerySet(models.QuerySet["Artefact"]):
    def visible_to(self, actor: Actor) -> ArtefactQuerySet:
        """As the piece; what was never handed in, its performer alone. Who may play it now, `playing` says."""
        seen = self.filter(commission__in=Commission.objects.visible_to(actor))
        if actor.is_system:
            return self
        own = Q(performer_id=actor.performer_id) if actor.is_performer else Q(pk__in=[])
        return seen.filter(own | Q(submitted_at__isnull=False))


class Artefact(SentFile):
    """One version of a piece. What was handed in gets its number, and is what is reviewed, paid and delivered."""

    TRANSITIONS = VERSION
    FOLDER = "pieces"

    class Why(models.TextChoices):
        """Why it was deleted."""

        REPLACED = "replaced", "Another version took its place"
        TAKEN_BACK = "taken_back", "The performer took it back"
        OVER = "over", "The piece was not accepted"
        WITHDRAWN = "withdrawn", "What was granted was withdrawn"
        NEVER_WHOLE = "never_whole", "It never came whole"
        ERASED = "erased", "The performer asked to be forgotten"

    public_id = TypedIdField(prefix="art")
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(null=True, help_text="From 1, as it was handed in.")
    submitted_at = models.DateTimeField(null=True)
    playable_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of what plays, as it was checked."
    )
    why_gone = models.CharField(max_length=12, choices=Why, blank=True)

    objects = ArtefactQuerySet.as_manager()

    class Meta:
        constraints = [
            *SentFile.Meta.constraints,
            UniqueConstraint(name="one_version_of_a_number", fields=["commission", "version"]),
            CheckConstraint(
                name="version_that_was_handed_in_says_when",
                condition=Q(version=None) ^ Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [
            *SentFile.Meta.indexes,
            models.Index(name="version_of_piece", fields=["commission", "-id"]),
        ]


class Review(models.Model):
    """What a person of the company said of one version, rule by rule. Never changed."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REVISE = "revise", "Changes asked for"
        REFUSED = "refused", "Refused"

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="reviews")
    artefact = models.OneToOneField(Artefact, on_delete=models.PROTECT, related_name="review")
    outcome = models.CharField(max_length=10, choices=Outcome)
    results = models.JSONField(help_text="Of each rule its text, whether it is met, and what to change.")
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="refused_version_says_why", condition=~Q(outcome="refused") | ~Q(note=""))
        ]

    def __str__(self) -> str:
        return f"{self.commission} {self.outcome}"
