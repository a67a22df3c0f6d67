from django.db.models import TextChoices

from kit.transitions import Transitions


class SegmentState(TextChoices):
    OPENED = "opened", "Opened, nothing of it is safe yet"
    ARRIVING = "arriving", "Arriving"
    ARRIVED = "arrived", "Arrived, being checked"
    CHECKED = "checked", "Safe and checked"
    REFUSED = "refused", "Cannot be played"
    LOST = "lost", "Given up"


S = SegmentState
SEGMENT = Transitions(
    "segment",
    {
        S.OPENED: {S.ARRIVING, S.LOST},
        S.ARRIVING: {S.ARRIVED, S.LOST},
        S.ARRIVED: {S.CHECKED, S.REFUSED},
    },
)
# Bytes of it are on the house's own disk.
SAFE = (S.ARRIVING, S.ARRIVED, S.CHECKED)
OPEN = (S.OPENED, S.ARRIVING)


class SentState(TextChoices):
    ARRIVING = "arriving", "Arriving"
    ARRIVED = "arrived", "Arrived, being checked"
    READY = "ready", "Can be played"
    REFUSED = "refused", "Cannot be played"
    GONE = "gone", "Deleted"


# What every room's files may become; each has its own table by its noun.
SENT: dict[SentState, set[SentState]] = {
    SentState.ARRIVING: {SentState.ARRIVED, SentState.GONE},
    SentState.ARRIVED: {SentState.READY, SentState.REFUSED, SentState.GONE},
    SentState.READY: {SentState.GONE},
    SentState.REFUSED: {SentState.GONE},
}
