from django.db.models import TextChoices

from kit.transitions import Transitions


class MonthState(TextChoices):
    PROPOSED = "proposed", "Waits for a second person"
    CLOSED = "closed", "Closed"
    REOPENING = "reopening", "Closed; asked to be opened again"
    REOPENED = "reopened", "Opened again"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


M = MonthState
MONTH = Transitions(
    "month",
    {
        M.PROPOSED: {M.CLOSED, M.DECLINED, M.WITHDRAWN},
        M.CLOSED: {M.REOPENING},
        # A no to opening it, or the asker's own, leaves it closed.
        M.REOPENING: {M.REOPENED, M.CLOSED},
    },
)
LIVE = (M.PROPOSED, M.CLOSED, M.REOPENING)
SEALED = (M.CLOSED, M.REOPENING)
