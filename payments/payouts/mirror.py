"""Our copy of Stripe's transfers: what the books, the statements and a bank payout point at."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Greatest

from payments.gateway.transfers import TransferFacts
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem

NOT_TOLD = ("id", "stripe_id", "reversed_minor", "told_reversed_minor")


def store_for_item(transfer: TransferFacts, *, item: PayItem, at: datetime) -> None:
    """Write an item's transfer down as Stripe tells it. What was taken back of it is for `reversals.post`."""
    row = _row(transfer, item=item, at=at)
    told = [field.name for field in Transfer._meta.fields if field.name not in NOT_TOLD]
    Transfer.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["stripe_id"], update_fields=told
    )
    _raise_told(row)


def store_unknown(transfers: Iterable[TransferFacts], *, at: datetime) -> None:
    """Write down transfers that this database may not know; of one that it knows, only what was taken back.

    That only grows: an older answer that comes late takes nothing away.
    """
    rows = [_row(transfer, item=None, at=at) for transfer in transfers]
    Transfer.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        _raise_told(row)


def _raise_told(row: Transfer) -> None:
    if row.told_reversed_minor:
        grown = Greatest("told_reversed_minor", Value(row.told_reversed_minor))
        Transfer.objects.filter(stripe_id=row.stripe_id).update(told_reversed_minor=grown)


def _row(transfer: TransferFacts, *, item: PayItem | None, at: datetime) -> Transfer:
    return Transfer(
        stripe_id=transfer.id,
        item=item,
        amount_minor=transfer.amount_minor,
        told_reversed_minor=transfer.reversed_minor,
        currency=transfer.currency,
        destination=transfer.destination,
        destination_payment=transfer.destination_payment,
        transfer_group=transfer.transfer_group,
        created_at=transfer.created_at,
        seen_at=at,
    )
