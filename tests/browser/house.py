"""The demo as a running house that a browser can visit: its processes, its people, and looking for what is amiss."""

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser import chromium
from tests.processes import plain_environment, staying_up

STANDS = "Ctrl-C stops everything"
SERIOUS = {"serious", "critical"}


@dataclass(frozen=True)
class House:
    """A demo that is up: where it answers, the login of the performer whose pay is held, and everyone's password."""

    url: str
    held: str
    password: str

    def code_of(self, who: str) -> str:
        """What the app on their phone shows."""
        page = requests.get(f"{self.url}/phones/", timeout=10).text
        shown = re.search(rf"{re.escape(self.login_of(who))}</th><td><code>(\d{{6}})", page)
        if shown is None:
            raise RuntimeError(f"{who} has no phone: {page[-2000:]}")
        return shown[1]

    def login_of(self, who: str) -> str:
        """`owner1` or `held` as a mail address."""
        return self.held if who == "held" else f"{who}@{self.held.partition('@')[2]}"


@contextlib.contextmanager
def running_demo(home: Path, *, performers: int = 16, sessions: int = 16) -> Iterator[House]:
    """Play a small week under `home` and keep the house open until the block ends.

    Eight gigs of two seats take sixteen performers. RuntimeError when it does not come up.
    """
    words = ["--performers", str(performers), "--sessions", str(sessions), "--port", "0"]
    told = plain_environment(CALLBOARD_HOME=str(home), PYTHONUNBUFFERED="1", COLUMNS="200")
    command = [sys.executable, "manage.py", "demo", *words]
    with staying_up(command, until=STANDS, environment=told) as said:
        found = re.search(r"^Callboard\s+(http://\S+)", said, re.MULTILINE)
        held = re.search(r"whose pay is held\s+(\S+@\S+)\s+(\S+)", said)
        if found is None or held is None:
            raise RuntimeError(said[-4000:])
        yield House(url=found[1], held=held[1], password=held[2])


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium. RuntimeError with the way to get one where there is none."""
    path = chromium.find()
    if path is None:
        raise RuntimeError(chromium.WHY_SKIPPED)
    with sync_playwright() as playwright:
        # In a container there is no user namespace for the sandbox; every page visited is our own.
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


class Visitor:
    """One person at one browser, who notices what a page's console complains of and what axe finds serious."""

    def __init__(self, context: BrowserContext, house: House) -> None:
        self.house, self.url = house, house.url
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{self.page.url}: {message.text}")

    def log_in(self, who: str) -> None:
        self.page.goto(f"{self.url}/accounts/login/")
        self.page.get_by_label("Email").fill(self.house.login_of(who))
        self.page.get_by_label("Password").fill(self.house.password)
        self.press("Log in")
        # A click is over before a slow answer: what follows is asked once it is there.
        self.page.wait_for_url(re.compile(r"/(2fa/authenticate|today)/"))
        if "/2fa/authenticate/" in self.page.url:
            self.look()
            self.page.get_by_label("Code").fill(self.house.code_of(who))
            self.press("Log in")
        self.page.wait_for_url("**/today/")

    def open(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        if answer is None or not answer.ok:
            raise AssertionError(f"{path}: {answer and answer.status}")
        self.look()

    def press(self, label: str) -> None:
        """Press the first button or link of this name within the page."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=label, exact=True)
        target = button if button.count() else main.get_by_role("link", name=label, exact=True)
        target.first.click()
        self.page.wait_for_load_state()

    def look(self) -> None:
        """Remember what axe finds serious here."""
        found = Axe().run(self.page).response["violations"]
        path = self.page.url.removeprefix(self.url)
        for violation in found:
            if violation["impact"] in SERIOUS:
                self.complaints.append(f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:200]}")
