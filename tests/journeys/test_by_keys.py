"""Who works through many things has their hands on the keys: the company's week, and its applicants."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

import tests.browser.chromium
from tests.journeys.busy_week import BusyWeek, applies

chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.long_journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEAD, SHOWN = "dialog#line[open] .dialog-head h2", "dialog#line[open] [data-line-shown]"


@pytest.fixture
def screen(busy: BusyWeek, browser: Browser) -> Iterator[Page]:
    """A desk, at which the second company's owner is logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    owner, _ = busy.owner(2)
    context.add_cookies(owner.jar())  # type: ignore[arg-type] # a cookie's name, value and address
    page, amiss = context.new_page(), list[str]()
    page.on("console", lambda said: amiss.append(said.text))
    page.on("pageerror", lambda error: amiss.append(str(error)))
    yield page
    context.close()
    assert amiss == []


def test_the_week_is_walked_and_each_line_seen_without_leaving_the_list(busy: BusyWeek, screen: Page) -> None:
    owner, company = busy.owner(2)
    *_, sheet = owner.does("GET", "timesheets")[
        "data"
    ]  # the played week: what was corrected since has no picture
    screen.goto(f"{owner.house.url}/company/{company}/week/{sheet['week']}/")
    expect(screen.locator(".keys")).to_contain_text("next line")
    folded = screen.locator(".week-person").first
    screen.keyboard.press("k")  # before the first there is none
    expect(folded.locator("summary")).to_be_focused()
    screen.keyboard.press("Enter")
    lines = folded.locator(".week-row")
    expect(lines.first).to_be_visible()

    screen.keyboard.press("ArrowDown")
    expect(lines.first).to_be_focused()
    screen.keyboard.press("Enter")
    expect(screen.locator(HEAD)).to_have_text(folded.locator("summary .strong").first.inner_text())
    expect(screen.locator(SHOWN)).to_contain_text(amount_of(lines.nth(0)))
    expect(screen.locator(SHOWN).locator("svg").first).to_be_visible()
    look_for_what_axe_finds(screen)
    screen.keyboard.press("j")
    expect(lines.nth(1)).to_have_class("week-row is-at")
    expect(screen.locator(SHOWN)).to_contain_text(amount_of(lines.nth(1)))
    assert amount_of(lines.nth(0)) != amount_of(lines.nth(1))
    screen.keyboard.press("Escape")
    expect(screen.locator("dialog#line")).not_to_be_visible()
    expect(lines.nth(1)).to_be_focused()
    screen.keyboard.press("k")
    expect(lines.nth(0)).to_be_focused()


def amount_of(line: Locator) -> str:
    return line.locator(".num.strong").inner_text()


def look_for_what_axe_finds(screen: Page) -> None:
    for scheme in SCHEMES:
        screen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width, height in ((1440, 900), (390, 844)):
            screen.set_viewport_size({"width": width, "height": height})
            assert Axe().run(screen).response["violations"] == []
    screen.set_viewport_size({"width": 1440, "height": 900})


def test_applicants_are_walked_and_shortlisted_and_what_is_typed_is_only_text(
    busy: BusyWeek, screen: Page
) -> None:
    owner, company = busy.owner(2)
    gig = busy.posts_a_gig(owner, company, "By keys alone")
    for number in (1, 2):
        applies(busy.performer(number), gig)
    screen.goto(f"{owner.house.url}/gigs/{gig}/applicants/")
    both = screen.locator(".applicant")
    screen.keyboard.press("j")
    screen.keyboard.press("j")
    expect(both.nth(1)).to_be_focused()
    screen.keyboard.press("o")
    expect(both.nth(1).get_by_label("For an offer")).to_be_checked()
    screen.get_by_label("A line with the offer").fill("")
    screen.keyboard.type("jk")
    expect(screen.get_by_label("A line with the offer")).to_have_value("jk")
    expect(both.nth(1)).to_have_class("panel applicant is-at")
    both.nth(1).focus()
    screen.keyboard.press("k")
    screen.keyboard.press("s")
    screen.wait_for_load_state()
    expect(screen.locator("main")).to_contain_text("Shortlisted")
    states = [row["state"] for row in owner.does("GET", f"gigs/{gig}/applications")["data"]]
    assert sorted(states) == ["shortlisted", "submitted"]
