from django.db.models import TextChoices

from kit.transitions import Transitions


class ReportState(TextChoices):
    """Whose turn it is."""

    WAITING = "waiting", "Waits for talent operations"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


S = ReportState
# Whoever reported may say more at any time, also when it was closed.
REPORT = Transitions(
    "report",
    {S.WAITING: {S.ANSWERED, S.CLOSED}, S.ANSWERED: {S.WAITING, S.CLOSED}, S.CLOSED: {S.WAITING}},
)
