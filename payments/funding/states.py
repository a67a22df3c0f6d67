from django.db.models import TextChoices

from kit.transitions import Transitions


class FundingState(TextChoices):
    STARTED = "started", "Waiting for payment"
    PROCESSING = "processing", "On its way"
    PENDING = "pending", "Paid, not yet available"
    AVAILABLE = "available", "In the wallet"
    FAILED = "failed", "Failed"
    REFUNDED = "refunded", "Given back"
    DISPUTED = "disputed", "Disputed"
    LOST = "lost", "Lost in a dispute"


F = FundingState
# What Stripe says is followed wherever it leads: news may come late, and all at once.
PAID = {F.PENDING, F.AVAILABLE, F.FAILED, F.REFUNDED, F.DISPUTED, F.LOST}
FUNDING = Transitions(
    "funding",
    {F.STARTED: {F.PROCESSING, *PAID}, F.PROCESSING: PAID}
    | {state: PAID - {state} for state in sorted(PAID)},
)


class WithdrawalState(TextChoices):
    GOING = "going", "On its way"
    SENT = "sent", "Given back"
    SENT_IN_PART = "part", "Given back in part"
    REFUSED = "refused", "Back in the wallet"


W = WithdrawalState
WITHDRAWAL = Transitions("withdrawal", {W.GOING: {W.SENT, W.SENT_IN_PART, W.REFUSED}})


class RefundState(TextChoices):
    UNKNOWN = "unknown", "Unknown"
    SENT = "sent", "Given back"
    REFUSED = "refused", "Back in the wallet"
    CAME_BACK = "came_back", "The bank sent it back"


RS = RefundState
REFUND = Transitions("refund", {RS.UNKNOWN: {RS.SENT, RS.REFUSED}, RS.SENT: {RS.CAME_BACK}})
