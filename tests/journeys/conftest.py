"""One house for all journeys, and one in a busy week, also where the tests run in several processes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

import tests.browser.chromium
from tests.journeys import canary
from tests.journeys.busy_week import BusyWeek, in_a_busy_week
from tests.journeys.house import House, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/journeys/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("journeys"))
    # The pages are looked at before anything else happens in that week; last, one asks what all the others have done.
    items.sort(key=lambda item: ("test_every_door" in item.nodeid, "test_pages" not in item.nodeid))


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
