"""What a run pays each performer: from their nets to items, for good or as a preview."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.conf import settings

from kit.ids import from_uuid
from payments.payroll import coverage, deductions, recoveries
from payments.payroll.coverage import Net, Span
from payments.payroll.models import PayItem, PayRun, Repayment

NAMESPACE = uuid.UUID("6c1f3f0a-5f2d-4c55-9d0b-ca11b0a4d000")
INSERT_BATCH = 5_000


def natural_key(*, period: str, performer_id: str, currency: str) -> uuid.UUID:
    """The same for the same facts, on a restored database too: it makes the idempotency key and the transfer_group."""
    return uuid.uuid5(NAMESPACE, f"{settings.ENVIRONMENT}|{period}|{performer_id}|{currency}")


def make(run: PayRun, *, within: Span, at: datetime) -> tuple[int, int]:
    """Save an item for each net; returns what they send in all, and how many there are."""
    total = count = 0
    nets = coverage.nets(currency=run.currency, within=within, chosen=coverage.chosen_of(run))
    items = _of_nets(run, nets)
    while batch := list(islice(items, INSERT_BATCH)):
        repayments = recoveries.keep_from(batch, at=at)
        PayItem.objects.bulk_create(batch)
        Repayment.objects.bulk_create(repayments)
        total += sum(item.amount_minor for item in batch)
        count += len(batch)
    return total, count


def preview(run: PayRun, *, at: datetime) -> list[PayItem]:
    """What freezing a run for chosen performers would pay each now, not saved: the same steps, with nothing kept."""
    within, chosen = coverage.span(currency=run.currency), coverage.chosen_of(run)
    parts = deductions.due(currency=run.currency, within=within, chosen=chosen, at=at)
    nets = coverage.nets(currency=run.currency, within=within, chosen=chosen)
    items = list(_of_nets(run, (_less(net, parts.get(net.performer_pk, ())) for net in nets)))
    recoveries.keep_from(items, at=at)
    return items


def _of_nets(run: PayRun, nets: Iterable[Net]) -> Iterator[PayItem]:
    """One for each net but those too small to send."""
    least = settings.LEAST_PAYOUT_MINOR.get(run.currency, 0)
    return (_item(run, net) for net in nets if not 0 < net.minor < least)


def _item(run: PayRun, net: Net) -> PayItem:
    performer_id = from_uuid(net.performer_uuid, prefix="prf")
    return PayItem(
        run=run,
        performer_id=net.performer_pk,
        currency=run.currency,
        net_minor=net.minor,
        amount_minor=max(net.minor, 0),
        lines=net.lines,
        earnings=net.earnings,
        natural_key=natural_key(period=run.period, performer_id=performer_id, currency=run.currency),
    )


def _less(net: Net, parts: Sequence[deductions.Part]) -> Net:
    """The net once these parts are earned too."""
    return net._replace(minor=net.minor - sum(part.minor for part in parts), lines=net.lines + len(parts))
