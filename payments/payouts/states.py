from django.db.models import TextChoices

from kit.transitions import Transitions


class AttemptState(TextChoices):
    UNKNOWN = "unknown", "Unknown"
    SUCCEEDED = "succeeded", "Succeeded"
    REFUSED = "refused", "Refused"


A = AttemptState
ATTEMPT = Transitions("attempt", {A.UNKNOWN: {A.SUCCEEDED, A.REFUSED}})
