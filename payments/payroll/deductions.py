"""What was agreed to be deducted, taken a payday at a time: a part lowers a net by no more than the recovery cap leaves
(money/RULES.md, rule 6), together with what is kept for what was overpaid. The rest waits for the next run.

A part is a line of its own, earned below zero before the run is cut. A run that is cancelled leaves its parts open: the
next one takes so much less, or gives some back where it may take less by then.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from kit.money import BASIS_POINTS, DOWN
from marketplace.timekeeping.weeks import week_of
from payments.paylines.kinds import Kind
from payments.paylines.models import PayLine
from payments.paylines.queries import left_minor, with_taken
from payments.paylines.states import PayLineState
from payments.payroll import coverage, recoveries
from payments.payroll.coverage import Span


@dataclass(frozen=True)
class Part:
    """Of one deduction, how much a run takes now, in minor units; below zero, gives back."""

    deduction: PayLine
    minor: int


@dataclass
class _Open:
    """What a performer has earned and was not paid for, before deductions, and what is already taken of each."""

    gross_minor: int
    taken_minor: Mapping[int, int]


def due(
    *, currency: str, within: Span, chosen: Collection[int] | None, at: datetime
) -> dict[int, list[Part]]:
    """By performer, the parts that a run takes now, the oldest deduction first. Call under the pay-cut lock for an answer
    that holds."""
    rows = waiting(currency, taken_of=_with_open_parts(currency=currency, within=within))
    if chosen is not None:
        rows = rows.filter(engagement__performer_id__in=chosen)
    agreed = defaultdict(list)
    for deduction in rows:
        agreed[deduction.engagement.performer_id].append(deduction)
    if not agreed:
        return {}
    opens = _open(currency=currency, within=within, performers=list(agreed))
    rooms = _rooms(opens, currency=currency, within=within, at=at)
    found = {performer: _parts(agreed[performer], opens[performer], rooms[performer]) for performer in opens}
    return {performer: parts for performer, parts in found.items() if parts}


def take(parts: Mapping[int, Sequence[Part]], *, at: datetime) -> None:
    """Make the parts lines that are earned next. In the transaction that cuts the run: what was given up since is not taken."""
    week, still_agreed = week_of(at), _locked(parts)
    PayLine.objects.bulk_create(
        PayLine(
            kind=Kind.DEDUCTION,
            engagement_id=part.deduction.engagement_id,
            part_of=part.deduction,
            amount_minor=-part.minor,
            fee_minor=0,
            currency=part.deduction.currency,
            reason=part.deduction.reason,
            state=PayLineState.APPROVED,
            made_at=at,
            due_at=at,
            decided_at=at,
            week=week,
        )
        for of_one in parts.values()
        for part in of_one
        if part.minor < 0 or part.deduction.pk in still_agreed
    )


def _locked(parts: Mapping[int, Sequence[Part]]) -> set[int]:
    """The deductions of these that still stand, which stay so until the transaction ends."""
    keys = [part.deduction.pk for of_one in parts.values() for part in of_one]
    rows = PayLine.objects.select_for_update().filter(pk__in=keys, state=PayLineState.APPROVED).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def waiting_minor(*, performer_id: int, currency: str) -> int:
    """What was agreed and is not taken yet, in minor units."""
    rows = waiting(currency).filter(engagement__performer_id=performer_id)
    return sum(left_minor(row) for row in rows)


def waiting(currency: str, *, taken_of: Collection[int] = ()) -> QuerySet[PayLine]:
    """What was agreed and is not taken whole, and `taken_of`, given up or not, of which a part is in no item; the oldest
    first."""
    rows = PayLine.objects.filter(kind=Kind.DEDUCTION, part_of=None, currency=currency)
    waits = Q(state=PayLineState.APPROVED, taken_minor__lt=-F("amount_minor")) | Q(pk__in=taken_of)
    return with_taken(rows).filter(waits).select_related("engagement").order_by("decided_at", "id")


def _with_open_parts(*, currency: str, within: Span) -> list[int]:
    """The deductions of which a part is earned and in no item: a run that took it was cancelled."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT line.part_of_id FROM payments_earning earning
            JOIN payments_payline line ON line.id = earning.pay_line_id
            WHERE earning.id >= %s AND earning.id < %s AND earning.currency = %s AND line.part_of_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM payments_payitem item WHERE item.performer_id = earning.performer_id
                AND item.currency = earning.currency AND item.state <> 'cancelled' AND item.earnings @> earning.id)
            """,
            [within.start, within.end, currency],
        )
        return [row[0] for row in cursor.fetchall()]


def _open(*, currency: str, within: Span, performers: list[int]) -> dict[int, _Open]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT earning.performer_id, line.part_of_id, sum(earning.amount_minor)::bigint
            FROM payments_open_earnings(%s, %s, %s, %s) earning
            LEFT JOIN payments_payline line ON line.id = earning.pay_line_id
            GROUP BY earning.performer_id, line.part_of_id
            """,
            [currency, within.start, within.end, performers],
        )
        sums = cursor.fetchall()
    gross = {performer: minor for performer, deduction, minor in sums if deduction is None}
    taken: dict[int, dict[int, int]] = defaultdict(dict)
    for performer, deduction, minor in sums:
        if deduction is not None:
            taken[performer][deduction] = -minor
    return {each: _Open(gross.get(each, 0), taken[each]) for each in {*gross, *taken}}


def _rooms(opens: Mapping[int, _Open], *, currency: str, within: Span, at: datetime) -> dict[int, int]:
    """By performer, how much may be deducted now: the cap's share of what is open, less what is kept of it anyway."""
    nets = coverage.nets(currency=currency, within=within, chosen=opens)
    caps = recoveries.lowest_caps({net.performer_pk: net.earnings for net in nets}, currency=currency)
    kept = recoveries.parts(performers=opens, currency=currency, told_by=at - recoveries.TOLD_BEFORE)
    rooms = {}
    for performer, found in opens.items():
        most = DOWN.divide(max(found.gross_minor, 0) * caps.get(performer, 0), BASIS_POINTS)
        rooms[performer] = max(most - recoveries.left_minor(kept.get(performer, ())), 0)
    return rooms


def _parts(deductions: Sequence[PayLine], found: _Open, room_minor: int) -> list[Part]:
    parts = []
    for deduction in deductions:
        already = found.taken_minor.get(deduction.pk, 0)
        stands = deduction.state == PayLineState.APPROVED
        wanted = min(left_minor(deduction) + already, room_minor) if stands else 0
        room_minor -= wanted
        if wanted != already:
            parts.append(Part(deduction, wanted - already))
    return parts
