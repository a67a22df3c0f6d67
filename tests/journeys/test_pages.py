"""Every page that each kind of person can reach by links, on a phone and at a desk, by day and by night: nothing that axe
finds, nothing in the console, nothing that runs out of the window."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

import tests.browser.chromium
from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import House, Person

chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
SIZES = ((390, 844), (1440, 900))
# By night only the colours are others.
LOOKS: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "{resultTypes: ['violations']}"),
    ("dark", "{resultTypes: ['violations'], runOnly: ['color-contrast']}"),
)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
# As the person who walks reads them: one page of each kind is enough.
ID = re.compile(
    r"/(?:[a-z]{3}_[0-9a-z]{20,}|\d{4}-\d\d-\d\d|(?<=years/)\d{4}|po_\w+|[A-Za-z0-9:_-]{40,})(?=/|$)"
)
RESOURCE = re.compile(r"^/docs/api/(?!errors)[^/]+/$")
NOT_PAGES = re.compile(r"^/(?:api|admin|static|_allauth|metrics|healthz|readyz|accounts/logout)/?")
MOST_PAGES = 90
# The same whoever reads them: looked at for one of them.
FOR_ALL = re.compile(r"^/(?:accounts|docs|terms|settings|_gallery|mail)/")
looked_at: set[str] = set()


@dataclass
class Walk:
    """What one person has seen, and what was amiss there."""

    page: Page
    url: str
    seen: dict[str, str] = field(default_factory=dict)
    amiss: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.amiss.append(f"{self.page.url}: console: {said.text}"))
        self.page.on("pageerror", lambda error: self.amiss.append(f"{self.page.url}: {error}"))

    def everywhere(self, *starts: str) -> None:
        """From there along every link, one page of each kind."""
        to_see = deque(starts)
        while to_see and len(self.seen) < MOST_PAGES:
            path = to_see.popleft()
            if (kind := kind_of(path)) in self.seen:
                continue
            self.seen[kind] = path
            if kind not in looked_at or not FOR_ALL.match(kind):
                looked_at.add(kind)
                self.visit(path)
                # The page of mails shows everybody's, with links that are for others.
                to_see.extend(self._links() if path != "/mail/" else ())
        assert len(self.seen) < MOST_PAGES, "there are more pages than this walk expects"

    def visit(self, path: str) -> None:
        answer = self.page.goto(self.url + path, wait_until="load")
        if answer is None or answer.status >= 400:
            self.amiss.append(f"{path}: {answer and answer.status}")
            return
        self.page.evaluate(AXE)
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme, rules in LOOKS:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                # What the page does about its new size, it does with the next picture.
                self.page.evaluate(
                    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
                )
                self._look(f"{path} ({width} px, {scheme})", rules)

    def _look(self, where: str, rules: str) -> None:
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > window:
            self.amiss.append(f"{where}: {wide} px wide")
        found = self.page.evaluate(f"axe.run(document, {rules})")
        for violation in found["violations"]:
            self.amiss.append(f"{where}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")

    def _links(self) -> Iterator[str]:
        for href in self.page.eval_on_selector_all("a[href]:not([download])", "all => all.map(a => a.href)"):
            at = urlsplit(href)
            if f"{at.scheme}://{at.netloc}" == self.url and not NOT_PAGES.match(at.path):
                yield at.path


def kind_of(path: str) -> str:
    """The page's address without what makes it one of many."""
    return "/docs/api/*/" if RESOURCE.match(path) else ID.sub("/*", path)


def walks(browser: Browser, house: House, person: Person | None, *starts: str, alone: bool = False) -> Walk:
    """From the starts along every link; `alone`: to them and no further."""
    context = browser.new_context(timezone_id="America/New_York")
    if person is not None:
        context.add_cookies(person.jar())  # type: ignore[arg-type] # a cookie's name, value and address
    walk = Walk(context.new_page(), house.url)
    if alone:
        for start in starts:
            walk.visit(start)
    else:
        walk.everywhere(*starts)
    context.close()
    return walk


@pytest.mark.long_journey
@pytest.mark.parametrize(
    ("who", "start", "sees"),
    [
        ("A performer", "/today/", {"/week/line/*/", "/pay/statements/*/", "/sessions/*/", "/engagements/*/", "/profile/"}),
        ("A company", "/today/", {"/company/*/week/", "/company/*/wallet/", "/gigs/*/applicants/", "/company/*/gigs/*/book/"}),
        ("Finance, who freezes", "/today/", {"/pay/payday/", "/pay/payday/*/", "/pay/held/", "/pay/inbox/", "/pay/reconcile/"}),
        ("Talent operations", "/today/", {"/desk/", "/house/people/*/"}),
        ("The administrator", "/today/", {"/staff/"}),
    ],
)  # fmt: skip
def test_of_those_who_played_a_week(
    busy: BusyWeek, browser: Browser, who: str, start: str, sees: set[str]
) -> None:
    walk = walks(browser, busy.house, busy.comes_in(who), start)
    assert walk.amiss == []
    assert sees <= set(walk.seen)


@pytest.mark.long_journey
def test_of_whoever_waits_for_pay(busy: BusyWeek, browser: Browser) -> None:
    held = busy.comes_in("A performer whose pay is held")
    statement = held.opens("/pay/").link(r"/pay/statements/")
    walk = walks(browser, busy.house, held, "/today/", "/pay/", "/pay/setup/", statement, alone=True)
    assert walk.amiss == []


@pytest.mark.long_journey
def test_of_a_visitor(busy: BusyWeek, browser: Browser) -> None:
    walk = walks(browser, busy.house, None, "/", "/accounts/password/reset/", "/terms/")
    assert walk.amiss == []
    assert {"/accounts/signup/", "/gigs/*/", "/docs/api/"} <= set(walk.seen)


@pytest.mark.long_journey
def test_of_those_who_have_just_come(busy: BusyWeek, browser: Browser) -> None:
    house = busy.house
    nora, ada = Person(house, "Nora Lindqvist"), Person(house, "Ada Okafor")
    nora.comes_in(comes_to="company", company_name="Fresh Start", time_zone="Europe/Berlin")
    ada.comes_in(comes_to="performer", time_zone="Asia/Kolkata")
    amiss = [walks(browser, house, person, "/today/").amiss for person in (nora, ada)]
    assert amiss == [[], []]
