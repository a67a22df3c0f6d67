"""Stripe's balance transactions, read from where the last reading stopped: each must be explained by the books, is booked
as the house's own, or goes to suspense within the hour (money/RULES.md, rules 9 and 12)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import connection, transaction

from kit.crash import crash_point
from kit.instants import for_machines
from payments.funding import following as funding
from payments.gateway import balance, transfers
from payments.gateway.balance import RowFacts
from payments.gateway.errors import StripeUnavailable
from payments.payouts import pace, reversals
from payments.payouts.models import Heartbeat, Transfer
from payments.reconciliation import house
from payments.reconciliation.models import StripeRow

log = structlog.get_logger(__name__)
READ = "reconciliation.read"
FIRST_READ = timedelta(days=3650)
# Readings overlap, by Stripe's own clock, by more than it takes until the order of its list is final. An hour of a payday is
# seven hundred pages.
OVERLAP = timedelta(minutes=2)
# A payment may be Stripe's before its checkout is ours, a transfer before its answer: so long they may be on their way.
ON_ITS_WAY = timedelta(minutes=50)
BATCH = 1_000
# What a company's payment can move.
OF_PAYMENTS = frozenset(
    {
        "charge",
        "payment",
        "refund",
        "payment_refund",
        "refund_failure",
        "payment_failure_refund",
        "adjustment",
    }
)
OF_PAY = frozenset({"transfer", "transfer_refund", "transfer_failure", "transfer_cancel"})
How = StripeRow.How
# What stands in the books already, new or lying in suspense: the new ones are explained by it, the others are its answer.
BOOKED = """
WITH found AS (
    SELECT row.id, row.how AS was, CASE
        WHEN EXISTS (SELECT FROM payments_fundingmovement movement WHERE movement.stripe_id = row.stripe_id)
            THEN %(funding)s
        WHEN row.type = 'transfer' AND EXISTS (
            SELECT FROM payments_transfer transfer
            WHERE transfer.stripe_id = row.source AND transfer.item_id IS NOT NULL
              AND transfer.amount_minor = -row.amount_minor AND transfer.currency = row.currency) THEN %(transfer)s
        WHEN row.type = 'transfer_refund' AND EXISTS (
            SELECT FROM payments_transfer transfer
            WHERE transfer.stripe_id = row.source AND transfer.item_id IS NOT NULL
              AND transfer.currency = row.currency AND transfer.reversed_minor >= (
                SELECT sum(other.amount_minor) FROM payments_striperow other
                WHERE other.source = row.source AND other.type = 'transfer_refund'
                  AND other.created_at <= row.created_at)) THEN %(reversal)s
        END AS booked
    FROM payments_striperow row WHERE row.how = '' OR (row.how = %(suspense)s AND NOT row.is_decided)
), explained AS (
    UPDATE payments_striperow row SET how = found.booked, explained_at = %(at)s
    FROM found WHERE row.id = found.id AND found.was = '' AND found.booked IS NOT NULL
)
SELECT id, booked FROM found WHERE was = %(suspense)s AND booked IS NOT NULL
"""
BY_WHAT = {how.name.lower(): how for how in (How.FUNDING, How.TRANSFER, How.REVERSAL, How.SUSPENSE)}


def read(*, at: datetime) -> int:
    """Read what is new and explain what can be; returns how many rows were new. Raises StripeUnavailable."""
    new, newest = 0, _newest_read()
    since = at - FIRST_READ if newest is None else newest - OVERLAP
    for rows in _in_batches(balance.rows_since(since, before_page=pace.wait_for_turn)):
        new += _keep(rows, at=at)
        newest = max([row.created_at for row in rows] + ([newest] if newest else []))
        crash_point("reconciliation.kept")
    explain(at=at)
    facts = {"newest": for_machines(newest)} if newest else {}
    Heartbeat.objects.update_or_create(name=READ, defaults={"at": at, "facts": facts})
    return new


def _newest_read() -> datetime | None:
    """When the newest row of the last whole reading was made, by Stripe's clock; None before there was one."""
    last = Heartbeat.objects.filter(name=READ).first()
    return datetime.fromisoformat(last.facts["newest"]) if last and "newest" in last.facts else None


def _in_batches(rows: Iterator[RowFacts]) -> Iterator[list[RowFacts]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _keep(rows: Iterable[RowFacts], *, at: datetime) -> int:
    made = [
        StripeRow(
            stripe_id=facts.id,
            type=facts.type,
            source=facts.source,
            amount_minor=facts.amount_minor,
            fee_minor=facts.fee_minor,
            currency=facts.currency,
            created_at=facts.created_at,
            heard_at=at,
        )
        for facts in rows
    ]
    known = set(
        StripeRow.objects.filter(stripe_id__in=[row.stripe_id for row in made]).values_list(
            "stripe_id", flat=True
        )
    )
    StripeRow.objects.bulk_create([row for row in made if row.stripe_id not in known], ignore_conflicts=True)
    return len(made) - len(known)


def explain(*, at: datetime) -> None:
    """Find what explains each row: in sets what is booked already, then one by one what is news."""
    explain_booked(at=at)
    for row in StripeRow.objects.filter(how="").order_by("created_at", "id"):
        try:
            _explain_one(row, at=at)
        except StripeUnavailable as error:
            log.warning("row_not_explained", row=row.stripe_id, error=type(error).__name__)
    explain_booked(at=at)


def explain_booked(*, at: datetime) -> None:
    """What stands in the books already, in one set."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, {**BY_WHAT, "at": at})
        found = cursor.fetchall()
    for key, how in found:
        _found_after_all(key, How(how), at=at)


@transaction.atomic
def _found_after_all(key: int, how: How, *, at: datetime) -> None:
    """It lay in suspense, and what explains it was booked late: what was suspended is taken back, unless a person has
    decided."""
    row = StripeRow.objects.select_for_update().get(pk=key)
    if row.how == How.SUSPENSE and not row.is_decided:
        house.end_suspense(row, at=at)
        StripeRow.objects.filter(pk=row.pk).update(how=how, explained_at=at)


def _explain_one(row: StripeRow, *, at: datetime) -> None:
    if house.is_ours(row):
        _booked(row, How.HOUSE, house.book, at=at)
    elif row.type in OF_PAY or _is_of_a_payment(row):
        if not _follow(row, at=at) and at - row.heard_at >= ON_ITS_WAY:
            _booked(row, How.SUSPENSE, house.suspend, at=at)
    else:
        _booked(row, How.SUSPENSE, house.suspend, at=at)


def _is_of_a_payment(row: StripeRow) -> bool:
    # An adjustment without a dispute behind it is anybody's.
    return row.type in OF_PAYMENTS and (row.type != "adjustment" or row.source[:3] in ("du_", "dp_"))


def _follow(row: StripeRow, *, at: datetime) -> bool:
    """Have whoever follows such things read it; returns whether somebody does."""
    if row.type == "transfer_refund":
        reversals.note(transfer=transfers.retrieve(row.source), at=at)
        return Transfer.objects.filter(stripe_id=row.source, item__isnull=False).exists()
    if row.type in OF_PAY:
        return False
    return funding.refresh_payment(object_id=row.source, at=at) is not None


@transaction.atomic
def _booked(row: StripeRow, how: How, book: Callable[..., None], *, at: datetime) -> None:
    locked = StripeRow.objects.select_for_update().get(pk=row.pk)
    if locked.how:
        return
    book(locked, at=at)
    StripeRow.objects.filter(pk=row.pk).update(how=how, explained_at=at)
    crash_point("reconciliation.before_commit")
