from django.db.models import TextChoices

from kit.transitions import Transitions


class WebhookState(TextChoices):
    ACTIVE = "active", "Sends"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped, as nothing got through"
    ENDED = "ended", "Ended"


W = WebhookState
WEBHOOK = Transitions(
    "webhook",
    {
        W.ACTIVE: {W.PAUSED, W.STOPPED, W.ENDED},
        W.PAUSED: {W.ACTIVE, W.ENDED},
        W.STOPPED: {W.ACTIVE, W.ENDED},
    },
)


class SendingState(TextChoices):
    WAITING = "waiting", "Waits for its next try"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"


S = SendingState
# A sending that ended is sent again when the company asks for it.
SENDING = Transitions(
    "sending",
    {S.WAITING: {S.DELIVERED, S.GIVEN_UP}, S.DELIVERED: {S.WAITING}, S.GIVEN_UP: {S.WAITING}},
)
