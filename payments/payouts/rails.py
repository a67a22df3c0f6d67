"""The rails that pay can take. A pay item names its own."""

from payments.payouts.rail import Rail
from payments.payouts.stripe_transfers import STRIPE_TRANSFERS
from payments.payroll.models import PayItem

RAILS: dict[str, Rail] = {rail.name: rail for rail in (STRIPE_TRANSFERS,)}


def of(item: PayItem) -> Rail:
    """The rail of an item."""
    return RAILS[item.rail]
