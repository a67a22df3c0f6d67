from django.db.models import TextChoices

from kit.transitions import Transitions


class NetTermsState(TextChoices):
    PROPOSED = "proposed", "Waits for a second person"
    IN_FORCE = "in_force", "In force"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"
    ENDED = "ended", "Ended"


N = NetTermsState
# What was drawn under terms that end stands until it is paid.
NET_TERMS = Transitions(
    "net terms", {N.PROPOSED: {N.IN_FORCE, N.DECLINED, N.WITHDRAWN}, N.IN_FORCE: {N.ENDED}}
)
