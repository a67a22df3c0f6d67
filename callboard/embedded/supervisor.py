"""Runs the platform's processes: logs them quietly, starts again what crashes, and leaves nothing behind.

A Redis that is killed can take a Celery worker with it (kombu 5.7), so a worker that ends is started again.
"""

import logging
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import Self

from callboard.embedded import process

log = logging.getLogger("callboard.supervisor")
_POLL_S = 0.1
_UPKEEP_S = 5.0
_STEADY_S = 20.0
_LARGEST_LOG = 20_000_000


class ProcessNotReady(RuntimeError):
    """A process gave no answer in time; the message ends with its log's last lines."""


@dataclass(frozen=True)
class Process:
    """One child: what to run, how long it may take to finish its work when told to stop, and how long at most it
    waits to be started again when it keeps crashing."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    stop_s: float = 10.0
    longest_pause_s: float = 10.0


@dataclass
class _Child:
    process: Process
    running: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    next_start_s: float = 0.0
    crashes: int = 0
    restarts: int = 0


class Supervisor:
    """Starts the processes in the order given and stops them in the reverse order.

    All children are started from one thread that lives until `stop`, because the kernel ties each child to
    the thread that started it: kill -9 of this process ends them too. `upkeep` is called every few seconds.
    """

    def __init__(
        self, processes: Sequence[Process], log_dir: Path, *, upkeep: Callable[[], None] | None = None
    ) -> None:
        self.log_dir = log_dir
        self._children = {process.name: _Child(process) for process in processes}
        self._upkeep = upkeep
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when every process was started, not when it is ready: see `wait_ready`."""
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()
        self._started.wait()

    def add(self, process: Process) -> None:
        """Start one more, now; it is stopped first."""
        self._children = self._children | {process.name: _Child(process)}

    def stop(self) -> None:
        """Stop everything, the last started first. Safe to call twice."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run_forever(self) -> None:
        """Returns after SIGINT, SIGTERM or SIGHUP; the caller then stops. Call it from the main thread."""

        # The handler only leaves word: an event set from a handler can meet itself, and hang.
        told: list[int] = []

        def leave_word(number: int, _frame: FrameType | None) -> None:
            told.append(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave_word)
        while not told and not self._stopping.wait(_POLL_S):
            pass

    def kill(self, name: str) -> int | None:
        """SIGKILL the process and its children at once, as a failing machine would. It is started again.

        Returns the process's id, or None when nothing runs that could be killed.
        """
        with self._changing:
            running = self._children[name].running
            if running is None or process.has_ended(running):
                return None
            os.killpg(running.pid, signal.SIGKILL)
            return running.pid

    def pid(self, name: str) -> int | None:
        """The running process's id, if it runs now."""
        running = self._children[name].running
        return running.pid if running is not None and not process.has_ended(running) else None

    def restarts(self, name: str) -> int:
        """How many times it was started again since `start`."""
        return self._children[name].restarts

    def log_path(self, name: str) -> Path:
        return self.log_dir / f"{name}.log"

    def last_words(self, name: str) -> str:
        """The end of the process's log."""
        return "\n".join(self.log_path(name).read_text(errors="replace").splitlines()[-15:])

    def wait_ready(self, name: str, url: str, *, timeout_s: float = 60.0) -> None:
        """Return when `url`, served by the named process, answers below 500. Raises ProcessNotReady."""
        deadline = time.monotonic() + timeout_s
        while not _answers(url):
            if time.monotonic() > deadline or self._stopping.is_set() or self._children[name].crashes > 2:
                raise ProcessNotReady(
                    f"{name} does not answer at {url}. Its log ends:\n{self.last_words(name)}"
                )
            time.sleep(0.1)

    def _watch(self) -> None:
        next_upkeep_s = time.monotonic() + _UPKEEP_S
        try:
            while not self._stopping.is_set():
                for child in self._children.values():
                    self._tend(child)
                self._started.set()
                if self._upkeep is not None and time.monotonic() > next_upkeep_s:
                    self._look_after()
                    next_upkeep_s = time.monotonic() + _UPKEEP_S
                self._stopping.wait(_POLL_S)
        finally:
            self._started.set()
            for child in reversed(self._children.values()):
                self._end(child)

    def _tend(self, child: _Child) -> None:
        """Start the child if it does not run and its pause is over."""
        now_s = time.monotonic()
        running = child.running
        if running is not None and not process.has_ended(running):
            return
        with self._changing:
            if running is not None:
                self._note_crash(child, running, now_s)
            elif now_s >= child.next_start_s:
                self._start(child, now_s)

    def _start(self, child: _Child, now_s: float) -> None:
        path = self.log_path(child.process.name)
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        child.running = process.spawn(child.process.command, log=path, env=child.process.environment)
        child.restarts += child.started_at_s > 0
        child.started_at_s = now_s

    def _note_crash(self, child: _Child, ended: subprocess.Popen[bytes], now_s: float) -> None:
        # What it started itself may still hold its port.
        status = process.end_group(ended)
        child.running = None
        child.crashes = 1 if now_s - child.started_at_s > _STEADY_S else child.crashes + 1
        pause_s = min(0.25 * 2**child.crashes, child.process.longest_pause_s)
        child.next_start_s = now_s + pause_s
        log.warning("%s ended (%d); again in %.1f s", child.process.name, status, pause_s)

    def _end(self, child: _Child) -> None:
        with self._changing:
            if child.running is None:
                return
            process.end_group(child.running, after_s=child.process.stop_s)
            child.running = None

    def _look_after(self) -> None:
        try:
            if self._upkeep is not None:
                self._upkeep()
        except Exception:
            # It is tried again in a few seconds; the processes must be tended meanwhile.
            log.exception("upkeep failed")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- our own loopback address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, HTTPException):
        return False
