"""A mutant in a process of its own: planted, and tried by its tests until one fails. So are tests traced as they are.

Forked from a worker that has all loaded; nothing of what a child does comes back but its answer.
"""

import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

from tests.mutation.mutants import Mutant
from tests.mutation.planting import CannotPlant, plant
from tests.mutation.reached import APPS, SPECIMEN, Trace

# A mutant may make a loop endless: then it is found by the time that its tests take otherwise.
TIMES_AS_LONG, AND_S = 8, 20
# The tests that were collected, by their names; set before anything is forked.
ITEMS: dict[str, pytest.Function] = {}


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


def try_one(given: tuple[Mutant, list[tuple[str, float]], float]) -> Tried:
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
    items = [ITEMS[test] for test in tests]
    # What the warm-up left set up, but for the session's own.
    items[0].session._setupstate.teardown_exact(items[0])
    for item, following in zip(items, [*items[1:], None], strict=True):
        before(item.nodeid)
        yield from runtestprotocol(item, log=False, nextitem=following)


def trace_one(given: tuple[Path, str, list[str]]) -> Trace:
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
