"""A payday of real workers against the sandbox: 300 ms an answer, of a hundred one 429 and one that never comes, a worker
killed each minute. What reached Stripe, beside the pace that is configured; what Postgres needed for it; and who was paid.

A minute, or `--seconds 600`.
"""

import contextlib
import itertools
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from callboard.embedded import addresses, site
from callboard.embedded.supervisor import Process, Supervisor
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from tests import database
from tests.benchmarks.row import Row
from tests.faults.stage import Stage, Stripe
from tests.processes import plain_environment
from tests.server.web import free_port, until_answered

PER_S, PERFORMERS, LATENCY_MS = 20, 240, 300
FAULTS = {"429": 0.01, "hang_after": 0.01}
HANG_S = 30
WORKERS = ("worker-1", "worker-2")
KILL_EVERY_S = 60
WARM_UP, MOST_PAY_MINOR = 100, 20_000
# So many requests pass by a fault that is never met: it counts them.
UNCOUNTED = 1_000_000_000
DRAIN_S, IDLE_S = 240, 30


@dataclass(frozen=True)
class Reading:
    """What had happened by a moment."""

    at_s: float
    requests: int
    sent: int
    postgres_s: float


def rows(*, seconds: int = 60) -> Iterator[Row]:
    """At least 0.97 of the pace; at most 2 % of a core for it; nobody is paid twice, nobody is left out."""
    with tempfile.TemporaryDirectory() as folder:
        books = Path(folder) / "books"
        with _sandbox(books, latency_ms=0) as url:
            settings.STRIPE_API_BASE = url
            stage = _stage(url, seconds=seconds)
        with _sandbox(books, latency_ms=LATENCY_MS) as url:
            settings.STRIPE_API_BASE = stage.stripe.url = url
            yield from _measured(stage, url, Path(folder), seconds=seconds)


def _stage(url: str, *, seconds: int) -> Stage:
    """So many approved weeks that there is enough to send."""
    stage = Stage(Stripe(url), performers=PERFORMERS, late=0, never=0, seed=74)
    weeks = math.ceil(PER_S * (seconds + 30) / PERFORMERS)
    stage.stripe.has(weeks * PERFORMERS * MOST_PAY_MINOR)
    for week in range(weeks):
        stage.pay_week(last=week == weeks - 1)
    return stage


def _measured(stage: Stage, url: str, folder: Path, *, seconds: int) -> Iterator[Row]:
    _set_faults(stage.stripe)
    with _workers(url, folder) as supervisor:
        if not _until(lambda: _sent() >= WARM_UP, within_s=300):
            raise TimeoutError("The payday does not begin.")
        before = _read(stage.stripe)
        kills = _run(supervisor, seconds=seconds)
        after = _read(stage.stripe)
        stage.stripe.calm_down()
        drained = _until(_is_drained, within_s=DRAIN_S)
        idle = _postgres_share(IDLE_S)
    took_s = after.at_s - before.at_s
    reached = (after.requests - before.requests) / took_s
    share = (after.postgres_s - before.postgres_s) / took_s
    items = (after.sent - before.sent) / took_s
    said = f"{reached:.2f} calls/s of {PER_S}  {items:.2f} items/s  {took_s:.0f} s  {kills} workers killed"
    yield Row("payday: calls beside the pace", reached / PER_S, 0.97, said)
    said = f"{100 * share:.2f} % with all that a house does beside it, {100 * idle:.2f} % without a payday"
    yield Row("payday: Postgres, % of a core", 100 * (share - idle), 2.0, said, at_most=True)
    lost, twice = _judge(stage)
    said = f"{len(stage.owed)} owed  {lost} lost  {twice} paid twice  drained: {drained}"
    yield Row("payday: lost or paid twice", lost + twice, 0.0, said, at_most=True)


