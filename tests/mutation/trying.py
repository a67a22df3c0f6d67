"""pytest, started once: collected, Django and a database warm, then a fork for each mutant.

One process collects and warms up. It forks a worker a core, each with a database of its own; the worker forks a child
for each mutant, which plants it, runs the tests that reach the changed lines until one fails, and is gone.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol

from tests import database
from tests.mutation.children import ITEMS, Tried, trace_one, try_one
from tests.mutation.mutants import Mutant
from tests.mutation.planting import functions
from tests.mutation.reached import Reached, remembered

# Enough for a fault to show; what survives so many of the likeliest tests, or so many seconds, is called a survivor.
AT_MOST, AT_MOST_S = 60, 120.0
WARM_UP = 12
ALONE = {"broker_url", "live_server", "page", "context", "browser"}


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
        ITEMS.update({item.nodeid: item for item in items})
        with (
            _databases(self.jobs) as names,
            get_context("fork").Pool(self.jobs, _use_one_of, [names]) as workers,
        ):
            reached = self._reached(workers, items)
            waiting = [(mutant, _likeliest(reached.tests_of(mutant)), self.until) for mutant in self.mutants]
            for tried in workers.imap_unordered(try_one, waiting):
                self.tried.append(tried)
                self._say_of(tried)
        return True

    def _reached(self, workers: Any, items: Sequence[pytest.Function]) -> Reached:
        files: dict[Path, list[str]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item.nodeid)
        traces, missing = remembered(files)
        for done, trace in enumerate(workers.imap_unordered(trace_one, missing), start=1):
            trace.remember()
            traces.append(trace)
            self.say(f"which lines each test reaches: {done} of {len(missing)} files of tests")
            for failed in trace.failed:
                self.say(f"not used, since it fails unchanged: {failed}")
        return Reached(traces)

    def _say_of(self, tried: Tried) -> None:
        found = f"{tried.verdict} {tried.by}".strip()
        self.say(f"{len(self.tried)} of {len(self.mutants)} {tried.took_s:.1f} s {tried.mutant.name} {found}")


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
