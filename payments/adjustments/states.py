from django.db.models import TextChoices

from kit.transitions import Transitions


class AdjustmentState(TextChoices):
    PROPOSED = "proposed", "Waits for a second person"
    APPROVED = "approved", "In the books"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


A = AdjustmentState
ADJUSTMENT = Transitions("adjustment", {A.PROPOSED: {A.APPROVED, A.DECLINED, A.WITHDRAWN}})
