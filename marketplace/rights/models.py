from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.gigs.models import PURPOSES
from marketplace.rights.states import GRANT, GrantState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, actor: Actor) -> GrantQuerySet:
        """Who gave it, the company to which it was given, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(application__gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(application__performer_id=actor.performer_id)
        return self.filter(seen)


class Grant(models.Model):
    """One purpose for which a performer lets the company use the recordings of one engagement. Without it: refused."""

    TRANSITIONS = GRANT

    public_id = TypedIdField(prefix="grt")
    # An engagement is one accepted application, drawn up; what is granted is signed with its terms.
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="grants")
    purpose = models.CharField(max_length=30, choices=list(PURPOSES.items()))
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.GIVEN)
    text = models.TextField(help_text="The words as they were read.")
    text_sha256 = models.CharField(max_length=64)
    terms_sha256 = models.CharField(max_length=64, help_text="Of the terms with which it was signed.")
    given_at = models.DateTimeField()
    active_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_grant_per_purpose",
                fields=["application", "purpose"],
                condition=~Q(state="withdrawn"),
            ),
            CheckConstraint(
                name="active_grant_has_timestamp", condition=~Q(state="active") | Q(active_at__isnull=False)
            ),
            CheckConstraint(
                name="withdrawn_grant_has_timestamp",
                condition=Q(state="withdrawn") ^ Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class GrantEvent(models.Model):
    """What became of a grant, and when: never changed, so that a receipt can be made of each."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=GrantState)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text_sha256 = models.CharField(max_length=64, help_text="Of the words that the grant says.")

    class Meta:
        constraints = [UniqueConstraint(name="one_event_of_a_kind", fields=["grant", "kind"])]

    def __str__(self) -> str:
        return f"{self.grant} {self.kind}"
