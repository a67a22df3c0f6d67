"""What was overpaid, and how it becomes even again (money/RULES.md, rules 6 and 7): the oldest part first, from a week
after the performer was told, and never more of a payday than the terms allow."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from kit.money import BASIS_POINTS, DOWN
from kit.multirange import Spans
from payments.payroll.models import Overpayment, PayItem, Repayment
from payments.payroll.states import ItemState

TOLD_BEFORE = timedelta(hours=168)


@dataclass
class Part:
    """One overpayment and what is left of it, in minor units."""

    overpayment: Overpayment
    left_minor: int


def parts(
    *, performers: Collection[int], currency: str, told_by: datetime | None = None
) -> dict[int, list[Part]]:
    """What is overpaid and not even yet, by performer, the oldest first; only what was told by then where that is asked.

    What a frozen run keeps counts as even already. Call under the pay-cut lock for an answer that holds.
    """
    counts = ~Q(repayments__item__state=ItemState.CANCELLED, repayments__kept=True)
    rows = Overpayment.objects.filter(performer__in=performers, currency=currency)
    if told_by is not None:
        rows = rows.filter(told_at__lte=told_by)
    even = Coalesce(Sum("repayments__amount_minor", filter=counts), 0)
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows.annotate(even_minor=even).order_by("told_at", "id"):
        if row.amount_minor > row.even_minor:
            found[row.performer_id].append(Part(row, row.amount_minor - row.even_minor))
    return found


def left_minor(found: Iterable[Part]) -> int:
    return sum(part.left_minor for part in found)


def take(
    found: Sequence[Part], amount_minor: int, *, item: PayItem, kept: bool, at: datetime
) -> list[Repayment]:
    """Make so much even, the oldest part first; not yet saved. `amount_minor` is no more than what is left."""
    made = []
    for part in found:
        taken = min(amount_minor, part.left_minor)
        if taken > 0:
            made.append(
                Repayment(overpayment=part.overpayment, item=item, kept=kept, amount_minor=taken, made_at=at)
            )
            part.left_minor -= taken
            amount_minor -= taken
    if amount_minor:
        raise AssertionError("no more is made even than was overpaid")
    return made


def keep_from(items: Sequence[PayItem], *, at: datetime) -> list[Repayment]:
    """Of each net above zero, keep what may be kept; the items are not saved yet, nor the repayments returned."""
    nets = {item.performer_id: item for item in items if item.net_minor > 0}
    if not nets:
        return []
    due = parts(performers=nets, currency=items[0].currency, told_by=at - TOLD_BEFORE)
    if not due:
        return []
    currency = items[0].currency
    caps = lowest_caps({performer: nets[performer].earnings or () for performer in due}, currency=currency)
    made = []
    for performer, found in due.items():
        item = nets[performer]
        most = DOWN.divide(item.net_minor * caps.get(performer, 0), BASIS_POINTS)
        item.recovered_minor = min(left_minor(found), most)
        item.amount_minor = item.net_minor - item.recovered_minor
        made += take(found, item.recovered_minor, item=item, kept=True, at=at)
    return made


def lowest_caps(earnings: Mapping[int, Spans], *, currency: str) -> dict[int, int]:
    """By performer, the lowest cap among the policies of those of these earnings; 0 where a policy names none.

    A time line has its session's policy, a pay line its engagement's; a deduction binds nothing that it is taken from.
    Where no line has one, nothing is kept.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH earned AS (
              SELECT item.performer_id, earning.line_id, earning.pay_line_id
              FROM unnest(%s::bigint[], %s::int8multirange[]) AS item (performer_id, earnings)
              JOIN payments_earning earning
                ON earning.performer_id = item.performer_id AND item.earnings @> earning.id AND earning.currency = %s
            )
            SELECT performer_id, min(coalesce((policy ->> 'recovery_cap_bps')::int, 0)) FROM (
              SELECT earned.performer_id, session.policy FROM earned
              JOIN marketplace_timeline line ON line.id = earned.line_id
              LEFT JOIN marketplace_timeline original ON original.id = line.corrects_id
              JOIN marketplace_seat seat ON seat.id = coalesce(line.seat_id, original.seat_id)
              JOIN marketplace_session session ON session.id = seat.session_id
              UNION ALL
              SELECT earned.performer_id, signed.policy FROM earned
              JOIN payments_payline line ON line.id = earned.pay_line_id AND line.kind <> 'deduction'
              JOIN LATERAL (
                SELECT policy FROM marketplace_terms terms WHERE terms.engagement_id = line.engagement_id
                  AND terms.company_signed_at IS NOT NULL ORDER BY terms.version DESC LIMIT 1
              ) signed ON true
            ) AS policies GROUP BY performer_id
            """,
            [list(earnings), [_literal(spans) for spans in earnings.values()], currency],
        )
        return dict(cursor.fetchall())


def _literal(spans: Spans) -> str:
    return "{" + ",".join(f"[{start},{end})" for start, end in spans) + "}"
