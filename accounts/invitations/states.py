from django.db.models import TextChoices

from kit.transitions import Transitions


class InvitationState(TextChoices):
    OPEN = "open", "Waits for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Not answered in time"


S = InvitationState
INVITATION = Transitions("invitation", {S.OPEN: {S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.EXPIRED}})
