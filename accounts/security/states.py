from django.db.models import TextChoices

from kit.transitions import Transitions


class RecoveryState(TextChoices):
    ASKED = "asked", "Waits for a second person"
    AGREED = "agreed", "Agreed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Needed no more"
    EXPIRED = "expired", "Not answered in time"


S = RecoveryState
RECOVERY = Transitions("recovery", {S.ASKED: {S.AGREED, S.REFUSED, S.WITHDRAWN, S.EXPIRED}})
