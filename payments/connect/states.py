from django.db.models import TextChoices

from kit.transitions import Transitions


class SharedBankState(TextChoices):
    FOUND = "found", "Pay is held until finance decides"
    PROPOSED = "proposed", "Allowing it waits for a second person"
    ALLOWED = "allowed", "Allowed"
    KEPT = "kept", "Pay stays held"
    OVER = "over", "Not shared any more"


S = SharedBankState
SHARED_BANK = Transitions(
    "shared bank account",
    {
        S.FOUND: {S.PROPOSED, S.KEPT, S.OVER},
        S.PROPOSED: {S.ALLOWED, S.KEPT, S.OVER},
        S.KEPT: {S.PROPOSED, S.OVER},
        S.ALLOWED: {S.KEPT, S.OVER},
    },
)
