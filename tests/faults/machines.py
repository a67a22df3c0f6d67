"""What machines do to a payday: servers end without a word, the broker forgets, a database comes back from yesterday."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import redis
from psycopg import sql

from callboard.embedded import addresses, binaries, postgres, valkey

AWAY_AT_MOST_S = 60.0
T = TypeVar("T")


def stop_postgres_at_once() -> None:
    """What `pg_ctl stop -m immediate` does: no checkpoint, no farewell. Returns when the keeper has it up again."""
    process = _running(addresses.home() / "postgres" / "postmaster.pid")
    process.send_signal(signal.SIGQUIT)
    wait_until("Postgres is gone", lambda: not _runs(process))
    wait_until("Postgres is back", postgres.answers)


def restart_broker(sent: signal.Signals) -> None:
    """End Valkey by a signal; returns when the keeper has it up again."""
    process = _running(addresses.home() / "valkey" / "valkey.pid")
    process.send_signal(sent)
    wait_until("Valkey is gone", lambda: not _runs(process))
    wait_until("Valkey is back", valkey.answers)


def flush_broker() -> None:
    """FLUSHALL: every queue, every message being worked on, the cache."""
    with redis.Redis.from_url(addresses.redis_url()) as client:
        client.flushall()


def thaw(group: int) -> None:
    os.killpg(group, signal.SIGCONT)


def snapshot(path: Path) -> None:
    """What a nightly backup takes, while everything runs."""
    subprocess.run(
        [binaries.postgres("pg_dump"), "--format=custom", "--file", path, _address(addresses.DATABASE)],
        check=True,
    )


def restore(path: Path) -> None:
    """Put the snapshot in the database's place, under the feet of everyone who is connected."""
    restored, lost = f"{addresses.DATABASE}_restored", f"{addresses.DATABASE}_lost"
    with psycopg.connect(_address("postgres"), autocommit=True) as admin:
        _run(admin, "CREATE DATABASE {} OWNER {}", restored, addresses.DATABASE)
        subprocess.run(
            [binaries.postgres("pg_restore"), "--dbname", _address(restored), "--exit-on-error", path],
            check=True,
        )
        _run(admin, "ALTER DATABASE {} ALLOW_CONNECTIONS false", addresses.DATABASE)
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [addresses.DATABASE],
        )
        _run(admin, "ALTER DATABASE {} RENAME TO {}", addresses.DATABASE, lost)
        _run(admin, "ALTER DATABASE {} RENAME TO {}", restored, addresses.DATABASE)


def wait_until(what: str, ask: Callable[[], T | None], *, at_most_s: float = AWAY_AT_MOST_S) -> T:
    """Ask until there is an answer other than no, and return it. Raises TimeoutError."""
    deadline = time.monotonic() + at_most_s
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"After {at_most_s:.0f} s it is still not so that {what}.")
        time.sleep(0.05)
    return answer


def _running(pid_file: Path) -> psutil.Process:
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def _address(name: str) -> str:
    return addresses.database_url(name=name, user="postgres")


def _run(admin: psycopg.Connection[tuple[object, ...]], statement: str, *names: str) -> None:
    admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
