from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.deliveries.states import (
    DELIVERY,
    LICENCE,
    ORDER,
    DeliveryState,
    LicenceState,
    OrderState,
)
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.media.models import Segment
from marketplace.rights.models import Grant
from marketplace.works.models import Artefact

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_FILE_NAME, LONGEST_STATEMENT = 60, 500


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> DeliveryQuerySet:
        """The company that it is for, those to which it was offered or passed on, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        passed_on = Licence.objects.filter(company_id__in=actor.company_ids, state__in=SEEN_BY_LICENSEE)
        return self.filter(Q(company_id__in=actor.company_ids) | Q(pk__in=passed_on.values("delivery_id")))


class Delivery(models.Model):
    """A gig's recordings as a data set, for the purposes that it names: of sessions in which everybody granted all of them."""

    TRANSITIONS = DELIVERY

    public_id = TypedIdField(prefix="dlv")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="deliveries")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="deliveries")
    version = models.PositiveIntegerField(help_text="Of the gig's deliveries, from 1.")
    purposes = ArrayField(models.CharField(max_length=30))
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    build_due_at = models.DateTimeField(null=True, help_text="When it is put together, or tried again.")
    proofs_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="Over the receipts and what people said that lie in it, as it was settled.",
    )
    builds = models.PositiveSmallIntegerField(default=0, help_text="How often somebody began.")
    ready_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_delivery_of_a_version", fields=["gig", "version"]),
            UniqueConstraint(
                name="one_delivery_at_a_time", fields=["gig", "purposes"], condition=Q(state="asked")
            ),
            CheckConstraint(name="delivery_has_purposes", condition=~Q(purposes=[])),
            CheckConstraint(
                name="delivery_is_built_while_asked",
                condition=Q(state="asked") ^ Q(build_due_at__isnull=True),
            ),
            CheckConstraint(
                name="ready_delivery_has_timestamp",
                condition=Q(state__in=["ready", "recalled"]) ^ Q(ready_at__isnull=True),
            ),
            CheckConstraint(
                name="recalled_delivery_has_timestamp",
                condition=Q(state="recalled") ^ Q(recalled_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="delivery_to_build", fields=["build_due_at"], condition=Q(state="asked"))
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def in_words(self) -> list[str]:
        return [PURPOSES[name] for name in PURPOSES if name in self.purposes]


SEEN_BY_LICENSEE = (LicenceState.OFFERED, LicenceState.ACCEPTED, LicenceState.ENDED)


class LicenceQuerySet(models.QuerySet["Licence"]):
    def visible_to(self, actor: Actor) -> LicenceQuerySet:
        """Who passes it on, to whom, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        return self.filter(
            Q(company_id__in=actor.company_ids) | Q(delivery__company_id__in=actor.company_ids)
        )


class Licence(models.Model):
    """A delivery that is passed on to another company of the house, for the same purposes: everybody in it lets that be done."""

    TRANSITIONS = LICENCE

    public_id = TypedIdField(prefix="lic")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="licences")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="licences")
    state = models.CharField(max_length=10, choices=LicenceState, default=LicenceState.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=64)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_licence_of_a_delivery",
                fields=["delivery", "company"],
                condition=Q(state__in=["offered", "accepted"]),
            ),
            CheckConstraint(
                name="ended_licence_has_timestamp", condition=Q(state="ended") ^ Q(ended_at__isnull=True)
            ),
            CheckConstraint(
                name="answered_licence_has_timestamp",
                condition=Q(state="offered") ^ Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class DeliveredTrack(models.Model):
    """One recording of a session, or one accepted piece, in one delivery: in which shard it lies. So that a withdrawal knows what
    holds whom."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="tracks")
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT, related_name="deliveries")
    artefact = models.ForeignKey(Artefact, null=True, on_delete=models.PROTECT, related_name="deliveries")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="delivered_tracks")
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Under whose grants it is delivered.",
    )
    key = models.CharField(max_length=120, help_text="Its name in the shard, without the ending.")
    shard = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            UniqueConstraint(name="a_recording_once_a_delivery", fields=["delivery", "segment"]),
            UniqueConstraint(name="a_piece_once_a_delivery", fields=["delivery", "artefact"]),
            UniqueConstraint(name="one_track_of_a_key", fields=["delivery", "key"]),
            CheckConstraint(
                name="a_track_is_a_recording_or_a_piece",
                condition=Q(segment__isnull=True) ^ Q(artefact__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery} {self.key}"


class DeliveredFile(models.Model):
    """A file of a delivery that is whole on the house's disk: a shard, or what describes them."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=LONGEST_FILE_NAME)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [UniqueConstraint(name="one_delivered_file_of_a_name", fields=["delivery", "name"])]

    def __str__(self) -> str:
        return f"{self.delivery} {self.name}"


class DeletionOrderQuerySet(models.QuerySet["DeletionOrder"]):
    def visible_to(self, actor: Actor) -> DeletionOrderQuerySet:
        """Who has to delete, whose work it is, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class DeletionOrder(models.Model):
    """A delivery that is out holds work that is no longer granted: each copy is deleted by a date, and that is confirmed."""

    TRANSITIONS = ORDER

    public_id = TypedIdField(prefix="dor")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="orders")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="deletion_orders", help_text="Who has to delete it."
    )
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="deletion_orders")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="deletion_orders")
    state = models.CharField(max_length=12, choices=OrderState, default=OrderState.OPEN)
    ordered_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Ordered, and the days that the grant gives.")
    chase_at = models.DateTimeField(null=True, help_text="When the company is asked again.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True)
    statement = models.CharField(
        max_length=LONGEST_STATEMENT, blank=True, help_text="What was deleted, and where."
    )

    objects = DeletionOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_order_of_a_grant_and_delivery", fields=["delivery", "grant", "company"]
            ),
            CheckConstraint(
                name="acknowledged_order_says_who_and_what",
                condition=Q(state="acknowledged", acknowledged_at__isnull=False)
                & ~Q(statement="")
                & ~Q(acknowledged_by="")
                | ~Q(state="acknowledged") & Q(acknowledged_at=None, statement="", acknowledged_by=""),
            ),
            CheckConstraint(
                name="open_order_is_chased", condition=Q(state="open") ^ Q(chase_at__isnull=True)
            ),
        ]
        indexes = [models.Index(name="order_to_chase", fields=["chase_at"], condition=Q(state="open"))]

    def __str__(self) -> str:
        return self.public_id


class ProvenanceAnchor(models.Model):
    """A root under which recordings were signed. Never forgotten: what was delivered under it is still checked by it."""

    sha256 = models.CharField(max_length=64, unique=True)
    certificate = models.TextField(help_text="PEM.")
    used_since = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256
