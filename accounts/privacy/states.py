from django.db.models import TextChoices

from kit.transitions import Transitions


class ErasureState(TextChoices):
    ASKED = "asked", "Asked for"
    TAKEN_BACK = "taken_back", "Taken back"
    DONE = "done", "Done"


S = ErasureState
ERASURE = Transitions("erasure", {S.ASKED: {S.TAKEN_BACK, S.DONE}})
