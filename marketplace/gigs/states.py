from django.db.models import TextChoices

from kit.transitions import Transitions


class GigState(TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Open"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed to applications"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


S = GigState
ENDED = (S.COMPLETED, S.CANCELLED)
# It was on the board, and its work goes on: places are offered and sessions booked.
WORKING = (S.PUBLISHED, S.PAUSED, S.CLOSED)
GIG = Transitions(
    "gig",
    {
        S.DRAFT: {S.IN_REVIEW, S.CANCELLED},
        S.IN_REVIEW: {S.PUBLISHED, S.DRAFT, S.CANCELLED},
        S.PUBLISHED: {S.PAUSED, S.CLOSED, S.CANCELLED},
        S.PAUSED: {S.PUBLISHED, S.CLOSED, S.CANCELLED},
        S.CLOSED: {S.COMPLETED, S.CANCELLED},
    },
)
