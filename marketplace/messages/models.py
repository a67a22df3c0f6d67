from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.casting.states import ApplicationState
from marketplace.messages.states import FLAG, FlagState

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_TEXT = 4_000


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> MessageQuerySet:
        """Both sides of the application. Talent operations read the thread of which something was reported."""
        if actor.is_system:
            return self
        seen = Q(application__gig__company_id__in=actor.company_ids) & ~Q(
            application__state=ApplicationState.DRAFT
        )
        if actor.is_performer:
            seen |= Q(application__performer_id=actor.performer_id)
        if actor.is_talent:
            seen |= Q(application__in=Flag.objects.values("message__application_id"))
        return self.filter(seen)


class Message(models.Model):
    """What one side of an application wrote to the other."""

    public_id = TypedIdField(prefix="msg")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="messages")
    of_company = models.BooleanField(help_text="Else the performer wrote it.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=LONGEST_TEXT, blank=True, help_text="Empty once it was erased.")
    sent_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="message_of_thread", fields=["application", "id"])]

    def __str__(self) -> str:
        return self.public_id


class Block(models.Model):
    """One side wants to read nothing more of the other, in whatever gig."""

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="blocks")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="blocks")
    by_company = models.BooleanField(help_text="Else the performer blocks the company.")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_block_at_a_time",
                fields=["performer", "company", "by_company"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.performer} {self.company}"


class FlagQuerySet(models.QuerySet["Flag"]):
    def visible_to(self, actor: Actor) -> FlagQuerySet:
        """Whoever reported it, and talent operations, but of what concerns themselves."""
        own = Q(reporter_id=actor.user_id or 0)
        if actor.is_talent or actor.is_system:
            concerns = Q(message__application__performer_id=actor.performer_id) | Q(
                message__application__gig__company_id__in=actor.with_withheld().company_ids
            )
            return self.exclude(concerns & ~own)
        return self.filter(own)


class Flag(models.Model):
    """A message that was reported to talent operations, and their answer."""

    TRANSITIONS = FLAG

    public_id = TypedIdField(prefix="flg")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="flags")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=FlagState, default=FlagState.WAITING)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True, help_text="Empty once it was erased.")
    flagged_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answer = models.CharField(max_length=LONGEST_TEXT, blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_flag_per_message_and_reader", fields=["message", "reporter"]),
            CheckConstraint(
                name="answered_flag_has_its_answer",
                condition=Q(state="answered", answered_at__isnull=False)
                | Q(state="waiting", answered_at=None),
            ),
        ]
        indexes = [
            models.Index(name="flag_waiting", fields=["flagged_at", "id"], condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return self.public_id
