"""One house for all journeys, and one in a busy week, also where the tests run in several processes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

import tests.browser.chromium
from tests.journeys import canary
from tests.journeys.busy_week import BusyWeek, in_a_busy_week
from tests.journeys.every_door import EveryDoor
from tests.journeys.house import House, running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-door", action="store_true", help="fail unless every route was walked with success"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--every-door", default=False):
        config.pluginmanager.register(EveryDoor(config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The journeys of one house are one long story, and what one of them leaves is there for the next: told in the order of
    # the alphabet, a red one is the same red again. The pages are looked at before anything else happens in that week.
    journeys = sorted(filter(_is_journey, items), key=_place)
    items[:] = [item for item in items if not _is_journey(item)] + journeys


def _is_journey(item: pytest.Item) -> bool:
    return "tests/journeys/" in item.nodeid


def _place(item: pytest.Item) -> tuple[bool, str, int]:
    line = item.reportinfo()[1] or 0
    return "test_pages" not in item.nodeid, item.path.name, line


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with running() as house:
        yield house
        # Over everything that all the journeys of this run made it log.
        assert canary.found_in(house) == []


@pytest.fixture(scope="session")
def busy() -> Iterator[BusyWeek]:
    with in_a_busy_week() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with sync_playwright() as playwright:
        # In a container there is no user namespace for the sandbox; every page visited is our own.
        opened = playwright.chromium.launch(
            executable_path=tests.browser.chromium.find(), args=["--no-sandbox"]
        )
        yield opened
        opened.close()
