from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from accounts.performers.models import Performer
from kit.rows import by_public_id
from marketplace.timekeeping.models import TimeLine
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.paylines.kinds import RULES, TAX_OF_TIME, Tax
from payments.paylines.kinds import Kind as PayLineKind
from payments.payroll import deductions
from payments.payroll.models import Earning, PayItem
from payments.payroll.states import ItemState, RunState


@dataclass(frozen=True)
class Standing:
    """Where a performer's money stands, in minor units: owed (earned, not sent), on its way, in the bank, held; what came
    back and waits for finance, what was paid too much and is not even yet, and what was agreed to be deducted and is not
    taken yet."""

    currency: str
    owed_minor: int
    held_minor: int
    on_its_way_minor: int
    in_the_bank_minor: int
    returned_minor: int
    overpaid_minor: int
    to_deduct_minor: int


def items_of(actor: Actor) -> QuerySet[PayItem]:
    """The actor's pay items, newest first: a performer's once their run is approved, for finance all that count."""
    items = PayItem.objects.visible_to(actor).exclude(run__state=RunState.CANCELLED)
    if not actor.is_finance:
        items = items.exclude(run__state__in=[RunState.DRAFT, RunState.FROZEN])
    return (
        items.select_related("run__week", "performer")
        .prefetch_related("transfers__bank_payouts")
        .order_by("-id")
    )


def get_item(*, actor: Actor, public_id: str) -> PayItem:
    """Raises NotFound (404)."""
    return by_public_id(items_of(actor), public_id)


def standing(*, performer: Performer, currency: str = "usd") -> Standing:
    """Where the performer's money stands now."""
    items = PayItem.objects.filter(performer=performer, currency=currency).exclude(run__state="cancelled")
    # An item has one transfer at most, so neither sum counts anything twice.
    left = Sum("amount_minor") - Coalesce(Sum("transfers__reversed_minor"), 0)
    sums = dict(items.order_by().values_list("state").annotate(total=left))
    kept = ledger.by_kind_minor(performer.public_id, currency=currency)
    return Standing(
        currency=currency,
        owed_minor=-kept.get(Kind.PERFORMER_PAYABLE, 0),
        held_minor=sums.get(ItemState.HELD, 0),
        on_its_way_minor=sums.get(ItemState.SENDING, 0) + sums.get(ItemState.SENT, 0),
        in_the_bank_minor=sums.get(ItemState.SETTLED, 0),
        returned_minor=-kept.get(Kind.PERFORMER_RETURNED, 0),
        overpaid_minor=kept.get(Kind.PERFORMER_OVERPAID, 0),
        to_deduct_minor=deductions.waiting_minor(performer_id=performer.pk, currency=currency),
    )


def by_tax(*, performer: Performer, year: int, currency: str = "usd") -> list[tuple[Tax, int]]:
    """What was paid in a calendar year of the payroll zone, by what it counts as for tax, in minor units: by the day on
    which its item was sent, or settled where nothing needed to be."""
    totals = by_tax_of_many([performer.pk], year=year, currency=currency).get(performer.pk, {})
    return [(tax, totals[tax]) for tax in Tax if totals.get(tax)]


def by_tax_of_many(
    performers: Collection[int], *, year: int, currency: str = "usd"
) -> dict[int, dict[Tax, int]]:
    """The same of several performers, by primary key, in one query; who was paid nothing is left out."""
    begin, end = year_of(year)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item.performer_id, coalesce(line.kind, ''), sum(earning.amount_minor)::bigint
            FROM payments_payitem item
            JOIN payments_earning earning ON earning.performer_id = item.performer_id AND earning.currency = item.currency
             AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
            LEFT JOIN payments_payline line ON line.id = earning.pay_line_id
            WHERE item.performer_id = ANY (%s) AND item.currency = %s AND item.state IN ('sent', 'settled', 'reversed')
              AND coalesce(item.sent_at, item.settled_at) >= %s AND coalesce(item.sent_at, item.settled_at) < %s
            GROUP BY 1, 2
            """,
            [list(performers), currency, begin, end],
        )
        sums = cursor.fetchall()
    totals: dict[int, dict[Tax, int]] = defaultdict(lambda: defaultdict(int))
    for performer, kind, minor in sums:
        totals[performer][RULES[PayLineKind(kind)].tax if kind else TAX_OF_TIME] += minor
    return totals


def year_of(year: int) -> tuple[datetime, datetime]:
    """The calendar year in the payroll zone, half-open."""
    zone = ZoneInfo(settings.PAYROLL_TIME_ZONE)
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def earned_minor(*, performer: Performer, currency: str = "usd") -> int:
    """Everything that was ever earned, in minor units."""
    rows = Earning.objects.filter(performer=performer, currency=currency)
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def under_review_minor(*, performer: Performer, currency: str = "usd") -> int:
    """What is recorded and not yet approved."""
    open_lines = TimeLine.objects.filter(
        timesheet__performer=performer, currency=currency, state__in=["recorded", "disputed"]
    )
    return int(open_lines.aggregate(total=Sum("amount_minor"))["total"] or 0)
