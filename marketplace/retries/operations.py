"""Working rows off so that one that fails stops no other: it is put off, ever later, and shown.

A fault that is nobody's row, such as a database that is away, ends the job instead: the next tick does it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Model, QuerySet

from kit.jobs import next_try
from marketplace.retries.models import Job, Retry

log = structlog.get_logger(__name__)
BATCH = 5_000
FAILS_FROM_TRIES = 3
OF_NO_ROW = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
M = TypeVar("M", bound=Model)
Page = Callable[[M], str]


def each(rows: QuerySet[M], do: Callable[[M], object], *, job: Job, page: Page[M], at: datetime) -> int:
    """`do` with each row in a transaction of its own; for how many it came to something.

    `page` is the address of the page that shows a row which fails.
    """
    done, failed = 0, _put_off_before(job)
    for row in _due(rows, failed, at=at).iterator(chunk_size=200):
        try:
            with transaction.atomic():
                done += bool(do(row))
        except OF_NO_ROW:
            raise
        except Exception as error:
            _put_off(row, error, job=job, page=page, at=at)
        else:
            if row.pk in failed:
                Retry.objects.filter(job=job, row=row.pk).delete()
    _forget_but(rows, failed, job=job)
    return done


def in_batches(
    rows: QuerySet[M], do: Callable[[QuerySet[M]], int], *, job: Job, page: Page[M], at: datetime
) -> int:
    """`do` with BATCH rows to a transaction, in the order of their keys; what that came to in all.

    Where a batch fails it is halved and tried again, until the row that fails is alone.
    """
    done, last, failed = 0, 0, _put_off_before(job)
    due = _due(rows, failed, at=at).order_by("pk")
    while keys := list(due.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        done += _work_off(keys, rows, do, job=job, page=page, at=at)
        last = keys[-1]
    _forget_but(rows, failed, job=job)
    return done


def _work_off(
    keys: Sequence[int],
    rows: QuerySet[M],
    do: Callable[[QuerySet[M]], int],
    *,
    job: Job,
    page: Page[M],
    at: datetime,
) -> int:
    try:
        with transaction.atomic():
            return do(rows.filter(pk__in=keys))
    except OF_NO_ROW:
        raise
    except Exception as error:
        if len(keys) == 1:
            _put_off(rows.model._default_manager.get(pk=keys[0]), error, job=job, page=page, at=at)
            return 0
    half = len(keys) // 2
    return sum(_work_off(part, rows, do, job=job, page=page, at=at) for part in (keys[:half], keys[half:]))


def failing() -> QuerySet[Retry]:
    """Those that failed again and again."""
    return Retry.objects.filter(tries__gte=FAILS_FROM_TRIES)


def _put_off_before(job: Job) -> dict[int, datetime]:
    """Those that failed, and when each is due again. Nearly always none, and then no question is asked because of them."""
    return dict(Retry.objects.filter(job=job).values_list("row", "due_at"))


def _due(rows: QuerySet[M], failed: Mapping[int, datetime], *, at: datetime) -> QuerySet[M]:
    """Those that are not put off."""
    waiting = [row for row, due_at in failed.items() if due_at > at]
    return rows.exclude(pk__in=waiting) if waiting else rows


def _forget_but(rows: QuerySet[M], failed: Mapping[int, datetime], *, job: Job) -> None:
    """With what the job has worked off, or whoever it concerned has done by themselves, nothing is left to try."""
    if failed:
        Retry.objects.filter(job=job).exclude(row__in=rows.order_by().values("pk")).delete()


def _put_off(row: M, error: Exception, *, job: Job, page: Page[M], at: datetime) -> None:
    log.exception("row_put_off", job=str(job), row=str(row))
    known, _ = Retry.objects.get_or_create(
        job=job,
        row=row.pk,
        defaults={
            "subject": str(getattr(row, "public_id", row.pk)),
            "path": page(row),
            "due_at": at,
            "failing_since": at,
        },
    )
    known.tries = min(known.tries + 1, Retry.MOST_TRIES)
    known.due_at = next_try(at=at, tries=known.tries)
    known.failure = type(error).__name__[: Retry.LONGEST_FAILURE]
    known.save(update_fields=["tries", "due_at", "failure"])
