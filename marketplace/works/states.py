from django.db.models import TextChoices

from kit.transitions import Transitions
from marketplace.media.states import SENT


class CommissionState(TextChoices):
    ASKED = "asked", "Asked for"
    SUBMITTED = "submitted", "In review"
    REVISING = "revising", "Changes asked for"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Taken back"
    LAPSED = "lapsed", "Not handed in"


S = CommissionState
COMMISSION = Transitions(
    "piece",
    {
        S.ASKED: {S.SUBMITTED, S.WITHDRAWN, S.LAPSED},
        # A newer version may take the place of the one that waits, so nothing moves then.
        S.SUBMITTED: {S.ACCEPTED, S.REVISING, S.REFUSED, S.WITHDRAWN},
        # Back to the review without a new version where the company ends the work meanwhile.
        S.REVISING: {S.SUBMITTED, S.WITHDRAWN, S.LAPSED},
        S.REFUSED: {S.ACCEPTED},  # on appeal
    },
)
# The row stays when its file is deleted.
VERSION = Transitions("version", SENT)
# The performer may send a version.
TAKES_VERSIONS = (S.ASKED, S.SUBMITTED, S.REVISING)
OPEN = TAKES_VERSIONS


class Refusal(TextChoices):
    """Why a piece may be refused. Unmet rules are a reason once the revisions that were included are used up."""

    RULES_NOT_MET = "rules_not_met", "It does not meet the rules after the revisions that were agreed"
    OFF_BRIEF = "off_brief", "It is another thing than was asked for"
    NOT_THEIR_OWN = "not_their_own", "It is not the performer's own work"
    BROKEN = "broken", "Picture or sound cannot be used"
    RULED_OUT = "ruled_out", "It holds what the brief rules out"
