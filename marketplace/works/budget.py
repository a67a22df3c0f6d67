"""What a piece can cost is kept in its gig's budget: all of it, or it is not asked for; nothing, once nothing is owed."""

from django.db.models import F

from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.sessions.booking import BudgetExceeded
from marketplace.sessions.operations import change_commitment
from marketplace.works.models import Commission


def keep(gig: Gig, cost: Money) -> None:
    """Of a locked gig. Raises BudgetExceeded (409) where less is free."""
    missing_minor = cost.minor - (gig.funded_minor - gig.committed_minor)
    if missing_minor > 0:
        missing = Money(missing_minor, gig.currency).display()
        raise BudgetExceeded(
            f"With its fee the piece costs {cost.display()}; set {missing} more aside for the gig.",
            missing_minor=missing_minor,
        )
    Gig.objects.filter(pk=gig.pk).update(committed_minor=F("committed_minor") + cost.minor)


def free(piece: Commission) -> None:
    """Of a locked piece, under its gig's lock: nothing is owed for it. Its row is the caller's to write."""
    change_commitment(gig_id=piece.engagement.gig_id, delta_minor=-piece.committed_minor)


def keep_again(piece: Commission) -> None:
    """A refusal was taken back: what was free meanwhile is kept again, as far as there is any."""
    delta_minor = piece.cost_minor - piece.committed_minor
    change_commitment(gig_id=piece.engagement.gig_id, delta_minor=delta_minor)
