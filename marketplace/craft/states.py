from django.db.models import TextChoices

from kit.transitions import Transitions


class TapeState(TextChoices):
    ARRIVING = "arriving", "Arriving"
    ARRIVED = "arrived", "Arrived, being checked"
    READY = "ready", "Can be played"
    REFUSED = "refused", "Cannot be played"
    GONE = "gone", "Deleted"


S = TapeState
TAPE = Transitions(
    "tape",
    {
        S.ARRIVING: {S.ARRIVED, S.GONE},
        S.ARRIVED: {S.READY, S.REFUSED, S.GONE},
        S.READY: {S.GONE},
        S.REFUSED: {S.GONE},
    },
)
