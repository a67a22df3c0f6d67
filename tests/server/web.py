"""The web alone, by its own command, on a database of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import requests

from callboard.embedded import addresses, keeper, site
from tests import database
from tests.processes import PROJECT, plain_environment

STARTS_WITHIN_S = 40


@dataclass(frozen=True)
class Web:
    """A web that answers at `url`; `pid` is the process that keeps its workers."""

    url: str
    pid: int

    def workers(self) -> list[int]:
        """The processes that answer, by number."""
        found = psutil.Process(self.pid).children()
        return sorted(each.pid for each in found if each.status() != psutil.STATUS_ZOMBIE)


@contextlib.contextmanager
def running(**more: str) -> Iterator[Web]:
    """The command by which the embedded house starts its web; `more` is told by the environment."""
    keeper.ensure(durable=False)
    name, port = f"web_{os.getpid()}_{time.time_ns()}", free_port()
    database.clone(database.ensure_template(), name)
    told = plain_environment(
        CALLBOARD_HOME=str(addresses.home()),
        DJANGO_SETTINGS_MODULE="callboard.settings.local",
        DATABASE_URL=addresses.database_url(name=name),
        REDIS_URL=addresses.redis_url(),
        PUBLIC_URL=f"http://127.0.0.1:{port}",
    )
    started = site.web_process(told | more, port)
    log = (addresses.home() / "web.log").open("ab")
    process = subprocess.Popen(
        started.command, cwd=PROJECT, env=dict(started.environment), stdout=log, stderr=log
    )
    try:
        until_answered(f"http://127.0.0.1:{port}/healthz")
        yield Web(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        log.close()
        database.drop(name)


def until_answered(url: str) -> None:
    """Raises AssertionError when nobody answers in time."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise AssertionError(f"Nobody answers at {url}.")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
