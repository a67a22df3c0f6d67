"""A company's own systems are told: by page and by an app, signed, again after an outage, until it ends."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook as Reader

from tests.journeys.coming_in import ZONE, an_owner
from tests.journeys.house import House, Person
from tests.receiver import Receiver, listening

COMES_S = 60
pytestmark = pytest.mark.long_journey


@pytest.fixture
def system() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def comes(system: Receiver, fits: Callable[[dict[str, object]], bool], *, secret: str) -> dict[str, object]:
    """The first message that fits, proved to be the house's."""
    until = time.monotonic() + COMES_S
    while time.monotonic() < until:
        for headers, body in list(system.got):
            said: dict[str, object] = json.loads(body)
            if fits(said):
                assert is_theirs(headers, body, secret=secret)
                return said
        time.sleep(0.5)
    raise AssertionError([body for _, body in system.got])


def is_theirs(headers: dict[str, str], body: bytes, *, secret: str) -> bool:
    """As the library checks it, but for the time: the house's clock may stand elsewhere than this machine's."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = Reader(secret).sign(headers["webhook-id"], at, body.decode())
    return signed in headers["webhook-signature"].split(" ")


def test_an_owner_connects_her_systems_on_the_page(house: House, system: Receiver) -> None:
    yolanda, company = an_owner(house, "Yolanda Connects", company="Lantern Works")
    page = f"/company/{company}/webhooks/"
    assert "None yet" in yolanda.opens(page).text
    refused = yolanda.sends(yolanda.opens(page), page, address="https://10.0.0.1/inside")
    assert "the whole internet can reach" in refused.text
    made = yolanda.sends(yolanda.opens(page), page, address=system.address)
    secret = next(word for word in made.text.split() if word.startswith("whsec_"))
    assert secret not in yolanda.opens(page).text
    webhook = yolanda.opens(page).link(r"/webhooks/of/whk_\w+/$")

    yolanda.sends(yolanda.opens(webhook), f"{webhook}test/")
    comes(system, lambda said: said["type"] == "webhook.test", secret=secret)
    yolanda.waits_for(webhook, "Delivered")

    system.got.clear()
    invites_one_who_declines(house, yolanda, company)
    said = comes(system, lambda said: str(said["type"]).startswith("invitation"), secret=secret)
    assert said["data"] == {"company_id": company}
    assert "Winnie" not in str(said)

    yolanda.sends(yolanda.opens(webhook), f"{webhook}kinds/", kinds=["webhook.test"])
    assert "What it is told: 1 kind" in yolanda.opens(webhook).text
    yolanda.sends(yolanda.opens(webhook), f"{webhook}pause/")
    assert "Paused" in yolanda.opens(webhook).text
    yolanda.sends(yolanda.opens(webhook), f"{webhook}resume/")
    system.got.clear()
    yolanda.sends(yolanda.opens(webhook), r"/webhooks/sent/snd_\w+/again/")
    comes(system, lambda said: True, secret=secret)
    assert "0 on their way" in yolanda.sends(yolanda.opens(webhook), f"{webhook}send-again/").text
    renewed = yolanda.sends(yolanda.opens(webhook), f"{webhook}secret/")
    assert next(word for word in renewed.text.split() if word.startswith("whsec_")) != secret
    assert "It has ended." in yolanda.sends(yolanda.opens(webhook), f"{webhook}end/").text


def test_an_app_does_the_same(house: House, system: Receiver) -> None:
    wilma, company = an_owner(house, "Wilma Automates", company="Lantern Machines")
    path = f"companies/{company}/webhooks"
    wilma.is_refused("POST", path, "webhook_address_refused", address="http://169.254.169.254/", kinds=[])
    made = wilma.does("POST", path, address=system.address, kinds=[])
    secret, one = made["secret"], f"webhooks/{made['webhook']['id']}"
    wilma.is_refused("POST", path, "webhook_address_taken", address=system.address, kinds=[])
    system.answers = [500]
    test = wilma.does("POST", f"{one}/test")
    comes(system, lambda said: said["type"] == "webhook.test", secret=secret)
    assert wilma.does("GET", one)["state"] == "active"
    assert wilma.does("PUT", one, kinds=["webhook.test"])["kinds"] == ["webhook.test"]
    assert wilma.does("POST", f"{one}/pause")["state"] == "paused"
    wilma.is_refused("POST", f"{one}/test", "illegal_state")
    assert wilma.does("POST", f"{one}/resume")["state"] == "active"
    is_delivered(wilma, one, test["id"])
    assert len({headers["webhook-id"] for headers, _ in system.got}) == 1
    assert wilma.does("POST", f"webhook-sendings/{test['id']}/again")["state"] == "waiting"
    assert wilma.does("POST", f"{one}/send-again", since="2026-01-01T00:00:00Z")["count"] == 0
    renewed = wilma.does("POST", f"{one}/renew-secret")
    assert renewed["secret"] != secret
    assert [row["id"] for row in wilma.does("GET", path)["data"]] == [made["webhook"]["id"]]
    stranger, _ = an_owner(house, "Wendel Elsewhere", company="Elsewhere")
    stranger.is_refused("GET", one, "not_found")
    wilma.does("DELETE", one)
    wilma.is_refused("POST", f"{one}/resume", "illegal_state")


def invites_one_who_declines(house: House, owner: Person, company: str) -> None:
    winnie = Person(house, "Winnie Declines")
    asked = owner.does("POST", f"companies/{company}/invitations", email=winnie.email, role="reviewer")
    winnie.signs_up(comes_to="performer", time_zone=ZONE)
    winnie.confirms()
    winnie.does("POST", f"invitations/{asked['id']}/decline")


def is_delivered(owner: Person, webhook: str, sending: str) -> None:
    until = time.monotonic() + COMES_S
    while time.monotonic() < until:
        rows = {row["id"]: row for row in owner.does("GET", f"{webhook}/sendings")["data"]}
        if rows[sending]["state"] == "delivered":
            return
        time.sleep(0.5)
    raise AssertionError(rows[sending])
