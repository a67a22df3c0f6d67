from django.db.models import TextChoices

from kit.transitions import Transitions


class PayLineState(TextChoices):
    PROPOSED = "proposed", "Waits for an answer"
    CONTESTED = "contested", "Contested"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"
    EXPIRED = "expired", "Lapsed"
    WAIVED = "waived", "Given up"


S = PayLineState
PAY_LINE = Transitions(
    "pay line",
    {
        S.PROPOSED: {S.APPROVED, S.DECLINED, S.WITHDRAWN, S.CONTESTED, S.EXPIRED},
        S.CONTESTED: {S.APPROVED, S.DECLINED, S.WITHDRAWN},
        S.APPROVED: {S.WAIVED},  # a deduction's, of which the rest is then not taken
    },
)
OPEN = (S.PROPOSED, S.CONTESTED)
