from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from kit.ids import TypedIdField
from kit.text import LONGEST_REASON
from payments.restating.states import RESTATEMENT, RestatementState


class Restatement(models.Model):
    """Entries that bring books of before to today's rules: proposed by one person in finance, approved by another over the
    same hash, then in the books under keys of their own."""

    TRANSITIONS = RESTATEMENT

    public_id = TypedIdField(prefix="rst")
    state = models.CharField(max_length=10, choices=RestatementState, default=RestatementState.PROPOSED)
    lines = models.JSONField(help_text="What, whose, before, after and why; the legs of each.")
    movements = models.JSONField(help_text="What Stripe says of each payment that is restated.")
    content_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=LONGEST_REASON, blank=True, help_text="Why it was declined.")

    class Meta:
        constraints = [
            UniqueConstraint(name="one_restatement_waits", fields=["state"], condition=Q(state="proposed")),
            CheckConstraint(
                name="restatement_approved_by_another",
                condition=~Q(state="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
