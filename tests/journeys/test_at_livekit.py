"""The room where the house has a LiveKit: the same page, by LiveKit's own client, against the stand-in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import test_the_room as the_room
from tests.journeys.busy_week import BusyWeek, at_livekit
from tests.journeys.test_the_room import CONNECTED_MS, comes_in, screen, sees_the_other

pytestmark = the_room.pytestmark
cameras = the_room.cameras
# The stand-in decodes and encodes each picture anew: on a small machine that makes a line look weak.
LINES = "Good line|Weak line"


@pytest.fixture(scope="module")
def livekit() -> Iterator[BusyWeek]:
    with at_livekit() as found:
        yield found


def test_two_meet_at_livekit_with_the_company_and_the_stop_closes_it(
    livekit: BusyWeek, cameras: Browser
) -> None:
    owner, (ada, bo), session = the_room.are_called(livekit, "Two at LiveKit", numbers=(1, 2), owner_of=1)
    url = f"{owner.house.url}/sessions/{session}/room/"
    with screen(cameras, ada) as hers, screen(cameras, bo, wide=False) as his:
        comes_in(hers, url)
        comes_in(his, url)
        sees_the_other(hers, bo.name, lines=LINES)
        sees_the_other(his, ada.name, lines=LINES)
        his.get_by_role("button", name="Mute").click()
        expect(hers.locator(".tile:not([data-self]) .tile-muted")).to_be_visible(timeout=CONNECTED_MS)
        hers.reload()
        sees_the_other(hers, bo.name, lines=LINES)
        sees_the_other(his, ada.name, lines=LINES)
        with screen(cameras, owner) as theirs:
            theirs.goto(url)
            for page in (hers, his):
                expect(page.locator(".tile[data-company]")).to_be_visible(timeout=CONNECTED_MS)
        for page in (hers, his):
            expect(page.locator(".tile[data-company]")).to_have_count(0, timeout=CONNECTED_MS)
        expect(hers.locator(".room-people")).to_contain_text("Here", timeout=CONNECTED_MS)
        is_stopped(hers, his)


def is_stopped(hers: Page, his: Page) -> None:
    """The house closes the room at LiveKit: both pages lose it, and both cameras close."""
    hers.get_by_role("button", name="Stop").first.click()
    hers.locator("#stop").get_by_role("button", name="Stop the scene").click()
    his.wait_for_selector("#meeting[hidden]", state="attached", timeout=60_000)
