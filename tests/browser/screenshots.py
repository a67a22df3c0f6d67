"""Every page at phone and desktop width, from a small demo. `make screenshots ARGS=folder`"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.house import House, Visitor, browser, running_demo

PROJECT = Path(__file__).parents[2]
ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
README = PROJECT / "callboard/static/img/readme-board.png"
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
VISITORS: dict[str, list[str]] = {
    "": ["/", "/fairness/", "/accounts/login/", "/accounts/signup/", "/terms/", "/docs/api/", "/docs/api/gigs/",
         "/docs/api/errors/", "/_gallery/", "/mail/"],
    "performer01": ["/today/", "/", "/work/", "/week/", "/sessions/", "/pay/", "/pay/setup/", "/pay/years/", "/profile/",
                    "/slots/", "/availability/", "/calendar/feed/", "/work/searches/",
                    "/onboarding/", "/notifications/", "/settings/"],
    "held": ["/pay/", "/pay/setup/"],
    "owner1": ["/today/", "/wallet/"],
    "admin": ["/staff/", "/access-log/"],
    "finance1": ["/today/", "/pay/payday/", "/pay/held/", "/pay/held/?all=1", "/pay/inbox/",
                 "/pay/reconcile/", "/books/", "/books/months/",
                 "/books/journals/", "/books/names/", "/books/register/", "/books/years/", "/invoices/"],
}  # fmt: skip
# Pages whose address has an id in it: found by following the first such link of a page.
FOLLOWED = {
    "": [("/", "a[href^='/gigs/gig_']")],
    "performer01": [
        ("/work/", "main a[href^='/engagements/']"),
        ("/week/", "main a[href^='/week/line/']"),
        ("/sessions/", "main a[href^='/sessions/ses_']"),
        ("/pay/", "main a[href^='/pay/statements/']"),
    ],
    "finance1": [
        ("/books/", "main a[href^='/books/accounts/usd/performer_payable']"),
        (
            "/books/accounts/usd/performer_payable/",
            "main a[href^='/books/accounts/usd/performer_payable/prf_']",
        ),
        ("/books/register/", "main a[href^='/books/register/run_']"),
        ("/invoices/", "main a[href*='/invoices/doc_']"),
    ],
    "owner1": [
        ("/today/", "nav a[href$='/gigs/']"),
        ("/today/", "nav a[href$='/applicants/']"),
        ("/today/", "nav a[href$='/sessions/']"),
        ("/today/", "nav a[href$='/week/']"),
        ("/wallet/", "main a[href$='/invoices/']"),
    ],
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=PROJECT / ".callboard/screenshots")
    folder: Path = asked.parse_args().folder
    if chromium.find() is None:
        sys.exit(chromium.WHY_SKIPPED)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="callboard-") as home,
        running_demo(Path(home) / "home", performers=24, sessions=40) as house,
        browser() as opened,
    ):
        taken = sum(_of(who, opened, house, folder) for who in VISITORS)
        _for_the_readme(opened, house)
    sys.stdout.write(f"{taken} pictures in {folder}\n")


def _of(who: str, opened: Browser, house: House, folder: Path) -> int:
    """Everything that this person can visit, at both sizes. How many pictures that made."""
    context = opened.new_context(color_scheme="light", timezone_id="America/New_York")
    visitor = Visitor(context, house)
    if who:
        visitor.log_in(who)
    paths = VISITORS[who] + [_follow(visitor, *link) for link in FOLLOWED.get(who, [])]
    taken = 0
    for path in filter(None, paths):
        for size, (width, height) in SIZES.items():
            visitor.page.set_viewport_size({"width": width, "height": height})
            _settle(visitor.page, house.url + path)
            visitor.page.screenshot(path=folder / f"{_name(who, path)}-{size}.png", full_page=True)
            taken += 1
    context.close()
    return taken


def _name(who: str, path: str) -> str:
    """The same for each run: ids are left out."""
    words = [word for word in re.split("[/?=]", path) if word and not ID.fullmatch(word)]
    one = "-one" if any(map(ID.fullmatch, path.split("/")[-2:])) else ""
    return f"{who or 'anyone'}-{'-'.join(words) or 'board'}{one}"


def _follow(visitor: Visitor, path: str, selector: str) -> str:
    _settle(visitor.page, visitor.url + path)
    link = visitor.page.locator(selector)
    return (link.first.get_attribute("href") or "") if link.count() else ""


def _settle(page: Page, url: str) -> None:
    # The pages of today fetch their parts; the picture waits for them.
    page.goto(url, wait_until="networkidle")


def _for_the_readme(opened: Browser, house: House) -> None:
    width, height = SIZES["desktop"]
    context = opened.new_context(
        viewport={"width": width, "height": height}, color_scheme="light", timezone_id="America/New_York"
    )
    page = context.new_page()
    _settle(page, house.url + "/")
    page.screenshot(path=README)
    context.close()


if __name__ == "__main__":
    main()
