"""Who sends or reads slowly holds a socket and nothing else: the board answers others, and the slow are hung up on."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.urls import reverse

from kit.http.bodies import MOST_BYTES, WITHIN_S
from tests.server import proxy, slow, web
from tests.server.web import Web

ALL_RIGHT_S = 2.0  # on two busy cores; a thread that waits for a slow sender would keep it for ever
WAYS = {"headers": slow.HEADERS, "bodies": slow.BODY, "bodies in chunks": slow.CHUNKED}
MORE = {"headers": b"a", "bodies": b"a", "bodies in chunks": b"1\r\na\r\n"}


@pytest.fixture(scope="module")
def house() -> Iterator[Web]:
    with web.running() as up:
        yield up


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_board_answers_while_sixty_send_slowly(house: Web, way: str) -> None:
    with slow.sockets(house.url, begun=WAYS[way], number=60) as held:
        assert slow.answers_within(f"{house.url}/") < ALL_RIGHT_S
        assert slow.drip(held, MORE[way]) == 60  # they were all still there


@pytest.mark.slow
def test_the_board_answers_while_sixty_read_slowly(house: Web) -> None:
    # More than the kernel takes from the server for a reader who reads nothing.
    script = re.findall(r'/static/[^"]+htmx[^"]+', requests.get(f"{house.url}/", timeout=5).text)[0]
    begun = slow.READER % script.encode() * 30
    with slow.sockets(house.url, begun=begun, number=60):
        assert slow.answers_within(f"{house.url}/") < ALL_RIGHT_S


@pytest.mark.slow_run
@pytest.mark.parametrize("way", WAYS)
def test_the_board_answers_while_a_thousand_send_slowly(house: Web, way: str) -> None:
    with slow.sockets(house.url, begun=WAYS[way], number=1_000) as held:
        assert slow.answers_within(f"{house.url}/") < ALL_RIGHT_S
        assert slow.drip(held, MORE[way]) == 1_000


@pytest.mark.slow_run
@pytest.mark.parametrize("way", WAYS)
def test_the_board_answers_through_the_proxy_while_a_thousand_send_slowly(
    house: Web, way: str, tmp_path: Path
) -> None:
    with proxy.before(house.url, work=tmp_path) as front:
        with slow.sockets(front, begun=WAYS[way], number=1_000) as held:
            assert slow.answers_within(f"{front}/") < ALL_RIGHT_S
            assert slow.drip(held, MORE[way]) == 1_000


@pytest.mark.slow_run
@pytest.mark.parametrize("way", WAYS)
def test_the_slow_are_hung_up_on_however_steadily_they_drip(house: Web, way: str) -> None:
    began = time.monotonic()
    with slow.sockets(house.url, begun=WAYS[way], number=20) as held:
        while slow.drip(held, MORE[way]):
            assert time.monotonic() - began < WITHIN_S + 10
            time.sleep(0.5)


def answers_to(url: str, sent: bytes) -> bytes:
    """All that comes back over one connection."""
    parts, said = urlsplit(url), b""
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(sent)
        while more := line.recv(65_536):
            said += more
    return said


class TestABody:
    def test_beyond_the_limit_is_a_problem_announced_or_not(self, house: Web) -> None:
        address = f"{house.url}/webhooks/stripe/platform"
        announced = requests.post(address, data=b"x" * (MOST_BYTES + 1), timeout=5)
        in_chunks = requests.post(address, data=iter([b"x" * 100_000] * 11), timeout=5)
        for answer in (announced, in_chunks):
            assert answer.status_code == 413
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["code"] == "body_too_large"

    def test_up_to_the_limit_reaches_the_site(self, house: Web) -> None:
        address = f"{house.url}/webhooks/stripe/platform"
        announced = requests.post(address, data=b" " * MOST_BYTES, timeout=5)
        in_chunks = requests.post(address, data=iter([b" " * 100_000] * 10), timeout=5)
        assert [announced.status_code, in_chunks.status_code] == [
            400,
            400,
        ]  # no signature: the site itself spoke
        assert announced.json() == in_chunks.json()

    @pytest.mark.parametrize("front", ["the house", "the proxy"])
    @pytest.mark.parametrize("route", ["my_pay_lines", "api_expenses"])
    def test_where_a_receipt_is_sent_more_of_it_reaches_the_site(
        self, house: Web, tmp_path: Path, route: str, front: str
    ) -> None:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        with contextlib.ExitStack() as stack:
            url = house.url
            if front == "the proxy":
                url = stack.enter_context(proxy.before(house.url, work=tmp_path))
            taken, refused = (
                requests.post(url + reverse(route), data=b" " * size, timeout=9) for size in (most, most + 1)
            )
            elsewhere = requests.post(f"{url}/pay/lines/x/approve/", data=b" " * (MOST_BYTES + 1), timeout=9)
        assert taken.status_code in (401, 403)  # nobody is logged in: the site itself spoke
        assert [refused.status_code, elsewhere.status_code] == [413, 413]

    @pytest.mark.parametrize("front", ["the house", "the proxy"])
    def test_of_two_lengths_hides_no_second_request(self, house: Web, tmp_path: Path, front: str) -> None:
        hidden = b"GET /hidden-in-a-body HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        head = b"POST /webhooks/stripe/platform HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)
        lengths = b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
        with contextlib.ExitStack() as stack:
            url = house.url
            if front == "the proxy":
                url = stack.enter_context(proxy.before(house.url, work=tmp_path))
            assert b" 400 " in answers_to(url, head + b"Content-Length: 2\r\n\r\n{}")
            said = answers_to(url, head + lengths + chunked)
        assert said.count(b"HTTP/1.1 ") <= 1
        assert b" 404 " not in said

    @pytest.mark.slow_run
    def test_that_does_not_come_is_told_so(self, house: Web) -> None:
        with slow.sockets(house.url, begun=slow.BODY, number=1) as (sender,):
            sender.settimeout(WITHIN_S + 5)
            answer = sender.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"body_too_slow" in answer


def test_the_proxy_keeps_figures_inside_and_passes_pages(house: Web, tmp_path: Path) -> None:
    with proxy.before(house.url, work=tmp_path) as front:
        assert requests.get(f"{house.url}/metrics", timeout=5).status_code == 200
        assert requests.get(f"{front}/metrics", timeout=5).status_code == 404
        assert requests.get(f"{front}/", timeout=5).status_code == 200
        too_large = requests.post(f"{front}/webhooks/stripe/platform", data=b"x" * 1_500_000, timeout=5)
        assert too_large.json()["code"] == "body_too_large"
