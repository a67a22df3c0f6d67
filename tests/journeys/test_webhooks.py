"""A company's own systems are told: by page and by an app, signed, again after an outage, until it ends."""

import time
from collections.abc import Callable, Iterator

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
            said: dict[str, object] = Reader(secret).verify(body, headers)
            if fits(said):
                return said
        time.sleep(0.5)
    raise AssertionError([body for _, body in system.got])


def test_an_owner_connects_her_systems_on_the_page(house: House, system: Receiver) -> None:
    nora, company = an_owner(house, "Nora Connects", company="Lantern Works")
    page = f"/company/{company}/webhooks/"
    assert "None yet" in nora.opens(page).text
    refused = nora.sends(nora.opens(page), page, address="https://10.0.0.1/inside")
    assert "the whole internet can reach" in refused.text
    made = nora.sends(nora.opens(page), page, address=system.address)
    secret = next(word for word in made.text.split() if word.startswith("whsec_"))
    assert secret not in nora.opens(page).text
    webhook = nora.opens(page).link(r"/webhooks/of/whk_\w+/$")

    nora.sends(nora.opens(webhook), f"{webhook}test/")
    comes(system, lambda said: said["type"] == "webhook.test", secret=secret)
    nora.waits_for(webhook, "Delivered")

    system.got.clear()
    invites_one_who_declines(house, nora, company)
    said = comes(system, lambda said: str(said["type"]).startswith("invitation"), secret=secret)
    assert said["data"] == {"company_id": company}
    assert "Dora" not in str(said)

    nora.sends(nora.opens(webhook), f"{webhook}kinds/", kinds=["webhook.test"])
    assert "What it is told: 1 kind" in nora.opens(webhook).text
    nora.sends(nora.opens(webhook), f"{webhook}pause/")
    assert "Paused" in nora.opens(webhook).text
    nora.sends(nora.opens(webhook), f"{webhook}resume/")
    system.got.clear()
    nora.sends(nora.opens(webhook), r"/webhooks/sent/snd_\w+/again/")
    comes(system, lambda said: True, secret=secret)
    assert "0 on their way" in nora.sends(nora.opens(webhook), f"{webhook}send-again/").text
    renewed = nora.sends(nora.opens(webhook), f"{webhook}secret/")
    assert next(word for word in renewed.text.split() if word.startswith("whsec_")) != secret
    assert "It has ended." in nora.sends(nora.opens(webhook), f"{webhook}end/").text


def test_an_app_does_the_same(house: House, system: Receiver) -> None:
    alma, company = an_owner(house, "Alma Automates", company="Lantern Machines")
    path = f"companies/{company}/webhooks"
    alma.is_refused("POST", path, "webhook_address_refused", address="http://169.254.169.254/", kinds=[])
    made = alma.does("POST", path, address=system.address, kinds=[])
    secret, one = made["secret"], f"webhooks/{made['webhook']['id']}"
    alma.is_refused("POST", path, "webhook_address_taken", address=system.address, kinds=[])
    system.answers = [500]
    test = alma.does("POST", f"{one}/test")
    comes(system, lambda said: said["type"] == "webhook.test", secret=secret)
    assert alma.does("GET", one)["state"] == "active"
    assert alma.does("PUT", one, kinds=["webhook.test"])["kinds"] == ["webhook.test"]
    assert alma.does("POST", f"{one}/pause")["state"] == "paused"
    alma.is_refused("POST", f"{one}/test", "illegal_state")
    assert alma.does("POST", f"{one}/resume")["state"] == "active"
    is_delivered(alma, one, test["id"])
    assert len({headers["webhook-id"] for headers, _ in system.got}) == 1
    assert alma.does("POST", f"webhook-sendings/{test['id']}/again")["state"] == "waiting"
    assert alma.does("POST", f"{one}/send-again", since="2026-01-01T00:00:00Z")["count"] == 0
    renewed = alma.does("POST", f"{one}/renew-secret")
    assert renewed["secret"] != secret
    assert [row["id"] for row in alma.does("GET", path)["data"]] == [made["webhook"]["id"]]
    stranger, _ = an_owner(house, "Sven Elsewhere", company="Elsewhere")
    stranger.is_refused("GET", one, "not_found")
    alma.does("DELETE", one)
    alma.is_refused("POST", f"{one}/resume", "illegal_state")


def invites_one_who_declines(house: House, owner: Person, company: str) -> None:
    dora = Person(house, "Dora Declines")
    asked = owner.does("POST", f"companies/{company}/invitations", email=dora.email, role="reviewer")
    dora.signs_up(comes_to="performer", time_zone=ZONE)
    dora.confirms()
    dora.does("POST", f"invitations/{asked['id']}/decline")


def is_delivered(owner: Person, webhook: str, sending: str) -> None:
    until = time.monotonic() + COMES_S
    while time.monotonic() < until:
        rows = {row["id"]: row for row in owner.does("GET", f"{webhook}/sendings")["data"]}
        if rows[sending]["state"] == "delivered":
            return
        time.sleep(0.5)
    raise AssertionError(rows[sending])
