"""One house for all journeys, and one in a busy week, also where the tests run in several processes."""

from collections.abc import Iterator

import pytest

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
