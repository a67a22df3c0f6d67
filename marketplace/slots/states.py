from django.db.models import TextChoices

from kit.transitions import Transitions


class SlotState(TextChoices):
    """Whether seats of it are offered. Who took one has a seat in a booked session, whatever becomes of the slot."""

    OPEN = "open", "Open"
    WITHDRAWN = "withdrawn", "Taken back"
    LAPSED = "lapsed", "Its time has come"
    # Of a place in a session that runs: there is one, so it is over with the first yes.
    TAKEN = "taken", "Taken"


S = SlotState
SLOT = Transitions("slot", {S.OPEN: {S.WITHDRAWN, S.LAPSED, S.TAKEN}})
