"""What a piece can cost is kept in its gig's budget: all of it, or it is not asked for; nothing, once nothing is owed."""

from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.sessions.booking import commit
from marketplace.sessions.operations import change_commitment
from marketplace.works.models import Commission


def keep(gig: Gig, cost: Money) -> None:
    """Of a locked gig. Raises BudgetExceeded (409) where less is free."""
    commit(gig, cost, told=f"With its fee the piece costs {cost.display()}")


def free(piece: Commission) -> None:
    """Of a locked piece, under its gig's lock: nothing is owed for it. Its row is the caller's to write."""
    change_commitment(gig_id=piece.engagement.gig_id, delta_minor=-piece.committed_minor)


def keep_again(piece: Commission) -> None:
    """A refusal was taken back: what was free meanwhile is kept again, as far as there is any."""
    delta_minor = piece.cost_minor - piece.committed_minor
    change_commitment(gig_id=piece.engagement.gig_id, delta_minor=delta_minor)
