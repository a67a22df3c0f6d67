from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from kit.ids import TypedIdField
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.pools.models import Pool
from marketplace.sessions.models import Seat, Session
from marketplace.slots.states import SLOT, SlotState

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access.actors import Actor


class SlotQuerySet(models.QuerySet["Slot"]):
    def visible_to(self, actor: Actor) -> SlotQuerySet:
        """The company's; those of gigs in which one is engaged, or in whose session one has, or had, a seat."""
        if actor.is_talent or actor.is_system:
            return self
        seen = Q(gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            active = Engagement.objects.filter(
                performer_id=actor.performer_id, state=EngagementState.ACTIVE
            ).values("gig_id")
            seated = Seat.objects.filter(performer_id=actor.performer_id).values("session_id")
            asked = Q(pool=None) | Q(pool__members__performer_id=actor.performer_id)
            seen |= (Q(gig_id__in=active) & asked) | Q(session_id__in=seated)
        return self.filter(pk__in=Slot.objects.filter(seen).values("pk"))


class Slot(models.Model):
    """A call that a company offers to everyone engaged in a gig: the first who take its seats have them."""

    TRANSITIONS = SLOT

    public_id = TypedIdField(prefix="slt")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="slots")
    state = models.CharField(max_length=10, choices=SlotState, default=SlotState.OPEN)
    call_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seats = models.PositiveSmallIntegerField()
    pool = models.ForeignKey(
        Pool,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="slots",
        help_text="To whom alone it is offered; empty: to everyone engaged in the gig.",
    )
    session = models.ForeignKey(
        Session,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="slots",
        help_text="What the taken seats are booked in; the last one, where an earlier one was called off by its players.",
    )
    in_place_of = models.ForeignKey(
        Seat,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stand_ins_sought",
        help_text="Whose performer did not come: their place is offered from the session's call on.",
    )
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="Until when such a place can be taken; any other until its call."
    )
    posted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="slot_ends_after_its_call", condition=Q(ends_at__gt=F("call_at"))),
            CheckConstraint(name="slot_has_a_seat", condition=Q(seats__gte=1)),
            CheckConstraint(
                name="ended_slot_has_timestamp", condition=Q(state="open") ^ Q(ended_at__isnull=False)
            ),
            UniqueConstraint(
                name="one_open_slot_per_session",
                fields=["session"],
                condition=Q(state="open", in_place_of=None),
            ),
            UniqueConstraint(
                name="one_open_slot_per_missing", fields=["in_place_of"], condition=Q(state="open")
            ),
            CheckConstraint(
                name="place_of_a_missing_one_closes",
                condition=Q(in_place_of=None, closes_at=None)
                | Q(in_place_of__isnull=False, closes_at__isnull=False, session__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="slot_of_gig", fields=["gig", "call_at", "id"]),
            models.Index(name="slot_to_lapse", fields=["call_at"], condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def open_until(self) -> datetime:
        """Until when a seat of it can be taken, that moment not included."""
        return self.closes_at or self.call_at

    @property
    def length_s(self) -> int:
        return int((self.ends_at - self.call_at).total_seconds())


class SlotHold(models.Model):
    """A seat of a slot that is kept for one performer until a time; then it is anyone's again."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="holds")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="slot_holds")
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="They took the seat, let it go, or its time was over."
    )

    class Meta:
        constraints = [
            UniqueConstraint(name="one_hold_per_performer_and_slot", fields=["slot", "engagement"])
        ]
        indexes = [models.Index(name="hold_to_end", fields=["until_at"], condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.slot} {self.engagement}"
