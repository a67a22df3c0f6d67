from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import UniqueConstraint

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_POOL_NAME = 60


class PoolQuerySet(models.QuerySet["Pool"]):
    def visible_to(self, actor: Actor) -> PoolQuerySet:
        """One's companies'. Nobody reads in whose pools they are."""
        return self if actor.is_system else self.filter(company_id__in=actor.company_ids)


class Pool(models.Model):
    """Performers whom a company asks first: its favourites, its pairs."""

    public_id = TypedIdField(prefix="pol")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(max_length=LONGEST_POOL_NAME)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    performers = models.ManyToManyField(Performer, through="PoolMember", related_name="pools")

    objects = PoolQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_pool_per_name", fields=["company", "name"], condition=models.Q(ended_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class PoolMember(models.Model):
    """One performer in one pool."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="pool_places")

    class Meta:
        constraints = [UniqueConstraint(name="one_place_per_pool", fields=["pool", "performer"])]

    def __str__(self) -> str:
        return f"{self.pool} {self.performer}"
