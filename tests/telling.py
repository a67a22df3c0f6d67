"""Which journeys are told by one process of several: those of one house, which is one long story.

By xdist's scopes and not by its groups: it writes a group into the id of a test, where pytest 9.2 does not look any more.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = Path(__file__).parent / "journeys"
# The pages, which take longest, are walked in the process that has less to tell.
AMONG_THE_OTHERS = {"test_pages"}


class ByHouse(LoadScopeScheduling):  # type: ignore[misc] # xdist says no types
    """Each test by itself to whoever is free, but for journeys."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        return _told_in(path.stem) if path.parent == JOURNEYS.relative_to(self.config.rootpath) else nodeid


@cache
def _told_in(stem: str) -> str:
    """The house in which a file of journeys plays; its own name where it opens one for itself."""
    source = (JOURNEYS / f"{stem}.py").read_text()
    if "busy: BusyWeek" in source and stem not in AMONG_THE_OTHERS:
        return "busy"
    return "house" if "house: House" in source or stem in AMONG_THE_OTHERS else stem


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    return ByHouse(config, log)
