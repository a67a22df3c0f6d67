"""Two who improvise meet in the room by camera and microphone, each in a browser of their own."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import tests.browser.chromium
from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import Person, waits_until

chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.long_journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
# A camera and a microphone that are always there, and pages that may reach each other on one machine.
FAKES = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
DECK = ["The lift stops. // closed spaces", "for one: You have the key.", "The light goes out."]
SECONDS = 1000
CONNECTED_MS = 20 * SECONDS
# Sooner than a page looks by itself.
SOON_MS = 12 * SECONDS
# What the pages themselves count of what arrived from the other: pictures, and bytes of both.
ARRIVED = """async () => {
  const found = [];
  for (const { pc } of document.querySelector("#meeting").meeting.connections.values()) {
    for (const each of (await pc.getStats()).values()) {
      if (each.type === "inbound-rtp") found.push([each.kind, each.bytesReceived, each.framesDecoded ?? 0]);
    }
  }
  return found;
}"""

EACH = """() => {{
  for (const each of document.querySelector("#meeting").meeting.connections.values()) {};
}}"""

CUT_OFF = (
    "{ Object.defineProperty(each, 'isCutOff', { value: true }); each.dispatchEvent(new Event('changed')); }"
)


@pytest.fixture(scope="module")
def cameras() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.find(), args=FAKES)
        yield opened
        opened.close()


@contextmanager
def screen(cameras: Browser, person: Person, *, wide: bool = True) -> Iterator[Page]:
    """Where somebody who is logged in sits; whatever their page complains of fails the test."""
    viewport = {"width": 1440, "height": 900} if wide else {"width": 390, "height": 844}
    context = cameras.new_context(viewport=viewport, permissions=["camera", "microphone"])  # type: ignore[arg-type]
    context.add_cookies(person.jar())  # type: ignore[arg-type]
    page, amiss = context.new_page(), list[str]()
    page.on("pageerror", lambda error: amiss.append(str(error)))
    yield page
    context.close()
    assert amiss == []


Call = tuple[Person, list[Person], str]


@pytest.fixture(scope="module")
def call(busy: BusyWeek) -> Call:
    """A pair is booked, and the doors are open."""
    return are_called(busy, "Two in a lift", numbers=(12, 14))


def are_called(
    busy: BusyWeek,
    title: str,
    *,
    numbers: Sequence[int],
    grants: Sequence[Sequence[str]] = (),
    owner_of: int = 4,
) -> Call:
    """`grants`: what each of them grants, in their order; nothing where nobody says so."""
    owner, company = busy.owner(owner_of)
    seats = len(numbers)
    money = 7_500 * seats
    pays_in(busy, owner, company, money)
    gig = busy.posts_a_gig(
        owner, company, title, seats=seats, openings=seats, set_aside_minor=money, prompts=DECK
    )
    cast = [busy.performer(number) for number in numbers]
    given = [*grants, *[()] * (seats - len(grants))]
    engagements = [
        is_engaged(owner, person, gig, grants=granted) for person, granted in zip(cast, given, strict=True)
    ]
    # A night after whatever they played before.
    busy.house.passes_to(busy.house.now() + timedelta(days=1))
    session, call_at = busy.books_soon(owner, gig=gig, engagements=engagements, length_s=1800)
    busy.house.passes_to(call_at - timedelta(minutes=2))
    return owner, cast, session


def pays_in(busy: BusyWeek, owner: Person, company: str, money: int) -> None:
    wallet, free = f"/company/{company}/wallet/", f"companies/{company}/wallet"
    before = owner.does("GET", free)["available"]["amount_minor"]
    checkout = owner.sends(owner.opens(wallet), wallet, amount=f"{money // 100}")
    session = checkout.path.rsplit("/", 1)[-1]
    busy.house.asks_stripe(f"checkout/{session}/pay", payment_method="pm_card_bypassPending")
    for _ in range(60):
        if owner.does("GET", free)["available"]["amount_minor"] >= before + money:
            return
        time.sleep(0.5)
    raise AssertionError("the payment never counted")


def until(page: Page, holds: str) -> None:
    """By evaluation from outside: the page's own policy lets no text become code."""
    for _ in range(200):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {holds}")


def comes_in(page: Page, url: str) -> None:
    """Past the check, in which one sees oneself and the microphone moves."""
    page.goto(url)
    page.get_by_role("button", name="Turn on camera and microphone").click()
    expect(page.locator("#device-check meter")).to_be_visible()
    until(page, "document.querySelector('#device-check meter').value > 0")
    page.get_by_role("button", name="Come in").click()
    expect(page.locator(".tile[data-self] video")).to_be_visible()


def arrived(page: Page) -> dict[str, tuple[int, int]]:
    return {kind: (received, frames) for kind, received, frames in page.evaluate(ARRIVED)}


def sees_the_other(page: Page, name: str, *, lines: str = "Good line") -> None:
    tile = page.locator(".tile:not([data-self])").filter(has_text=name)
    expect(tile.locator(".tile-line")).to_have_text(re.compile(lines), timeout=CONNECTED_MS)
    page.wait_for_timeout(2 * SECONDS)
    before = arrived(page)
    page.wait_for_timeout(2 * SECONDS)
    after = arrived(page)
    for kind in ("audio", "video"):
        assert after[kind][0] > before[kind][0], (kind, before, after)
    assert after["video"][1] > before["video"][1]


