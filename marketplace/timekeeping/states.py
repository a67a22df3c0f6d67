from django.db.models import TextChoices

from kit.transitions import Transitions


class TimesheetState(TextChoices):
    OPEN = "open", "Open"
    PERFORMER_REVIEW = "performer_review", "With the performer"
    SUBMITTED = "submitted", "Submitted"
    CLIENT_REVIEW = "client_review", "With the company"
    APPROVED = "approved", "Approved"
    AUTO_APPROVED = "auto_approved", "Approved by the calendar"
    LOCKED = "locked", "Locked"
    PAID = "paid", "Paid"


T = TimesheetState
WITH_THE_PERFORMER = (T.OPEN, T.PERFORMER_REVIEW)
TIMESHEET = Transitions(
    "timesheet",
    {
        T.OPEN: {T.PERFORMER_REVIEW},
        T.PERFORMER_REVIEW: {T.SUBMITTED},
        T.SUBMITTED: {T.CLIENT_REVIEW},
        T.CLIENT_REVIEW: {T.APPROVED, T.AUTO_APPROVED},
        T.APPROVED: {T.LOCKED},
        T.AUTO_APPROVED: {T.LOCKED},
        T.LOCKED: {T.PAID},
    },
)


class LineState(TextChoices):
    """A line is approved or disputed by itself: the others are paid on time."""

    RECORDED = "recorded", "Recorded"
    DISPUTED = "disputed", "Disputed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Not paid, with a reason"


L = LineState
LINE = Transitions(
    "time line",
    {
        L.RECORDED: {L.APPROVED, L.DISPUTED},
        L.DISPUTED: {L.APPROVED, L.REJECTED, L.RECORDED},
    },
)
