"""Where Stripe's address leads elsewhere, nothing follows."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe
from pytest_django import Settings

from payments.gateway.client import _pooled, client, speaking_through

ASKED: list[tuple[str, str | None]] = []


class Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append((self.path, self.headers.get("Authorization")))
        self.send_response(200 if self.path == "/thief" else 302)
        self.send_header("Location", "/thief")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    ASKED.clear()
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_redirect_is_not_followed(address: str, settings: Settings) -> None:
    settings.STRIPE_API_BASE = address
    with speaking_through(_pooled()), pytest.raises(stripe.APIConnectionError):
        client().v1.balance.retrieve()
    assert [path for path, _ in ASKED] == ["/v1/balance"]
