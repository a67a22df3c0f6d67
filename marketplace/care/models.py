from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.care.states import REPORT, ReportState
from marketplace.sessions.models import Seat, Session

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_WORD = 4_000


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, actor: Actor) -> ReportQuerySet:
        """Whose it is, and talent operations'. Never a company's, nor of who plays beside them, whatever else they are."""
        own = Q(performer_id=actor.performer_id)
        if actor.is_talent or actor.is_system:
            return self.exclude(~own & _concerns(actor))
        return self.filter(own) if actor.is_performer else self.none()

    def to_answer(self, actor: Actor) -> ReportQuerySet:
        """What waits for talent operations, but one's own."""
        waiting = self.visible_to(actor).filter(state=ReportState.WAITING)
        return waiting.exclude(performer_id=actor.performer_id)


def _concerns(actor: Actor) -> Q:
    """Of sessions in which the actor has, or had, a seat, or of a company that they act for."""
    played = Seat.objects.filter(performer_id=actor.performer_id).values("session_id")
    return Q(session__in=played) | Q(session__company_id__in=actor.with_withheld().company_ids)


class Report(models.Model):
    """A performer's private line to talent operations about one session: what happened, and what was answered."""

    TRANSITIONS = REPORT

    public_id = TypedIdField(prefix="rpt")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="reports")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.WAITING)
    opened_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True, help_text="Until when the house has promised to answer.")
    closed_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_report_per_performer_and_session", fields=["session", "performer"]),
            CheckConstraint(
                name="waiting_report_has_a_date", condition=Q(state="waiting") ^ Q(answer_due_at=None)
            ),
            CheckConstraint(
                name="closed_report_has_timestamp", condition=Q(state="closed") ^ Q(closed_at=None)
            ),
        ]
        indexes = [
            models.Index(name="report_waiting", fields=["opened_at", "id"], condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return self.public_id


class Word(models.Model):
    """What one of the two said."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="words")
    said_at = models.DateTimeField()
    of_house = models.BooleanField()
    text = models.CharField(max_length=LONGEST_WORD, blank=True, help_text="Empty once it was erased.")
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.report} {self.said_at}"
