from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from accounts.companies.models import Company
from accounts.identity.names import LONGEST_NAME
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.engagements.states import ENGAGEMENT, EngagementState
from marketplace.gigs.models import Gig

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_END_REASON = 1_000


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, actor: Actor) -> EngagementQuerySet:
        """The two who sign it, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Side(models.TextChoices):
    """The two who signed."""

    PERFORMER = "performer", "The performer"
    COMPANY = "company", "The company"


class Engagement(models.Model):
    """A performer works on a gig, under terms that both signed."""

    TRANSITIONS = ENGAGEMENT

    public_id = TypedIdField(prefix="eng")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="engagement")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="engagements")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="engagements")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="engagements")
    state = models.CharField(max_length=20, choices=EngagementState, default=EngagementState.SENT)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(max_length=LONGEST_END_REASON, blank=True)
    paused_by = models.CharField(max_length=10, choices=Side, blank=True, help_text="Who takes it up again.")
    created_at = models.DateTimeField(db_default=Now())

    objects = EngagementQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="engagement_of_gig", fields=["gig", "state", "id"]),
            models.Index(name="engagement_of_performer", fields=["performer", "-id"]),
        ]
        constraints = [
            CheckConstraint(
                name="terminated_engagement_has_reason",
                condition=~Q(state="terminated") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
            ),
            CheckConstraint(
                name="paused_engagement_says_by_whom", condition=Q(state="paused") ^ Q(paused_by="")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Terms(models.Model):
    """One version of what was agreed. Once signed it is never changed: an amendment is the next version."""

    public_id = TypedIdField(prefix="trm")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(default=1)
    rate_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    fee_bps = models.PositiveIntegerField()
    policy = models.JSONField()
    purposes = ArrayField(models.CharField(max_length=30))
    starts_on = models.DateField(help_text="The first day that can be booked, where the gig plays.")
    ends_on = models.DateField()
    text = models.TextField(help_text="The agreement as both read it.")
    # Frozen when it was drawn up, as the law's file said it then; empty in terms of before there were templates.
    laws = models.JSONField(default=list, help_text="The laws that protect this work.")
    templates = models.JSONField(default=dict, help_text="The version of each template of clauses.")
    pay_days = models.PositiveSmallIntegerField(
        null=True, help_text="Within so many days after a session it is paid at the latest."
    )
    text_sha256 = models.CharField(max_length=64)
    performer_signed_at = models.DateTimeField(null=True, blank=True)
    performer_signature = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="The name as typed."
    )
    company_signed_at = models.DateTimeField(null=True, blank=True)
    company_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    company_signature = models.CharField(max_length=LONGEST_NAME, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "terms"
        indexes = [
            models.Index(
                name="terms_to_sign", fields=["engagement"], condition=Q(company_signed_at__isnull=True)
            )
        ]
        constraints = [
            UniqueConstraint(name="one_terms_per_version", fields=["engagement", "version"]),
            CheckConstraint(
                name="company_signs_after_the_performer",
                condition=Q(company_signed_at__isnull=True) | Q(performer_signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Proof(models.TextChoices):
    """By what somebody showed, just before, that it was them."""

    PASSWORD = "password", "Their password"
    SECOND_FACTOR = "second_factor", "Their second factor"
    UNKNOWN = "unknown", "Nobody asked"


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, actor: Actor) -> SignatureQuerySet:
        """As the engagement whose terms they are under."""
        return self.filter(terms__engagement__in=Engagement.objects.visible_to(actor))


class Signature(models.Model):
    """One name under one version of the terms, with all that shows whose it is. Never changed."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME, help_text="As on their account, as they typed it.")
    signed_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True, help_text="From where; none where no request came.")
    text_sha256 = models.CharField(max_length=64, help_text="Of exactly what was shown to them.")
    uses_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of the words of all uses that were shown to the performer beside it; none where none was.",
    )
    uses = models.JSONField(
        default=dict, help_text="These words, by their purpose, granted or not: what the hash is of."
    )
    proved_by = models.CharField(max_length=20, choices=Proof)
    proved_at = models.DateTimeField(null=True, help_text="When they last showed that it was them.")
    where = models.CharField(
        max_length=6, help_text="Where they lived, or the company sat, as ISO 3166-2 writes it."
    )

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_signature_a_side", fields=["terms", "side"]),
            CheckConstraint(
                name="signature_says_when_it_was_proved",
                condition=Q(proved_by="unknown") ^ Q(proved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms} {self.side}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, actor: Actor) -> PaperQuerySet:
        """As the engagement whose terms it prints."""
        return self.filter(terms__engagement__in=Engagement.objects.visible_to(actor))


class Paper(models.Model):
    """What both signed, as a PDF that the house has signed (PAdES): made once both had, and never changed."""

    public_id = TypedIdField(prefix="ppr")
    terms = models.OneToOneField(Terms, on_delete=models.PROTECT, related_name="paper")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    certificate_sha256 = models.CharField(max_length=64, help_text="Of the certificate that signed it.")
    made_at = models.DateTimeField()

    objects = PaperQuerySet.as_manager()

    def __str__(self) -> str:
        return self.public_id
