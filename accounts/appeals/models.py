from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.appeals.states import APPEAL, OPEN, AppealState
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_SAID = 2_000
M = TypeVar("M", bound=models.Model)


class AboutOneQuerySet(models.QuerySet[M]):
    """Rows about a performer, or about a company: one of `performer` and `company` is set."""

    def visible_to(self, actor: Actor) -> Self:
        """Whom it is about; talent operations and administration see all."""
        if actor.is_talent or actor.is_admin or actor.is_system:
            return self
        return self.filter(Q(performer_id=actor.performer_id) | Q(company_id__in=actor.company_ids))

    def of_others(self, actor: Actor) -> Self:
        """Nobody decides about themselves, or about a company that they act for."""
        return self.exclude(performer_id=actor.performer_id).exclude(company_id__in=actor.company_ids)


class AppealQuerySet(AboutOneQuerySet["Appeal"]):
    def open(self) -> AppealQuerySet:
        return self.filter(state__in=OPEN)


class Appeal(models.Model):
    """Somebody does not accept a decision of the house; another person than who took it answers, in writing, by a date."""

    TRANSITIONS = APPEAL

    public_id = TypedIdField(prefix="apl")
    subject = models.CharField(max_length=60, help_text="The public id of the decision, of whatever kind.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    performer = models.ForeignKey(
        Performer, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.PROTECT, related_name="appeals"
    )
    state = models.CharField(max_length=12, choices=AppealState, default=AppealState.FILED)
    text = models.TextField(max_length=LONGEST_SAID)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(max_length=LONGEST_SAID, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="appeal_is_by_one", condition=Q(performer__isnull=True) ^ Q(company__isnull=True)
            ),
            CheckConstraint(
                name="ended_appeal_has_timestamp",
                condition=Q(state__in=["filed", "human_review"]) ^ Q(ended_at__isnull=False),
            ),
            CheckConstraint(
                name="answered_appeal_says_how",
                condition=~Q(state__in=["upheld", "reversed", "remedied"]) | ~Q(answer=""),
            ),
            # A reversal ends the decision: what is decided after it about the same is another one.
            UniqueConstraint(
                name="one_appeal_of_a_decision",
                fields=["subject"],
                condition=~Q(state__in=["withdrawn", "reversed"]),
            ),
        ]
        indexes = [
            models.Index(
                name="appeal_open",
                fields=["answer_due_at", "id"],
                condition=Q(state__in=["filed", "human_review"]),
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def by(self) -> Performer | Company:
        """Who appealed."""
        one = self.performer or self.company
        if one is None:
            raise AssertionError("a CHECK says that there is one")
        return one
