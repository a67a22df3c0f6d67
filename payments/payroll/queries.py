import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import JSONObject

from accounts.access.actors import Actor
from kit.errors import NotFound
from kit.rows import by_public_id
from marketplace.timekeeping.models import PayWeek
from payments.payroll.models import Earning, PayItem, PayRun
from payments.payroll.states import ItemState, RunState


def content_hash(run: PayRun) -> str:
    """SHA-256 over every item and every earning of the run, in one order: what was frozen and what is approved.

    What is sent anew of it later, because it came back, is no part of it.
    """
    if run.earnings is not None:
        return _hash_of_one_range(run)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH earned AS (
              SELECT item.id, string_agg(earning.id || ':' || payments_earning_source(earning.line_id, earning.pay_line_id)
                     || ':' || earning.amount_minor, ',' ORDER BY earning.id) AS lines
              FROM payments_payitem item JOIN payments_earning earning
                ON earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
              WHERE item.run_id = %(run)s AND item.pays_again_id IS NULL GROUP BY item.id
            )
            SELECT encode(sha256(convert_to(%(currency)s || string_agg(
              item.performer_id || '|' || item.natural_key || '|' || item.net_minor || '|' || item.recovered_minor || '|'
              || item.amount_minor || '|' || item.lines || '|' || item.earnings::text || '|' || coalesce(earned.lines, ''),
              ';' ORDER BY item.performer_id), 'UTF8')), 'hex')
            FROM payments_payitem item LEFT JOIN earned USING (id)
            WHERE item.run_id = %(run)s AND item.pays_again_id IS NULL
            """,
            {"run": run.pk, "currency": run.currency},
        )
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


def _hash_of_one_range(run: PayRun) -> str:
    """As it was made of a run that was one range of earnings: what was signed then stays as it was signed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH run AS (SELECT id, currency, earnings FROM payments_payrun WHERE id = %s),
            earned AS (
              SELECT earning.performer_id, string_agg(earning.id || ':' || earning.line_id || ':' || earning.amount_minor, ','
                     ORDER BY earning.id) AS lines
              FROM payments_earning earning, run
              WHERE earning.id >= lower(run.earnings) AND earning.id < upper(run.earnings) AND earning.currency = run.currency
              GROUP BY earning.performer_id
            )
            SELECT encode(sha256(convert_to(run.currency || run.earnings::text || string_agg(
              item.performer_id || '|' || item.natural_key || '|' || item.net_minor || '|' || item.lines || '|'
              || coalesce(earned.lines, ''), ';' ORDER BY item.performer_id), 'UTF8')), 'hex')
            FROM run JOIN payments_payitem item ON item.run_id = run.id AND item.pays_again_id IS NULL
            LEFT JOIN earned ON earned.performer_id = item.performer_id
            GROUP BY run.currency, run.earnings
            """,
            [run.pk],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def closable(*, at: datetime) -> QuerySet[PayWeek]:
    """The weeks that are reviewed and in no run, the newest first."""
    live = PayRun.objects.exclude(state=RunState.CANCELLED)
    approved = PayWeek.objects.filter(close_at__lte=at, timesheets__lines__approved_at__isnull=False)
    return approved.exclude(pay_runs__in=live.filter(off_cycle=None)).distinct().order_by("-starts_on")


MEASURED_OVER = timedelta(minutes=1)


@dataclass(frozen=True)
class Progress:
    """How a run stands: items and money by state, minor units; and how many a second went out in the last minute."""

    items: dict[str, int]
    money_minor: dict[str, int]
    sent_per_s: float = 0.0

    @property
    def done(self) -> int:
        finished = (ItemState.SENT, ItemState.SETTLED, ItemState.HELD, ItemState.REVERSED)
        return sum(self.items.get(state, 0) for state in finished)

    @property
    def of(self) -> int:
        return sum(self.items.values())

    @property
    def left_s(self) -> int | None:
        """Seconds until the rest is sent, if it goes on as in the last minute; None where nothing went out in it."""
        waiting = self.items.get(ItemState.READY, 0) + self.items.get(ItemState.SENDING, 0)
        return math.ceil(waiting / self.sent_per_s) if self.sent_per_s else None


def with_items(runs: QuerySet[PayRun]) -> QuerySet[PayRun]:
    """Each with how many of its items are in each state, in the same query, and who signed it, in one more."""
    counts = {state.value: Count("items", filter=Q(items__state=state)) for state in ItemState}
    return runs.annotate(counted=JSONObject(**counts)).prefetch_related("signatures__by")


def items_by_state(run: PayRun) -> dict[str, int]:
    """How many of a run's items are in each state; a state without any is left out. Asks only where nobody counted."""
    counted: dict[str, int] | None = getattr(run, "counted", None)
    if counted is not None:
        return {state: n for state, n in counted.items() if n}
    by_state = PayItem.objects.filter(run=run).order_by().values_list("state")
    return dict(by_state.annotate(n=Count("id")))


def progress(run: PayRun, *, at: datetime) -> Progress:
    """How the run stands at `at`, measured over the minute before, or since it began to pay."""
    since = max(at - MEASURED_OVER, run.paying_at or at)
    by_state = PayItem.objects.filter(run=run).order_by().values_list("state")
    lately = Count("id", filter=Q(sent_at__gte=since))
    rows = list(by_state.annotate(n=Count("id"), money=Sum("amount_minor"), lately=lately))
    measured_s = (at - since).total_seconds()
    return Progress(
        items={state: count for state, count, _, _ in rows},
        money_minor={state: money for state, _, money, _ in rows},
        sent_per_s=sum(row[3] for row in rows) / measured_s if measured_s > 0 else 0.0,
    )


def earnings_of(item: PayItem) -> Any:
    """The earnings that an item pays, oldest first; of one that pays again, those of the item whose money came back."""
    first = item.pays_again or item
    found = Earning.objects.none()
    for start, end in first.earnings or ():
        found |= Earning.objects.filter(
            performer=item.performer, currency=item.currency, id__gte=start, id__lt=end
        )
    return found.order_by("id")


def get_run(actor: Actor, run_id: str) -> PayRun:
    """Raises NotFound (404)."""
    rows = PayRun.objects.visible_to(actor).select_related("week", "frozen_by", "approved_by")
    return by_public_id(rows, run_id)


def get_item(actor: Actor, item_id: str) -> PayItem:
    """Raises NotFound (404)."""
    item = (
        PayItem.objects.visible_to(actor)
        .select_related("run__week", "performer")
        .filter(public_id=item_id)
        .first()
    )
    if item is None:
        raise NotFound
    return item
