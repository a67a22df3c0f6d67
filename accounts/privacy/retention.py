"""What goes by itself: each table's retention, kept by a job in bounded steps."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.privacy.holdings import REGISTRY, Blanked, Deleted, Dropped, Holding, Retention

STEP, STEPS = 1_000, 20


def let_go(*, at: datetime) -> dict[str, int]:
    """Let go of what is past its time, at most 20,000 rows a table; returns how many, by table. Safe to run again."""
    return {
        each.model: _let_go(each, kept, at=at)
        for each in REGISTRY.holdings
        if (kept := each.retention) and not isinstance(kept.then, Dropped)
    }


def _let_go(holding: Holding, kept: Retention, *, at: datetime) -> int:
    gone = 0
    for _ in range(STEPS):
        step = _one_step(holding, kept, at=at)
        gone += step
        if step < STEP:
            break
    return gone


@transaction.atomic
def _one_step(holding: Holding, kept: Retention, *, at: datetime) -> int:
    now = timezone.now() if kept.by_real_clock else at
    old = holding.rows.filter(kept.only, **{f"{kept.since}__lte": now - kept.after})
    if isinstance(kept.then, Blanked):
        old = old.exclude(**kept.then.to)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:STEP])
    rows = holding.rows.filter(pk__in=keys)
    match kept.then:
        case Deleted():
            rows.delete()
        case Blanked(to):
            rows.update(**to)
    return len(keys)
