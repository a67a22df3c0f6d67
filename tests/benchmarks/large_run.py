"""A large run: how long its longest transactions take, and by how much the process grows; then 10,000 items
that are let go at once."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import psutil
from django.db import connection

from accounts.access.standings import Standing
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.performers.models import Performer
from kit import clock
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from payments.gateway import balance
from payments.gateway.client import speaking_through
from payments.payouts import paying
from payments.payroll import accrual, approving, holds
from payments.payroll import operations as payroll
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests.benchmarks.row import Row
from tests.faults.stage import closed_mondays
from tests.payments.world import SYSTEM, a_company, a_week, someone_in_finance

# The hash over a run grows with the square of it while Postgres has no statistics of its fresh items: 100,000 take too long yet.
PERFORMERS, HELD, PAY_MINOR = 10_000, 10_000, 7_400
AT_ONCE = 10_000
T = TypeVar("T")


def rows() -> Iterator[Row]:
    """A payday's start is one transaction and takes seconds; nothing else of it takes more than one."""
    sandbox, week = Sandbox(seed=1), a_week(closed_mondays()[-1])
    with speaking_through(InProcessClient(sandbox)):
        _everybody_works(a_company(wallet=2 * PERFORMERS * PAY_MINOR), week)
        took_s, made, _ = _timed(lambda: accrual.accrue(at=clock.now()))
        yield Row("accrual, lines a second", made / took_s, 1_000.0, f"{made:,} lines in {took_s:.0f} s")
        run = _approved(week)
        platform = {"account": balance.platform_account_id(), "amount": run.total_minor, "currency": "usd"}
        sandbox.handle("POST", "/_sandbox/balance", {}, json.dumps(platform).encode())
        took_s, _, grown_mb = _timed(lambda: paying.start(run=run, by=SYSTEM, at=clock.now()))
        said = f"{PERFORMERS:,} items, +{grown_mb:.0f} MB"
        yield Row("start of a run, seconds", took_s, 30.0, said, at_most=True)
        _everything_was_sent(run)
        took_s, _, grown_mb = _timed(lambda: paying.finish(at=clock.now()))
        run.refresh_from_db()
        said = f"{run.state}, +{grown_mb:.0f} MB"
        yield Row(
            "end of a run, seconds", took_s if run.state == RunState.PAID else 999.0, 1.0, said, at_most=True
        )
        yield _let_go(run)


def _let_go(run: PayRun) -> Row:
    _were_refused(run)
    by = someone_in_finance("Fred")
    took_s, released, grown_mb = _timed(
        lambda: holds.release_all(code="balance_insufficient", by=by, at=clock.now())
    )
    each_s = took_s / (released / holds.AT_ONCE)
    said = f"{released:,} in {took_s:.1f} s, +{grown_mb:.0f} MB"
    return Row("release all, seconds a transaction", each_s, 1.0, said, at_most=True)


def _everybody_works(company: Company, week: PayWeek) -> None:
    for first in range(0, PERFORMERS, AT_ONCE):
        users = User.objects.bulk_create(
            User(email=f"large{number}@example.com", name=f"Number {number}", password="!")
            for number in range(first, first + AT_ONCE)
        )
        performers = Performer.objects.bulk_create(
            Performer(user=user, stage_name=user.name, state=Standing.APPROVED) for user in users
        )
        at = clock.now()
        sheets = Timesheet.objects.bulk_create(
            Timesheet(performer=one, company=company, week=week, state="auto_approved", approved_at=at)
            for one in performers
        )
        TimeLine.objects.bulk_create(
            TimeLine(
                timesheet=sheet,
                kind=TimeLine.Kind.BONUS,
                state="approved",
                worked_s=3600,
                payable_s=3600,
                rate_minor=PAY_MINOR,
                amount_minor=PAY_MINOR,
                fee_minor=PAY_MINOR * 15 // 100,
                currency="usd",
                grade="A",
                approved_at=at,
            )
            for sheet in sheets
        )


def _approved(week: PayWeek) -> PayRun:
    freezer, approver = someone_in_finance("Fran"), someone_in_finance("Ana")
    at = clock.now()
    run = payroll.close_week(week=week, currency="usd", by=freezer, at=at)
    run = payroll.freeze(run=run, by=freezer, at=at)
    return approving.approve(run=run, seen_hash=run.content_hash, by=replace(approver, proved_at=at), at=at)


def _everything_was_sent(run: PayRun) -> None:
    """As that many recordings leave the items."""
    _change(
        "state = 'sent', transfer_id = 'tr_' || id, sent_at = now(), due_at = NULL WHERE run_id = %s", run.pk
    )


def _were_refused(run: PayRun) -> None:
    _change(
        "state = 'held', transfer_id = '', sent_at = NULL, held_at = now(), hold_code = 'balance_insufficient'"
        " WHERE id IN (SELECT id FROM payments_payitem WHERE run_id = %s ORDER BY id LIMIT %s)",
        run.pk,
        HELD,
    )


def _change(words: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE payments_payitem SET {words}", values)  # noqa: S608 -- our own words


def _timed(act: Callable[[], T]) -> tuple[float, T, float]:
    """Seconds, the answer, and by how many MB this process grew."""
    before, began = psutil.Process().memory_info().rss, time.perf_counter()
    answer = act()
    took_s = time.perf_counter() - began
    return took_s, answer, (psutil.Process().memory_info().rss - before) / 1_000_000
