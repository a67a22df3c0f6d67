"""Through a real browser on a running house: from signing up to a bank account, past everything that finance looks at."""

import re
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.house import House, Visitor, browser, running_demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
TITLE = "A window seat, disputed"
MAIL_COMES_S = 20
PASSWORD = "a long password of my own"


def test_from_signing_up_to_a_bank_and_past_finance(tmp_path: Path) -> None:
    # One test, because the house takes half a minute to open.
    with running_demo(tmp_path / "home") as house, browser() as opened:
        walk(opened, house, mails=tmp_path / "home" / "mail")
        look_around_finance(opened, house)


def walk(opened: Browser, house: House, *, mails: Path) -> None:
    owner, me, talent = (_visitor(opened, house) for _ in range(3))
    owner.log_in("owner1")
    talent.log_in("talent1")
    applicants = _post_a_gig(owner)
    email = _sign_up(me)
    _get_set_up(me, _link_in_the_mail(mails, email))
    _prove_identity(me)
    _is_vetted(talent)
    _apply(me)
    _offer(owner, applicants)
    _accept_and_sign(me)
    _countersign(owner)
    _give_stripe_the_bank(me)
    me.open("/work/")
    assert TITLE in me.page.content()
    assert owner.complaints == me.complaints == talent.complaints == []


def look_around_finance(opened: Browser, house: House) -> None:
    finance, held = _visitor(opened, house), _visitor(opened, house)
    finance.log_in("finance1")
    finance.open("/pay/payday/")
    assert "It agrees to the cent" in finance.page.inner_text("main")
    finance.open("/pay/reconcile/")
    said = finance.page.inner_text("main")
    assert re.search(r"Difference\s+0\.00 USD", said)
    assert "hold" in said
    assert "not hold" not in said
    finance.open("/pay/inbox/")
    finance.open("/pay/held/")
    assert "Stripe still needs something" in finance.page.inner_text("main")
    finance.page.get_by_role("button", name=re.compile("^Remind")).first.click()
    finance.page.wait_for_load_state()
    assert "They were written to" in finance.page.inner_text("main")
    held.log_in("held")
    held.open("/pay/")
    held.page.locator("a.row-link").first.click()
    held.page.wait_for_url("**/pay/statements/**")
    held.look()
    assert "payable seconds" in held.page.inner_text("main")
    assert finance.complaints == held.complaints == []


def _visitor(opened: Browser, house: House) -> Visitor:
    return Visitor(opened.new_context(viewport={"width": 1280, "height": 900}), house)


def _post_a_gig(owner: Visitor) -> str:
    """The path where its applicants will stand."""
    page = owner.page
    owner.open("/wallet/")
    wallet = page.url.removeprefix(owner.url)
    page.goto(owner.url + wallet.replace("/wallet/", "/gigs/"))
    owner.press("Post a gig")
    owner.look()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("The scene in one line").fill("Two strangers hold a ticket for the same seat.")
    page.get_by_label("Brief").fill("They never raise their voice, and neither gives in.")
    page.get_by_label("Pay per hour").fill("80.00")
    page.get_by_label("Performers sought").fill("2")
    page.get_by_label("From", exact=True).fill(str(date.today() + timedelta(days=2)))  # noqa: DTZ011 -- any day ahead
    page.get_by_label("To", exact=True).fill(str(date.today() + timedelta(days=40)))  # noqa: DTZ011 -- as above
    page.get_by_label("Question 1").fill("When did you last give up a seat?")
    owner.press("Save the draft")
    owner.look()
    owner.press("Set money aside")
    row = page.locator("li", has_text=TITLE)
    row.get_by_label("Set more aside").fill("500.00")
    row.get_by_role("button", name="Set aside").click()
    page.get_by_text("500.00 USD is set aside").wait_for()
    page.go_back()
    page.go_back()
    page.reload()
    owner.press("Put it on the board")
    page.get_by_text("It is on the board now").wait_for()
    return page.locator("main").get_by_role("link", name="Applicants").get_attribute("href") or ""


def _sign_up(me: Visitor) -> str:
    page = me.page
    me.open("/")
    me.press("Sign up to perform")
    me.look()
    email = f"nell{time.monotonic_ns()}@example.org"
    page.get_by_label("Your name").fill("Nell Ward")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    me.press("Sign up")
    page.wait_for_url(re.compile(r"/(onboarding|today|accounts/confirm-email)/"))
    return email


