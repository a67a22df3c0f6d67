from django.db.models import TextChoices

from kit.transitions import Transitions


class DeliveryState(TextChoices):
    ASKED = "asked", "Being put together"
    READY = "ready", "Ready"
    EMPTY = "empty", "Nothing is left to deliver"
    RECALLED = "recalled", "Recalled"


class OrderState(TextChoices):
    OPEN = "open", "Waits for deletion"
    ACKNOWLEDGED = "acknowledged", "Deletion confirmed"
    NOT_TAKEN = "not_taken", "Nobody had taken it"


D, S = DeliveryState, OrderState
# Recalled: somebody in it has withdrawn what it was delivered under, or its time is over. It is never given out again.
DELIVERY = Transitions("delivery", {D.ASKED: {D.READY, D.EMPTY}, D.READY: {D.RECALLED}})
ORDER = Transitions("deletion order", {S.OPEN: {S.ACKNOWLEDGED, S.NOT_TAKEN}})
