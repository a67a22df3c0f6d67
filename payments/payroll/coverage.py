"""Which earnings are in no item yet: what a run takes, performer by performer (decision 0011).

An item covers ranges of its performer's earnings, and no two live items of one performer overlap: an exclusion
constraint holds it, whatever run they are in. A performer who is left out simply has no item, so the next run takes it.
`payments_open_earnings` (migration 0010) says what stands in no live item.
"""

import uuid
from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from kit.multirange import Spans
from marketplace.timekeeping.models import PayWeek
from payments.payroll.models import Earning, PayCut, PayRun
from payments.payroll.states import RunState

FETCH = 5_000


class Net(NamedTuple):
    """What a performer has earned and was not paid for: the sum, how many lines, and the ranges that hold them."""

    performer_pk: int
    performer_uuid: uuid.UUID
    minor: int
    lines: int
    earnings: Spans


class Span(NamedTuple):
    """Half-open: the earnings that a run looks at."""

    start: int
    end: int


def span(*, currency: str) -> Span:
    """From the oldest earning that is in no item to the newest. Call under the pay-cut lock for a cut that holds."""
    start = PayCut.objects.filter(currency=currency).values_list("from_id", flat=True).first() or 0
    newest = Earning.objects.aggregate(newest=Max("id"))["newest"] or 0
    return Span(start, max(int(newest) + 1, start))


def chosen_of(run: PayRun) -> list[int] | None:
    """The performers that a run is for; None where it is for all."""
    return list(run.chosen) if run.off_cycle is not None else None


def nets(*, currency: str, within: Span, chosen: Collection[int] | None) -> Iterator[Net]:
    """Each performer's net, or of those `chosen`, in order; a stream, so that a run of any size fits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT earning.performer_id, performer.public_id, sum(earning.amount_minor)::bigint, count(*),
                   int8multirange(int8range(%(start)s, %(end)s)) - coalesce(earning.covered, '{}')
            FROM payments_open_earnings(%(currency)s, %(start)s, %(end)s, %(chosen)s) earning
            JOIN accounts_performer performer ON performer.id = earning.performer_id
            GROUP BY earning.performer_id, performer.public_id, earning.covered ORDER BY earning.performer_id
            """,
            {
                "currency": currency,
                "start": within.start,
                "end": within.end,
                "chosen": None if chosen is None else list(chosen),
            },
        )
        while rows := cursor.fetchmany(FETCH):
            for pk, public_id, minor, lines, earnings in rows:
                yield Net(pk, public_id, minor, lines, tuple((each.lower, each.upper) for each in earnings))


def advance(*, currency: str, within: Span) -> None:
    """After a freeze: the next run begins to look at the oldest earning that is still in no item."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id) FROM payments_open_earnings(%s, %s, %s, NULL)",
            [currency, within.start, within.end],
        )
        oldest = cursor.fetchone()[0]
    _begin_at(currency=currency, from_id=within.end if oldest is None else oldest)


def fall_back(*, currency: str, from_id: int) -> None:
    """A run was cancelled: its earnings are looked at again."""
    kept = PayCut.objects.filter(currency=currency).values_list("from_id", flat=True).first() or 0
    _begin_at(currency=currency, from_id=min(kept, from_id))


def waits_of(week: PayWeek) -> bool:
    """Whether an approved line of the week is in no item of a run that someone approved."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
              SELECT FROM marketplace_timesheet sheet JOIN marketplace_timeline line ON line.timesheet_id = sheet.id
              LEFT JOIN payments_earning earning ON earning.line_id = line.id
              WHERE sheet.week_id = %s AND line.approved_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM payments_payitem item JOIN payments_payrun run ON run.id = item.run_id
                WHERE item.performer_id = earning.performer_id AND item.currency = earning.currency
                  AND item.earnings @> earning.id AND run.state = ANY(%s)))
            """,
            [week.pk, [RunState.APPROVED, RunState.PAYING, RunState.PAID]],
        )
        return bool(cursor.fetchone()[0])


def _begin_at(*, currency: str, from_id: int) -> None:
    PayCut.objects.update_or_create(currency=currency, defaults={"from_id": from_id})
