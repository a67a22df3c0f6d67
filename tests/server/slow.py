"""Senders and readers who take their time: each holds a socket open and gives, or takes, next to nothing."""

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

PATIENCE_S = 5.0
HEADERS = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = (
    b"POST /webhooks/stripe/platform HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 5000\r\n\r\n{"
)
CHUNKED = (
    b"POST /webhooks/stripe/platform HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
)
READER = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextlib.contextmanager
def sockets(url: str, *, begun: bytes, number: int) -> Iterator[list[socket.socket]]:
    """So many connections, each with the beginning of a request sent; closed at the block's end."""
    with contextlib.ExitStack() as opened:
        held = [opened.enter_context(connected(url)) for _ in range(number)]
        for each in held:
            each.sendall(begun)
        yield held


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_S)


def answers_within(url: str, *, times: int = 20) -> float:
    """The slowest of several answers, in seconds, each over a connection of its own."""
    slowest = 0.0
    for _ in range(times):
        began = time.perf_counter()
        requests.get(url, timeout=PATIENCE_S).raise_for_status()
        slowest = max(slowest, time.perf_counter() - began)
    return slowest


def drip(held: list[socket.socket], what: bytes) -> int:
    """Send a little more on each; how many of them still took it."""
    took = 0
    for each in held:
        with contextlib.suppress(OSError):
            each.sendall(what)
            took += 1
    return took
