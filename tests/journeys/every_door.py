"""`--every-door`: a run of all journeys fails unless each route that the access matrix promises was walked with success.

A plugin and no test, since it asks after everything: what each process of the run walked is added up once all have ended.
"""

from typing import Any

import pytest

from tests.architecture.access_matrix import MATRIX
from tests.journeys import reached
from tests.journeys.reached import Door

PROMISED = {Door(*key) for key in MATRIX}
SENT = "doors"


class EveryDoor:
    """In a process that xdist started it hands on what was walked there; in the first one it adds up, and judges."""

    def __init__(self, config: pytest.Config) -> None:
        self.sends_to: dict[str, Any] | None = getattr(config, "workeroutput", None)
        self.missed: set[Door] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        reached.BY_NOW.update(Door(*sent) for sent in getattr(node, "workeroutput", {}).get(SENT, ()))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.sends_to is not None:
            self.sends_to[SENT] = [list(door) for door in reached.BY_NOW]
            return
        self.missed = PROMISED - reached.BY_NOW
        if self.missed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.missed:
            terminalreporter.section("promised, and no journey has done it with success", red=True)
            terminalreporter.write_line(said(self.missed))


def said(doors: set[Door]) -> str:
    return "\n".join(sorted(f"{door.method} {door.route}" for door in doors))