def _link_in_the_mail(mails: Path, email: str) -> str:
    """Out of the files: the demo's people get so many that the page of the newest may not show it any more."""
    deadline = time.monotonic() + MAIL_COMES_S
    while time.monotonic() < deadline:
        for path in mails.glob("*.log"):
            link = re.search(r"http://\S+/accounts/confirm-email/\S+", text := path.read_text())
            if link is not None and email in text:
                return link[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {email}")


def _get_set_up(me: Visitor, link: str) -> None:
    page = me.page
    page.goto(link)
    me.press("Yes, confirm it")
    me.open("/profile/?next=onboarding")
    page.get_by_label("Stage name").fill("Nell Ward")
    page.locator("input[name=skills]").first.check()
    page.locator("input[name=languages]").first.check()
    me.press("Save the profile")
    me.open("/onboarding/")
    me.press("Read the terms")
    me.look()
    me.press("I accept these terms")
    me.press("Ask to be vetted")
    page.get_by_text("Sent. A person looks at your profile").wait_for()
    me.look()


def _prove_identity(me: Visitor) -> None:
    page = me.page
    me.open("/identity/")
    me.press("Open Stripe's page")
    page.get_by_label("First name").fill("Nell")
    page.get_by_label("Last name").fill("Ward")
    page.get_by_label("Date of birth").fill("1990-01-01")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_text("Your identity is proven").wait_for()
    me.look()


def _is_vetted(talent: Visitor) -> None:
    """Nell alone waits on the desk."""
    page = talent.page
    talent.open("/desk/?what=performer")
    page.locator("main").get_by_role("link", name=re.compile("Nell Ward")).click()
    page.wait_for_load_state()
    talent.look()
    talent.press("Take it up")
    talent.look()
    talent.press("Approve Nell Ward")
    page.get_by_text("Approved. They are told.").wait_for()
    talent.look()


def _apply(me: Visitor) -> None:
    page = me.page
    me.open("/")
    page.locator("main").get_by_role("link", name=TITLE).click()
    page.wait_for_load_state()
    me.look()
    me.press("Apply")
    me.look()
    page.get_by_label("When did you last give up a seat?").fill("On Tuesday, to a cello.")
    me.press("Send the application")
    me.open("/work/")
    assert TITLE in page.inner_text("main")


def _offer(owner: Visitor, applicants: str) -> None:
    page = owner.page
    owner.open(applicants)
    said = page.inner_text("main")
    assert "to a cello" in said
    assert "Nell" not in said, "names are hidden until there is a yes"
    page.get_by_label("For an offer").first.check()
    page.locator("#offer button").click()
    page.wait_for_load_state()
    owner.look()


def _accept_and_sign(me: Visitor) -> None:
    page = me.page
    me.open("/work/")
    page.locator("main").get_by_role("button", name=re.compile("Accept|Yes")).first.click()
    page.wait_for_url("**/engagements/**")
    page.get_by_label("State").select_option("NY")
    me.press("Save the place")
    me.look()
    page.get_by_label("Type your full name to sign").fill("Nell Ward")
    me.press("Sign these terms")
    page.get_by_text("Signed. The other side is told.").wait_for()


def _countersign(owner: Visitor) -> None:
    page = owner.page
    owner.open(_gig_page(owner))
    page.locator("main").get_by_role("link", name="Nell Ward").click()
    page.wait_for_load_state()
    page.get_by_label("Type your full name to sign").fill("Owner of Northlight Labs")
    owner.press("Sign these terms")
    page.get_by_text("Sessions can be booked under these terms.").wait_for()


def _gig_page(owner: Visitor) -> str:
    owner.page.goto(f"{owner.url}/wallet/")
    gigs = owner.page.url.removeprefix(owner.url).replace("/wallet/", "/gigs/")
    owner.open(gigs)
    return owner.page.get_by_role("link", name=TITLE).first.get_attribute("href") or ""


def _give_stripe_the_bank(me: Visitor) -> None:
    page = me.page
    me.open("/pay/setup/")
    me.press("Open Stripe's form")
    page.get_by_role("heading", name="Get set up to be paid").wait_for()
    page.get_by_label("Legal name").fill("Nell Ward")
    page.get_by_label("Date of birth").fill("1990-01-01")
    page.get_by_label("Address").fill("address_full_match")
    page.get_by_label(re.compile("identity number")).fill("000000000")
    page.get_by_label("Routing number").fill("110000000")
    page.get_by_label("Account number").fill("000123456789")
    page.get_by_role("button", name="Agree and submit").click()
    page.wait_for_url(f"{me.url}/pay/setup/**")
    assert "You are ready to be paid" in page.inner_text("main")
    me.look()
