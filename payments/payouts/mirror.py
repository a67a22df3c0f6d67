"""Our copy of Stripe's transfers: what the books, the statements and a bank payout point at."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Greatest

from payments.gateway.transfers import TransferFacts
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem

NOT_TOLD = ("id", "stripe_id", "reversed_minor", "told_reversed_minor")


def store_for_items(transfers: Sequence[TransferFacts], *, items: Sequence[PayItem], at: datetime) -> None:
    """Write items' transfers down, each as Stripe tells it. What was taken back of them is for `reversals.post`."""
    rows = [_row(transfer, item=item, at=at) for transfer, item in zip(transfers, items, strict=True)]
    told = [field.name for field in Transfer._meta.fields if field.name not in NOT_TOLD]
    Transfer.objects.bulk_create(rows, update_conflicts=True, unique_fields=["stripe_id"], update_fields=told)
    for row in rows:
        _raise_told(row)


def taken_back(stripe_ids: Sequence[str]) -> list[str]:
    """Of which of the transfers more was heard to be taken back than stands in the books."""
    known = Transfer.objects.filter(stripe_id__in=stripe_ids, told_reversed_minor__gt=F("reversed_minor"))
    return list(known.order_by("stripe_id").values_list("stripe_id", flat=True))


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
