from django.db.models import TextChoices

from kit.transitions import Transitions


class RunState(TextChoices):
    DRAFT = "draft", "Draft"
    FROZEN = "frozen", "Frozen"
    APPROVED = "approved", "Approved"
    PAYING = "paying", "Paying"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Cancelled"


R = RunState
RUN = Transitions(
    "pay run",
    {
        R.DRAFT: {R.FROZEN, R.CANCELLED},
        R.FROZEN: {R.APPROVED, R.CANCELLED},
        R.APPROVED: {R.PAYING, R.CANCELLED},
        R.PAYING: {R.PAID},
        R.PAID: {R.PAYING},
    },
)


class ItemState(TextChoices):
    READY = "ready", "Ready"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    SETTLED = "settled", "In the bank"
    HELD = "held", "Held"
    REVERSED = "reversed", "Came back"
    CANCELLED = "cancelled", "Cancelled with its run"


T = ItemState
ITEM = Transitions(
    "pay item",
    {
        # Nothing is sent of a net of zero or less: it is settled as soon as its run starts.
        T.READY: {T.SENDING, T.HELD, T.SETTLED, T.CANCELLED},
        T.SENDING: {T.SENT, T.HELD, T.READY},
        T.SENT: {T.SETTLED, T.REVERSED},
        T.SETTLED: {T.REVERSED, T.SENT},
        T.HELD: {T.READY, T.CANCELLED},
    },
)
