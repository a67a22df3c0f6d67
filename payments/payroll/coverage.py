"""Which earnings are in no item yet: what a run takes, performer by performer (decision 0011).

An item covers ranges of its performer's earnings, and no two live items of one performer overlap: an exclusion
constraint holds it, whatever run they are in. A performer who is left out simply has no item, so the next run takes it.
"""

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from kit.multirange import Spans
from payments.payroll.models import Earning, PayCut, PayRun

FETCH = 5_000

# What stands in no live item. `live` is empty but for performers in a later run, or one beside the weeks.
UNCOVERED = """
  live AS (
    SELECT performer_id, range_agg(earnings) AS covered FROM payments_payitem
    WHERE currency = %(currency)s AND state <> 'cancelled' AND upper(earnings) > %(start)s GROUP BY performer_id
  ), open AS (
    SELECT earning.* FROM payments_earning earning LEFT JOIN live USING (performer_id)
    WHERE earning.id >= %(start)s AND earning.id < %(end)s AND earning.currency = %(currency)s
      AND (live.covered IS NULL OR NOT live.covered @> earning.id)
      AND (%(chosen)s::bigint[] IS NULL OR earning.performer_id = ANY (%(chosen)s))
  )"""


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


def nets(run: PayRun, within: Span) -> Iterator[Net]:
    """Each performer's net, in order; a stream, so that a run of any size fits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {UNCOVERED}, net AS (
              SELECT performer_id, sum(amount_minor)::bigint AS minor, count(*) AS lines FROM open GROUP BY performer_id
            )
            SELECT net.performer_id, performer.public_id, net.minor, net.lines,
                   int8multirange(int8range(%(start)s, %(end)s)) - coalesce(live.covered, '{{}}')
            FROM net JOIN accounts_performer performer ON performer.id = net.performer_id
            LEFT JOIN live ON live.performer_id = net.performer_id ORDER BY net.performer_id
            """,  # noqa: S608 -- a constant of ours
            _params(run, within),
        )
        while rows := cursor.fetchmany(FETCH):
            for pk, public_id, minor, lines, earnings in rows:
                yield Net(pk, public_id, minor, lines, tuple((each.lower, each.upper) for each in earnings))


def advance(*, currency: str, within: Span) -> None:
    """After a freeze: the next run begins to look at the oldest earning that is still in no item."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {UNCOVERED} SELECT min(id) FROM open",  # noqa: S608 -- a constant of ours
            {"currency": currency, "start": within.start, "end": within.end, "chosen": None},
        )
        oldest = cursor.fetchone()[0]
    _begin_at(currency=currency, from_id=within.end if oldest is None else oldest)


def fall_back(*, currency: str, from_id: int) -> None:
    """A run was cancelled: its earnings are looked at again."""
    kept = PayCut.objects.filter(currency=currency).values_list("from_id", flat=True).first() or 0
    _begin_at(currency=currency, from_id=min(kept, from_id))


def _begin_at(*, currency: str, from_id: int) -> None:
    PayCut.objects.update_or_create(currency=currency, defaults={"from_id": from_id})


def _params(run: PayRun, within: Span) -> dict[str, Any]:
    chosen = list(run.chosen) if run.off_cycle is not None else None
    return {"currency": run.currency, "start": within.start, "end": within.end, "chosen": chosen}
