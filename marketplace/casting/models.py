from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.states import APPLICATION, NOT_APPEALED, OVER, ApplicationState, Reason
from marketplace.gigs.models import Gig, ScreeningQuestion

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_NOTE = 2_000
LONGEST_ANSWER = 2_000
LONGEST_REASON_NOTE = 1_000
LONGEST_MESSAGE = 2_000


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, actor: Actor) -> ApplicationQuerySet:
        """The applicant's own; the gig's company sees it once it is submitted."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(gig__company_id__in=actor.company_ids) & ~Q(state=ApplicationState.DRAFT)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Application(models.Model):
    """A performer asks for a gig, and is answered by a date, with a reason."""

    TRANSITIONS = APPLICATION

    public_id = TypedIdField(prefix="app")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="applications")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="applications")
    state = models.CharField(max_length=20, choices=ApplicationState, default=ApplicationState.DRAFT)
    note = models.TextField(max_length=LONGEST_NOTE, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    audition_due_at = models.DateTimeField(
        null=True, blank=True, help_text="Until when a self-tape is waited for; then they answer without one."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who declined it; empty where the house or the performer ended it.",
    )
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    reason_note = models.TextField(max_length=LONGEST_REASON_NOTE, blank=True)
    offer_message = models.TextField(max_length=LONGEST_MESSAGE, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_application_per_gig",
                fields=["gig", "performer"],
                condition=~Q(state__in=OVER),
            ),
            CheckConstraint(
                name="submitted_application_has_dates",
                condition=Q(state__in=["draft", "withdrawn", "expired"])
                | Q(submitted_at__isnull=False, answer_due_at__isnull=False),
            ),
            CheckConstraint(
                name="requested_audition_has_a_date",
                condition=~Q(state__in=["audition_requested", "audition_submitted"])
                | Q(audition_due_at__isnull=False),
            ),
            CheckConstraint(
                name="not_selected_has_reason", condition=~Q(state="not_selected") | ~Q(reason="")
            ),
            CheckConstraint(
                name="offered_application_has_expiry",
                condition=~Q(state="offered") | Q(offer_expires_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="application_queue", fields=["gig", "state", "answer_due_at", "id"]),
            models.Index(name="application_of_performer", fields=["performer", "-id"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def may_be_appealed(self) -> bool:
        """A company said no, by its own choice."""
        return self.state == ApplicationState.NOT_SELECTED and self.reason not in NOT_APPEALED


class KeptPlace(models.Model):
    """An appeal took a company's no back: what the no had been, and until when a place is kept for the applicant."""

    # A second no, after the place was kept, can be taken back as the first was.
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="kept_places")
    was_reason = models.CharField(max_length=20, choices=Reason)
    was_note = models.TextField(max_length=LONGEST_REASON_NOTE, blank=True)
    was_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    was_decided_at = models.DateTimeField()
    ruled_at = models.DateTimeField()
    until = models.DateTimeField(help_text="The place is kept for them for so long.")

    class Meta:
        constraints = [
            CheckConstraint(name="place_is_kept_for_a_while", condition=Q(until__gt=models.F("ruled_at"))),
            UniqueConstraint(name="one_place_for_each_no", fields=["application", "was_decided_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.application} kept place"


class Answer(models.Model):
    """What the applicant answered to one screening question."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(ScreeningQuestion, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(max_length=LONGEST_ANSWER)

    class Meta:
        ordering = ["question__position"]
        constraints = [UniqueConstraint(name="one_answer_per_question", fields=["application", "question"])]

    def __str__(self) -> str:
        return f"{self.application} answer {self.question_id}"
