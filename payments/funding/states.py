from django.db.models import TextChoices

from kit.transitions import Transitions


class FundingState(TextChoices):
    STARTED = "started", "Waiting for payment"
    PROCESSING = "processing", "On its way"
    PENDING = "pending", "Paid, not yet available"
    AVAILABLE = "available", "In the wallet"
    FAILED = "failed", "Failed"
    DISPUTED = "disputed", "Disputed"


F = FundingState
FUNDING = Transitions(
    "funding",
    {
        # Who was told nothing for days learns of the payment and its dispute at once.
        F.STARTED: {F.PROCESSING, F.PENDING, F.AVAILABLE, F.FAILED, F.DISPUTED},
        F.PROCESSING: {F.PENDING, F.AVAILABLE, F.FAILED, F.DISPUTED},
        F.PENDING: {F.AVAILABLE, F.FAILED, F.DISPUTED},
        F.AVAILABLE: {F.DISPUTED, F.FAILED},
    },
)
