from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.companies.models import Company
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_KEY_NAME = 80


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, actor: Actor) -> ApiKeyQuerySet:
        """A company's members see its keys; the keys themselves are never shown again."""
        return self if actor.is_system else self.filter(company_id__in=actor.company_ids)


class ApiKey(models.Model):
    """A company's key: scoped, hashed, expiring. It can never approve a week or a pay run."""

    public_id = TypedIdField(prefix="key")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="api_keys")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=LONGEST_KEY_NAME)
    hint = models.CharField(max_length=12, help_text="The key's first characters, to tell keys apart.")
    secret_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="api_key_expires_later"
            )
        ]

    def __str__(self) -> str:
        return self.public_id
