"""pytest, started once: collected, Django and a database warm, then a fork for each mutant.

One process collects and warms up. It forks a worker a core, each with a database of its own; the worker forks a child
for each mutant, which plants it, runs the tests that reach the changed lines until one fails, and is gone.
"""

import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

from tests import database
from tests.mutation.mutants import Mutant
from tests.mutation.planting import CannotPlant, functions, plant
from tests.mutation.reached import APPS, SPECIMEN, Reached, Trace, remembered

# Enough for a fault to show; what survives so many of the likeliest tests, or so many seconds, is called a survivor.
AT_MOST, AT_MOST_S = 60, 120.0
# A mutant may make a loop endless: then it is found by the time that its tests take otherwise.
TIMES_AS_LONG, AND_S = 8, 20
WARM_UP = 12
ALONE = {"broker_url", "live_server", "page", "context", "browser"}


class Verdict(StrEnum):
    KILLED = "killed"
    TOO_LONG = "too long"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    NOT_PLANTED = "not planted"
    UNTRIED = "untried"


@dataclass(frozen=True)
class Tried:
    """What became of a mutant: by which test it was found, after how many seconds."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""
    took_s: float = 0.0
    tests: int = 0


Told = Callable[[str], None]


class Trying:
    """The pytest plugin: in place of running the tests it tries the mutants, and leaves what became of them in `tried`."""

    def __init__(self, mutants: Sequence[Mutant], *, jobs: int, until: float, say: Told) -> None:
        self.mutants, self.jobs, self.until, self.say = mutants, jobs, until, say
        self.tried: list[Tried] = []

    def pytest_sessionstart(self) -> None:
        """Properties play the same examples each time, and stop at the first that fails."""
        quick = hypothesis.settings(
            hypothesis.settings.get_profile("house"),
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )
        hypothesis.settings.register_profile("mutation", quick)
        hypothesis.settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [item for item in _functions(session) if not ALONE & set(item.fixturenames)]
        _warm_up(session, items)
        functions()
        _State.items = {item.nodeid: item for item in items}
        with (
            _databases(self.jobs) as names,
            get_context("fork").Pool(self.jobs, _use_one_of, [names]) as workers,
        ):
            reached = self._reached(workers, items)
            waiting = [(mutant, _likeliest(reached.tests_of(mutant)), self.until) for mutant in self.mutants]
            for tried in workers.imap_unordered(_try, waiting):
                self.tried.append(tried)
                self._say_of(tried)
        return True

    def _reached(self, workers: Any, items: Sequence[pytest.Function]) -> Reached:
        files: dict[Path, list[str]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item.nodeid)
        traces, missing = remembered(files)
        for done, trace in enumerate(workers.imap_unordered(_trace, missing), start=1):
            trace.remember()
            traces.append(trace)
            self.say(f"which lines each test reaches: {done} of {len(missing)} files of tests")
            for failed in trace.failed:
                self.say(f"not used, since it fails unchanged: {failed}")
        return Reached(traces)

    def _say_of(self, tried: Tried) -> None:
        found = f"{tried.verdict} {tried.by}".strip()
        self.say(f"{len(self.tried)} of {len(self.mutants)} {tried.took_s:.1f} s {tried.mutant.name} {found}")


class _State:
    """What a forked process knows from the one that collected."""

    items: dict[str, pytest.Function] = {}


def _likeliest(tests: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """As many from the beginning as there is time for, and one at least."""
    ends = accumulate(takes_s for _, takes_s in tests[:AT_MOST])
    within = sum(end_s <= AT_MOST_S for end_s in ends)
    return list(tests[: max(within, 1)])


def _functions(session: pytest.Session) -> Iterator[pytest.Function]:
    return (item for item in session.items if isinstance(item, pytest.Function))


def _warm_up(session: pytest.Session, items: Sequence[pytest.Function]) -> None:
    """Some tests from all over, so that what is loaded when first asked for is loaded once."""
    chosen = items[:: len(items) // WARM_UP + 1]
    for item, following in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        runtestprotocol(item, log=False, nextitem=following)
    from django.db import connections  # noqa: PLC0415 -- after pytest-django has read the settings

    connections.close_all()


@contextmanager
def _databases(count: int) -> Iterator["SimpleQueue[str]"]:
    """The names of so many databases, one for each worker."""
    names = [f"test_{os.getpid()}_mutants{number}" for number in range(count)]
    waiting: SimpleQueue[str] = get_context("fork").SimpleQueue()
    template = database.ensure_template()
    for name in names:
        database.clone(template, name)
        waiting.put(name)
    yield waiting
    for name in names:
        database.drop(name)


def _use_one_of(names: "SimpleQueue[str]") -> None:
    database.point_django_at(names.get())


def _try(given: tuple[Mutant, list[tuple[str, float]], float]) -> Tried:
    mutant, tests, until = given
    if time.monotonic() > until:
        return Tried(mutant, Verdict.UNTRIED)
    if not tests:
        return Tried(mutant, Verdict.UNREACHED)
    began = time.monotonic()
    limit_s = AND_S + TIMES_AS_LONG * sum(takes_s for _, takes_s in tests)
    verdict, by = _in_a_child(mutant, [test for test, _ in tests], limit_s=limit_s)
    return Tried(mutant, verdict, by=by, took_s=time.monotonic() - began, tests=len(tests))


def _in_a_child(mutant: Mutant, tests: Sequence[str], *, limit_s: float) -> tuple[Verdict, str]:
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        _be_the_child(mutant, tests, told)
    os.close(told)
    with os.fdopen(answer, "rb") as answers:
        ready, _, _ = select.select([answers], [], [], limit_s)
        if not ready:
            os.kill(child, signal.SIGKILL)
        said = answers.read().decode() if ready else Verdict.TOO_LONG.value
        os.waitpid(child, 0)
    verdict, _, by = said.partition("\n")
    # One that says nothing died of the mutant.
    return (Verdict(verdict), by) if verdict else (Verdict.KILLED, "the process died")


def _be_the_child(mutant: Mutant, tests: Sequence[str], told: int) -> None:
    """Never returns: what this process would clean up belongs to its parent."""
    said = ""  # what breaks once it is planted is the mutant's doing
    try:
        _plant(mutant)
        failed = next((report.nodeid for report in _reports(tests) if report.failed), "")
        said = f"{Verdict.KILLED}\n{failed}" if failed else Verdict.SURVIVED.value
    except CannotPlant as error:
        said = f"{Verdict.NOT_PLANTED}\n{error}"
    finally:
        os.write(told, said.encode())
        os._exit(0)


def _plant(mutant: Mutant) -> None:
    try:
        plant(mutant)
    except Exception as error:  # ours, not the mutant's: said, and never counted as killed
        raise CannotPlant(traceback.format_exc()) from error


def _reports(tests: Sequence[str], before: Callable[[str], object] = str) -> Iterator[pytest.TestReport]:
    """Run them, one after the other as they are asked for."""
    items = [_State.items[test] for test in tests]
    # What the warm-up left set up, but for the session's own.
    items[0].session._setupstate.teardown_exact(items[0])
    for item, following in zip(items, [*items[1:], None], strict=True):
        before(item.nodeid)
        yield from runtestprotocol(item, log=False, nextitem=following)


def _trace(given: tuple[Path, str, list[str]]) -> Trace:
    """Run a file of tests as it is, and say which lines each reached. In a child, as a mutant is tried."""
    file, digest, tests = given
    answer, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        with os.fdopen(told, "w") as to:
            to.write(_traced(file, digest, tests).as_text())
        os._exit(0)
    os.close(told)
    with os.fdopen(answer) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    return Trace.from_text(text)


def _traced(file: Path, digest: str, tests: Sequence[str]) -> Trace:
    watch = Coverage(data_file=None, config_file=False, include=[f"{app}/*" for app in (*APPS, SPECIMEN)])
    trace = Trace(file=str(file), digest=digest)
    watch.start()
    for report in _reports(tests, before=watch.switch_context):
        trace.takes_s[report.nodeid] = trace.takes_s.get(report.nodeid, 0.0) + report.duration
        if report.failed or report.skipped:
            trace.failed.append(report.nodeid)
    watch.stop()
    trace.add(watch.get_data())
    return trace
