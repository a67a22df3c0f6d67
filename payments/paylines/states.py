from django.db.models import TextChoices

from kit.transitions import Transitions


class PayLineState(TextChoices):
    PROPOSED = "proposed", "Waits for an answer"
    CONTESTED = "contested", "Contested"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"
    EXPIRED = "expired", "Lapsed"


S = PayLineState
PAY_LINE = Transitions(
    "pay line",
    {
        S.PROPOSED: {S.APPROVED, S.DECLINED, S.WITHDRAWN, S.CONTESTED, S.EXPIRED},
        S.CONTESTED: {S.APPROVED, S.DECLINED, S.WITHDRAWN},
    },
)
OPEN = (S.PROPOSED, S.CONTESTED)
