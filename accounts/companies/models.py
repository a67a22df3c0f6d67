from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.access.roles import Role
from accounts.identity.names import LONGEST_ABOUT, LONGEST_NAME, LONGEST_WEBSITE
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

    public_id = TypedIdField(prefix="cmp")
    name = models.CharField(max_length=LONGEST_NAME)
    website = models.URLField(max_length=LONGEST_WEBSITE, blank=True)
    about = models.TextField(max_length=LONGEST_ABOUT, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.public_id


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
