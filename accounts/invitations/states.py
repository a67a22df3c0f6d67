from django.db.models import TextChoices

from kit.transitions import Transitions


class InvitationState(TextChoices):
    OPEN = "open", "Waits for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Not answered in time"


I = InvitationState  # noqa: E741 -- the table reads as the other rooms' do
INVITATION = Transitions("invitation", {I.OPEN: {I.ACCEPTED, I.DECLINED, I.WITHDRAWN, I.EXPIRED}})
