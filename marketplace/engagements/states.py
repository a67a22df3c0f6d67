from django.db.models import TextChoices

from kit.transitions import Transitions


class EngagementState(TextChoices):
    SENT = "sent", "Waiting for the performer's signature"
    PERFORMER_SIGNED = "performer_signed", "Waiting for the company's signature"
    COUNTERSIGNED = "countersigned", "Signed by both"
    ONBOARDING = "onboarding", "Onboarding"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    TERMINATED = "terminated", "Terminated"


S = EngagementState
ENGAGEMENT = Transitions(
    "engagement",
    {
        S.SENT: {S.PERFORMER_SIGNED, S.TERMINATED},
        S.PERFORMER_SIGNED: {S.COUNTERSIGNED, S.TERMINATED},
        S.COUNTERSIGNED: {S.ONBOARDING},
        S.ONBOARDING: {S.ACTIVE, S.TERMINATED},
        S.ACTIVE: {S.PAUSED, S.TERMINATED},
        S.PAUSED: {S.ACTIVE, S.TERMINATED},
    },
)
