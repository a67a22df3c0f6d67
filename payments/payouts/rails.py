"""The rails that pay can take. A pay item names its own."""

from collections.abc import Iterator, Sequence

from payments.payouts.rail import Rail
from payments.payouts.stripe_transfers import STRIPE_TRANSFERS
from payments.payroll.models import PayItem

RAILS: dict[str, Rail] = {rail.name: rail for rail in (STRIPE_TRANSFERS,)}


def of(item: PayItem) -> Rail:
    """The rail of an item."""
    return RAILS[item.rail]


def each(items: Sequence[PayItem]) -> Iterator[tuple[Rail, list[PayItem]]]:
    """Each rail with those of the items that are its own, where there are any."""
    for rail in RAILS.values():
        its_items = [item for item in items if item.rail == rail.name]
        if its_items:
            yield rail, its_items