def two_meet_and_the_company_is_seen_too(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    with screen(cameras, ada) as hers, screen(cameras, bo, wide=False) as his:
        comes_in(hers, url)
        expect(hers.locator(".meeting-alone")).to_be_visible()
        comes_in(his, url)
        sees_the_other(hers, bo.name)
        sees_the_other(his, ada.name)
        only_the_company_deals(hers, his)
        his.get_by_role("button", name="Mute").click()
        expect(hers.locator(".tile:not([data-self]) .tile-muted")).to_be_visible()
        with screen(cameras, owner) as theirs:
            theirs.goto(url)
            for page in (hers, his):
                expect(page.locator(".tile[data-company]")).to_be_visible(timeout=CONNECTED_MS)
            expect(theirs.locator(".tile")).to_have_count(3, timeout=CONNECTED_MS)
            deals_from_the_deck(theirs, hers, his, ada.name)
        for page in (hers, his):
            expect(page.locator(".tile[data-company]")).to_have_count(0, timeout=CONNECTED_MS)
        hers.reload()
        sees_the_other(hers, bo.name)
        sees_the_other(his, ada.name)


def only_the_company_deals(hers: Page, his: Page) -> None:
    """Another performer's page that says over and over that a card was dealt makes hers ask for none."""
    asked = list[str]()
    hers.on("request", lambda request: asked.append(request.url) if "/cards/" in request.url else None)
    for _ in range(8):
        his.evaluate("() => document.querySelector('#meeting').meeting.deals()")
        his.wait_for_timeout(0.5 * SECONDS)
    assert len(asked) <= 1, "its own beat, at most"


def deals_from_the_deck(theirs: Page, hers: Page, his: Page, her_name: str) -> None:
    """A card for all is there at once, a secret one for her alone."""
    third = theirs.locator(".deck-card").filter(has_text="The light goes out.")
    third.get_by_role("button", name="Deal to all").click()
    for page in (hers, his):
        expect(page.locator("#cards")).to_contain_text("The light goes out.", timeout=SOON_MS)
    secret = theirs.locator(".deck-card").filter(has_text="You have the key.").first
    secret.get_by_role("button", name=f"To {her_name} alone").click()
    expect(hers.locator(".room-secret")).to_contain_text("You have the key.", timeout=SOON_MS)
    his.wait_for_timeout(SECONDS)
    assert "You have the key." not in his.content()


def what_goes_wrong_with_a_line_is_mended_without_a_press(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    with screen(cameras, ada) as hers, screen(cameras, bo) as his:
        for page in (hers, his):
            page.goto(url)
        sees_the_other(hers, bo.name)
        sees_the_other(his, ada.name)
        # Both want a new line at the same moment: one of them gives way.
        for _ in range(3):
            for page in (hers, his):
                page.evaluate(EACH.format("each.pc.restartIce()"))
            sees_the_other(hers, bo.name)
            sees_the_other(his, ada.name)
        # The way to the house is lost for longer than a page that is silent counts as here; who is gone is not cut off.
        hers.evaluate(EACH.format(CUT_OFF))
        expect(hers.locator(".meeting-cut-off")).to_be_visible()
        his.context.set_offline(True)
        expect(hers.locator(".tile")).to_have_count(1, timeout=40 * SECONDS)
        expect(hers.locator(".meeting-cut-off")).to_be_hidden()
        expect(his.locator(".room-offline")).to_be_visible(timeout=40 * SECONDS)
        his.context.set_offline(False)
        sees_the_other(hers, bo.name)
        sees_the_other(his, ada.name)
        # A second window of the same person is where they are now; the first says so, and takes up no line.
        again = his.context.new_page()
        again.goto(url)
        expect(his.locator(".meeting-replaced")).to_be_visible(timeout=CONNECTED_MS)
        sees_the_other(again, ada.name)
        expect(hers.locator(".tile")).to_have_count(2)


def by_app_cards_are_dealt_scenes_slated_and_moments_noted(busy: BusyWeek, call: Call) -> None:
    owner, (ada, bo), session = call
    path = f"sessions/{session}"
    starts = datetime.fromisoformat(owner.does("GET", path)["call_at"])
    for person in (ada, bo):
        person.does("POST", f"{path}/presence", event="joined")
    busy.house.passes_to(max(starts, busy.house.now()) + timedelta(seconds=20))
    seats = {seat["performer"]["name"]: seat["id"] for seat in owner.does("GET", path)["seats"]}
    assert owner.does("POST", f"{path}/cards", prompt=3)["text"] == "The light goes out."
    owner.does("POST", f"{path}/cards", prompt=2, seat=seats[bo.name])
    seen = {
        person: [row["text"] for row in person.does("GET", f"{path}/cards")["data"]] for person in (ada, bo)
    }
    assert "You have the key." in seen[bo]
    owner.does("POST", f"{path}/cards/down", seat=seats[bo.name])
    ada.is_refused("POST", f"{path}/takes", "not_found")
    assert owner.does("POST", f"{path}/takes", again=False)["scene"] == 1
    owner.is_refused("POST", f"{path}/takes", "take_runs", again=False)
    assert owner.does("POST", f"{path}/takes/cut")["cut_at"]
    assert len(ada.does("GET", f"{path}/takes")["data"]) == 1
    owner.does("POST", f"{path}/notes", text="The pause before the door.")
    assert owner.does("GET", f"{path}/notes")["data"][0]["text"] == "The pause before the door."


def the_room_closes_for_all_at_once(busy: BusyWeek, call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    starts = owner.does("GET", f"sessions/{session}")["call_at"]
    busy.house.passes_to(max(datetime.fromisoformat(starts), busy.house.now()) + timedelta(minutes=1))
    with screen(cameras, ada) as hers, screen(cameras, bo) as his:
        for page in (hers, his):
            page.goto(url)
            if page.get_by_role("button", name="Come in").is_visible():
                page.get_by_role("button", name="Come in").click()
        sees_the_other(hers, bo.name)
        hers.get_by_role("button", name="Stop").click()
        hers.get_by_role("button", name="Stop the scene").click()
        expect(hers.get_by_text("Stopped. What was worked is paid")).to_be_visible()
        # The other's camera goes out with the room.
        expect(his.locator("#meeting")).to_be_hidden(timeout=CONNECTED_MS)
        until(his, "document.querySelector('#meeting').meeting.capture.stream.getTracks().length === 0")
    assert owner.does("GET", f"sessions/{session}")["state"] in ("safety_stopped", "time_recorded")


def how_good_the_line_was_stands_beside_the_time(busy: BusyWeek, call: Call) -> None:
    _, (ada, _), session = call

    def its_line() -> str:
        sheets = ada.does("GET", "timesheets")["data"]
        return next((row["id"] for each in sheets for row in each["lines"] if row["session"] == session), "")

    waits_until(lambda: its_line() != "", "its time was never recorded", for_s=90)
    for person in (ada, busy.comes_in("Talent operations")):
        beside = person.opens(f"/week/line/{its_line()}/evidence/").text
        assert re.search(r"What reached their page (Good|Weak|Bad), \d\d:\d\d", beside), beside


def whoever_played_writes_privately_to_talent_operations(busy: BusyWeek, call: Call) -> None:
    owner, (ada, bo), session = call
    tala, page = busy.comes_in("Talent operations"), f"/sessions/{session}/report/"
    said = ada.sends(ada.opens(page), re.escape(page), text="I said stop, and he went on.")
    assert "Talent operations read it, and nobody else." in said.text
    assert "went on" not in owner.opens(f"/sessions/{session}/").text
    owner.is_refused("GET", "reports", "forbidden")
    desk = tala.opens("/desk/?what=report")
    line = tala.opens(desk.link(r"/desk/reports/"))
    answered = tala.sends(line, r"/desk/reports/\w+/answer/", do="answer", text="We have spoken with him.")
    assert "Answered. They are told." in answered.text
    ada.reads_in_mail("stands on your private line")
    assert "We have spoken with him." in ada.opens(page).text
    report = bo.does("POST", f"sessions/{session}/report", text="I did not hear her.")["id"]
    assert tala.does("POST", f"reports/{report}/answer", text="Thank you.", closes=True)["state"] == "closed"
    assert [row["id"] for row in bo.does("GET", "reports")["data"]] == [report]


def test_four_meet(busy: BusyWeek, cameras: Browser) -> None:
    owner, cast, session = are_called(busy, "Four in a lift", numbers=(11, 12, 14, 16))
    url = f"{owner.house.url}/sessions/{session}/room/"
    with ExitStack() as stack:
        pages = [stack.enter_context(screen(cameras, person)) for person in cast]
        for page in pages:
            comes_in(page, url)
        for page in pages:
            expect(page.locator(".tile")).to_have_count(4, timeout=CONNECTED_MS)
            good = page.locator(".tile-line").filter(has_text=re.compile("Good line|Weak line"))
            expect(good).to_have_count(3, timeout=3 * CONNECTED_MS)
        page = pages[0]
        before = page.evaluate(ARRIVED)
        page.wait_for_timeout(3 * SECONDS)
        after = page.evaluate(ARRIVED)
        assert len(after) == len(before) == 6  # a voice and a picture of each of the three
        assert all(now[1] > then[1] for now, then in zip(after, before, strict=True))


def test_a_call_from_the_check_of_the_camera_to_the_last_word(
    busy: BusyWeek, call: Call, cameras: Browser
) -> None:
    # One after the other: each leaves the room as the next finds it.
    two_meet_and_the_company_is_seen_too(call, cameras)
    what_goes_wrong_with_a_line_is_mended_without_a_press(call, cameras)
    by_app_cards_are_dealt_scenes_slated_and_moments_noted(busy, call)
    the_room_closes_for_all_at_once(busy, call, cameras)
    how_good_the_line_was_stands_beside_the_time(busy, call)
    whoever_played_writes_privately_to_talent_operations(busy, call)
