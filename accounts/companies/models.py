from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.access.roles import Role
from accounts.access.standings import COMPANY, Standing
from accounts.identity.names import LONGEST_ABOUT, LONGEST_NAME, LONGEST_REGISTRATION, LONGEST_WEBSITE
from accounts.identity.residence import LONGEST_REGION, Where
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, actor: Actor) -> CompanyQuerySet:
        """Members see their companies; staff see all."""
        if actor.is_staff or actor.is_system:
            return self
        return self.filter(pk__in=actor.company_ids)


class Company(models.Model):
    """An AI lab or studio that posts gigs and pays for them."""

    TRANSITIONS = COMPANY

    public_id = TypedIdField(prefix="cmp")
    state = models.CharField(max_length=10, choices=Standing, default=Standing.SIGNED_UP)
    name = models.CharField(max_length=LONGEST_NAME)
    website = models.URLField(max_length=LONGEST_WEBSITE, blank=True)
    about = models.TextField(max_length=LONGEST_ABOUT, blank=True)
    legal_name = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="The name under which it is registered."
    )
    registration_number = models.CharField(max_length=LONGEST_REGISTRATION, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="Where it is registered, ISO 3166.")
    seat_country = models.CharField(
        max_length=2, blank=True, help_text="Where it works from, ISO 3166; empty: where it is registered."
    )
    seat_region = models.CharField(
        max_length=LONGEST_REGION, blank=True, help_text="In the United States the state, ISO 3166-2."
    )
    owes_since = models.DateTimeField(
        null=True, help_text="Since when it owes money, in any currency; written by payments."
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.public_id

    @property
    def where(self) -> Where:
        """Where it sits now; what was signed keeps where it sat then."""
        return Where(self.seat_country or self.country, self.seat_region)

    @property
    def domain(self) -> str:
        """The host of its website, without `www.`; empty where it names none."""
        return (urlsplit(self.website).hostname or "").removeprefix("www.")


class Membership(models.Model):
    """Who acts for a company, and as what."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="one_membership_per_person"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="company_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} {self.user} {self.role}"


class CompanyEvent(models.Model):
    """Something that a company was told: for its own systems, without names or words. Deleted after a month."""

    public_id = TypedIdField(prefix="evt")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, help_text="As the people were told: once under it.")
    where = models.JSONField(help_text="The public ids of what it is about.")
    happened_at = models.DateTimeField()
    passed_on_at = models.DateTimeField(null=True, help_text="When the company's webhooks were given it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "key"], name="one_company_event_per_key")
        ]
        indexes = [
            models.Index(name="company_event_fresh", fields=["id"], condition=models.Q(passed_on_at=None)),
            models.Index(name="company_event_by_time", fields=["happened_at"]),
        ]

    def __str__(self) -> str:
        return self.public_id
