from django.db.models import TextChoices

from kit.transitions import Transitions


class GrantState(TextChoices):
    GIVEN = "given", "Given, waits for the company's signature"
    ACTIVE = "active", "Active"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Its time is over"
    SUPERSEDED = "superseded", "Over before both had signed"


S = GrantState
LIVE = (S.GIVEN, S.ACTIVE)
GRANT = Transitions(
    "grant", {S.GIVEN: {S.ACTIVE, S.WITHDRAWN, S.SUPERSEDED}, S.ACTIVE: {S.WITHDRAWN, S.EXPIRED}}
)
