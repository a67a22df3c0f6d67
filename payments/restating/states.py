from django.db.models import TextChoices

from kit.transitions import Transitions


class RestatementState(TextChoices):
    PROPOSED = "proposed", "Waits for a second person"
    APPROVED = "approved", "In the books"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


S = RestatementState
RESTATEMENT = Transitions("restatement", {S.PROPOSED: {S.APPROVED, S.DECLINED, S.WITHDRAWN}})
