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


class LicenceState(TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"
    ENDED = "ended", "Ended"


D, S, L = DeliveryState, OrderState, LicenceState
# Recalled: somebody in it has withdrawn what it was delivered under, or its time is over. It is never given out again.
DELIVERY = Transitions("delivery", {D.ASKED: {D.READY, D.EMPTY}, D.READY: {D.RECALLED}})
# What is passed on ends with the delivery, and when somebody in it no longer lets it be passed on.
LICENCE = Transitions("licence", {L.OFFERED: {L.ACCEPTED, L.DECLINED, L.WITHDRAWN}, L.ACCEPTED: {L.ENDED}})
ORDER = Transitions("deletion order", {S.OPEN: {S.ACKNOWLEDGED, S.NOT_TAKEN}})