def _set_faults(stripe: Stripe) -> None:
    stripe.session.post(
        f"{stripe.url}/_sandbox/faults",
        json={"on": "POST /v1/transfers", "do": "429", "skip": UNCOUNTED, "times": 1},
        timeout=30,
    ).raise_for_status()
    for do, probability in FAULTS.items():
        fault = {"on": "POST /v1/transfers", "do": do, "probability": probability, "hang_s": HANG_S}
        stripe.session.post(f"{stripe.url}/_sandbox/faults", json=fault, timeout=30).raise_for_status()


def _read(stripe: Stripe) -> Reading:
    faults = stripe.session.get(f"{stripe.url}/_sandbox/faults", timeout=30).json()["faults"]
    return Reading(time.monotonic(), UNCOUNTED - faults[0]["skip"], _sent(), _postgres_s())


def _run(supervisor: Supervisor, *, seconds: int) -> int:
    """Kill one worker after the other, the first after half a minute; returns how many."""
    began, victims, kills = time.monotonic(), itertools.cycle(WORKERS), 0
    while (passed := time.monotonic() - began) < seconds:
        if passed > KILL_EVERY_S * (kills + 0.5):
            supervisor.kill(next(victims))
            kills += 1
        time.sleep(0.1)
    return kills


def _sent() -> int:
    return PayItem.objects.filter(state__in=(ItemState.SENT, ItemState.SETTLED)).count()


def _is_drained() -> bool:
    return not PayRun.objects.filter(state__in=(RunState.APPROVED, RunState.PAYING)).exists()


def _until(what: Callable[[], bool], *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(1)
    return False


def _postgres_share(seconds: float) -> float:
    before = _postgres_s()
    time.sleep(seconds)
    return (_postgres_s() - before) / seconds


def _postgres_s() -> float:
    """Seconds of a core that all processes of this home's Postgres took, those that ended included."""
    pid = int((addresses.home() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    postmaster = psutil.Process(pid)
    total = float(sum(postmaster.cpu_times()[:4]))
    for child in postmaster.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return total


def _judge(stage: Stage) -> tuple[int, int]:
    """How many were not paid, and how many more than once, by the sandbox's own books."""
    found = Counter(transfer["transfer_group"] for transfer in stage.stripe.books()["transfers"])
    return len(stage.owed.keys() - found.keys()), sum(count > 1 for count in found.values())


@contextlib.contextmanager
def _workers(url: str, folder: Path) -> Iterator[Supervisor]:
    """Two workers of the money queue and a beat, as the embedded house starts them, on this benchmark's database: mails and the
    rest have workers of their own in a house of that size."""
    connection.close()
    told = plain_environment(
        CALLBOARD_HOME=str(addresses.home()),
        DJANGO_SETTINGS_MODULE="callboard.settings.local",
        DATABASE_URL=addresses.database_url(name=database.current()),
        REDIS_URL=addresses.redis_url(),
        STRIPE_SECRET_KEY=settings.STRIPE_SECRET_KEY,
        STRIPE_API_BASE=url,
        STRIPE_REQUESTS_PER_S=str(PER_S),
        PYTHONPATH=str(addresses.PROJECT),
    )
    processes: list[Process] = [site.beat_process(told)]
    processes += [_of_money(site.worker_process(told, name=name)) for name in WORKERS]
    with Supervisor(processes, folder / "logs") as supervisor:
        yield supervisor


def _of_money(worker: Process) -> Process:
    command = list(worker.command)
    command[command.index("-Q") + 1] = "money"
    return replace(worker, command=command, longest_pause_s=0.5, stop_s=5)


@contextlib.contextmanager
def _sandbox(books: Path, *, latency_ms: int) -> Iterator[str]:
    port = free_port()
    options = [
        "--port",
        str(port),
        "--data",
        str(books),
        "--rate-limit",
        "0",
        "--latency-ms",
        str(latency_ms),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "payments.sandbox", *options],
        cwd=addresses.PROJECT,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until_answered(f"http://127.0.0.1:{port}/_sandbox/books")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)
