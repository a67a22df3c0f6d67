"""Messages go to strangers' machines, never into the house's own network."""

import contextlib
import socket
import threading
import time
from typing import Any

import pytest
from django.conf import LazySettings

from accounts.outgoing import addresses
from accounts.outgoing.addresses import AddressRefused, Unanswered
from tests.receiver import listening


def names(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "https://",
        "https://name:word@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: inside",
        "https://ex\u00e4mple.org/",
        "javascript:alert(1)",
        "//example.org/",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.check(address)


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 -- refused
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fd00::1",
        "fec0::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:a00:1::",
    ],
)
def test_an_inner_address_is_refused_also_beside_a_public_one(
    inside: str, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.WEBHOOK_NETWORKS = []
    names(monkeypatch, "93.184.216.34", inside)
    with pytest.raises(AddressRefused):
        addresses.look_up(addresses.check("https://example.org/"))


def test_a_public_one_may_and_only_with_tls(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.WEBHOOK_NETWORKS = []
    names(monkeypatch, "93.184.216.34")
    assert str(addresses.look_up(addresses.check("https://example.org/"))) == "93.184.216.34"
    with pytest.raises(AddressRefused):
        addresses.look_up(addresses.check("http://example.org/"))


def test_a_network_of_the_houses_own_may_be_allowed(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16"]
    names(monkeypatch, "10.1.2.3")
    assert str(addresses.look_up(addresses.check("http://inside.example/"))) == "10.1.2.3"
    names(monkeypatch, "10.2.2.3")
    with pytest.raises(AddressRefused):
        addresses.look_up(addresses.check("https://inside.example/"))


def test_goes_where_was_looked_whatever_the_name_says_by_then(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.WEBHOOK_NETWORKS = []
    names(monkeypatch, "93.184.216.34")
    went: list[Any] = []

    def connect(address: Any, timeout: Any = None) -> None:
        went.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unanswered):
        addresses.post("https://example.org/", body=b"{}", headers={})
    assert went == [("93.184.216.34", 443)]


def test_a_resolver_that_hangs_holds_nobody_for_long_and_bounded_many_threads(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.WEBHOOK_NETWORKS = []
    over, asked = threading.Event(), list[str]()

    def hangs(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        over.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    monkeypatch.setattr(addresses, "LOOK_UP_S", 0.1)
    parts, began = addresses.check("https://example.org/"), time.monotonic()
    for _ in range(addresses.MOST_LOOK_UPS + 2):
        with pytest.raises(Unanswered):
            addresses.look_up(parts)
    assert time.monotonic() - began < 5
    assert len(asked) == addresses.MOST_LOOK_UPS
    over.set()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with contextlib.suppress(Unanswered):
            assert str(addresses.look_up(parts)) == "93.184.216.34"
            break
    else:
        pytest.fail("it never answers again")


def test_an_unknown_host_is_said() -> None:
    with pytest.raises(Unanswered):
        addresses.look_up(addresses.check("https://nowhere.invalid/"))


def test_a_slow_one_does_not_hold_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "WHOLE_S", 0.5)
    with listening() as receiver:
        receiver.drips = True
        began = time.monotonic()
        # What it said until then counts: it took the message.
        assert addresses.post(receiver.address, body=b"{}", headers={}) == 200
        assert time.monotonic() - began < 3
