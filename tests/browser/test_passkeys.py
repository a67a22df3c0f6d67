"""Passkeys in a real browser, by an authenticator that Chromium plays: set up, log in, second factor, fresh proof, and no."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.browser import chromium
from tests.browser.house import House, Visitor, browser
from tests.journeys.house import House as RunningHouse
from tests.journeys.house import Person, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]


@pytest.fixture(scope="module")
def house() -> Iterator[RunningHouse]:
    with running() as house:
        yield house


class Device:
    """A phone or laptop that asks for a finger: `touches` says whether the right one is there."""

    def __init__(self, visitor: Visitor) -> None:
        self.cdp: CDPSession = visitor.page.context.new_cdp_session(visitor.page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def touches(self, *, right: bool) -> None:
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": right})

    def keys(self) -> int:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return len(found["credentials"])


def test_a_passkey_from_setting_it_up_to_the_proof(house: RunningHouse) -> None:
    with browser() as opened:
        me = Person(house, "Pasha Keys")
        visitor = a_visitor(opened, house)
        device = Device(visitor)
        signs_up(visitor, me)
        sets_up(visitor, device)
        logs_in_without_a_password(visitor, device)
        logs_in_with_both(visitor, me)
        proves_by_it(visitor, device, house)
        assert visitor.complaints == []


def a_visitor(opened: Browser, house: RunningHouse) -> Visitor:
    context = opened.new_context(viewport={"width": 390, "height": 844})
    return Visitor(context, House(url=house.url, held="", password=""))


def signs_up(visitor: Visitor, me: Person) -> None:
    visitor.open("/accounts/signup/?comes_to=company")
    page = visitor.page
    page.get_by_label("Your name").fill(me.name)
    page.get_by_label("Email").fill(me.email)
    page.get_by_label("Password").fill(me.password)
    page.locator("input[name=comes_to][value=company], select[name=comes_to]").first.evaluate(
        "it => it.tagName === 'SELECT' ? (it.value = 'company') : it.click()"
    )
    page.get_by_label("Company").last.fill("Keyline")
    visitor.press("Sign up")
    page.wait_for_url("**/accounts/confirm-email/")
    visitor.look()
    link = re.search(r"http\S+/accounts/confirm-email/\S+", me.reads_mail("confirm"))
    assert link is not None
    page.goto(link[0])
    visitor.press("Yes, confirm it")
    page.wait_for_url("**/today/")


def sets_up(visitor: Visitor, device: Device) -> None:
    """From the page that says why; on the way a wrong finger, which sets up nothing and is said in words."""
    page = visitor.page
    visitor.open("/today/")
    assert "Your role waits for a second factor" in page.inner_text("main")
    page.get_by_role("link", name="Set it up").click()
    page.wait_for_url("**/settings/second-factor/?next=/today/")
    visitor.look()
    visitor.press("Set up a passkey")
    visitor.look()
    device.touches(right=False)
    page.get_by_role("button", name="Set it up").click()
    page.get_by_text("Nothing was given").wait_for()
    assert device.keys() == 0
    device.touches(right=True)
    page.get_by_role("button", name="Set it up").click()
    page.wait_for_url("**/recovery-codes/")
    visitor.look()
    assert device.keys() == 1
    visitor.press("I have kept them, go on")
    page.wait_for_url("**/today/")
    assert "Keyline" in page.inner_text("main")


def logs_out(visitor: Visitor) -> None:
    page = visitor.page
    page.wait_for_load_state("networkidle")
    visitor.open("/accounts/logout/")
    page.locator("main").get_by_role("button").first.click()
    page.wait_for_url(f"{visitor.url}/")


def logs_in_without_a_password(visitor: Visitor, device: Device) -> None:
    page = visitor.page
    logs_out(visitor)
    visitor.open("/accounts/login/?next=/settings/")
    device.touches(right=False)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.get_by_text("Nothing was given").wait_for()
    device.touches(right=True)
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{visitor.url}/settings/")


def logs_in_with_both(visitor: Visitor, me: Person) -> None:
    page = visitor.page
    logs_out(visitor)
    visitor.open("/accounts/login/")
    page.get_by_label("Email").fill(me.email)
    page.get_by_label("Password").fill(me.password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/")
    visitor.look()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/today/")


def proves_by_it(visitor: Visitor, device: Device, house: RunningHouse) -> None:
    """After a while one's address is behind the proof, and the way back leads to it."""
    page = visitor.page
    house.passes_to(datetime.now(UTC) + timedelta(minutes=6))
    page.goto(f"{visitor.url}/accounts/email/")
    page.wait_for_url("**/2fa/webauthn/reauthenticate/**")
    visitor.look()
    device.touches(right=False)
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_text("Nothing was given").wait_for()
    device.touches(right=True)
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/accounts/email/")
    visitor.open("/accounts/2fa/webauthn/")
    assert "last used" in page.inner_text("main")
