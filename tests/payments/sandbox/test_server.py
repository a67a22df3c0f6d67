"""The sandbox as its own process: killed, stopped, dropped, and what its pages look like."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
import stripe

from tests.payments.sandbox.checked import Json
from tests.payments.sandbox.contract import create_account

_START_S = 30
_ROOT = Path(__file__).parents[3]


class Process:
    """A sandbox of its own, on a free port."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.popen = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "payments.sandbox",
                "--port",
                "0",
                "--data",
                str(folder),
                "--rate-limit",
                "0",
                *more,
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
        )
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line
        self.url = found[0]
        self.client = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": self.url})

    def control(self, path: str, body: Json | None = None) -> Json:
        data = None if body is None else json.dumps(body).encode()
        verb = "GET" if body is None else "POST"
        answer = requests.request(verb, f"{self.url}/_sandbox/{path}", data=data, timeout=30)
        answer.raise_for_status()
        document: Json = answer.json()
        return document

    def page(self, path: str) -> tuple[int, str, str]:
        answer = requests.get(f"{self.url}{path}", timeout=30)
        return answer.status_code, answer.headers["Content-Type"], answer.text

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        self.popen.send_signal(sign)
        code = self.popen.wait(timeout=_START_S)
        if self.popen.stdout is not None:
            self.popen.stdout.close()
        return code


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path, "--seed", "7")
    yield running
    if running.popen.poll() is None:
        running.end()


def order(account: str) -> stripe.params.TransferCreateParams:
    return {"amount": 7_400, "currency": "usd", "destination": account, "transfer_group": "run"}


@pytest.mark.slow
class TestProcess:
    def test_stops_cleanly(self, process: Process) -> None:
        assert process.control("health")["ok"] is True
        assert process.end() == 0

    def test_a_kill_loses_nothing_that_was_answered(self, tmp_path: Path) -> None:
        first = Process(tmp_path)
        account = create_account(first.client)
        platform = first.client.v1.accounts.retrieve_current().id
        first.control("balance", {"account": platform, "amount": 10_000_000})
        answered: dict[str, str] = {}
        stop = threading.Event()

        def pay(name: int) -> None:
            for number in range(1_000):
                key = f"{name}-{number}"
                try:
                    answered[key] = first.client.v1.transfers.create(
                        order(account), {"idempotency_key": key}
                    ).id
                except stripe.StripeError:
                    return
                if len(answered) >= 40:
                    stop.set()

        threads = [threading.Thread(target=pay, args=(name,)) for name in range(2)]
        for thread in threads:
            thread.start()
        assert stop.wait(timeout=_START_S)
        first.end(signal.SIGKILL)
        for thread in threads:
            thread.join()

        second = Process(tmp_path)
        books = second.control("books")
        assert books["ok"] is True
        kept = {transfer["id"] for transfer in books["transfers"]}
        assert set(answered.values()) <= kept
        # What was in flight at the kill is settled by its own key: at most one transfer for each.
        for key, made in answered.items():
            again = second.client.v1.transfers.create(order(account), {"idempotency_key": key})
            assert again.id == made
        assert second.end() == 0

    def test_a_dropped_and_a_hanging_answer_over_a_real_socket(self, process: Process) -> None:
        account = create_account(process.client)
        platform = process.client.v1.accounts.retrieve_current().id
        process.control("balance", {"account": platform, "amount": 1_000_000})
        hasty = stripe.StripeClient(
            "sk_test_sandbox",
            base_addresses={"api": process.url},
            http_client=stripe.RequestsClient(timeout=0.5),
        )
        for fault in ("drop_after", "hang_after"):
            process.control("faults", {"on": "POST /v1/transfers", "do": fault, "hang_s": 2})
            with pytest.raises(stripe.APIConnectionError):
                hasty.v1.transfers.create(order(account), {"idempotency_key": fault})
            again = hasty.v1.transfers.create(order(account), {"idempotency_key": fault})
            assert again.last_response is not None
            assert again.last_response.headers["idempotent-replayed"] == "true"
        assert len(process.control("books")["transfers"]) == 2

    def test_a_seed_makes_the_same_ids(self, process: Process, tmp_path: Path) -> None:
        first = process.client.v1.customers.create({"name": "A"}).id
        other = Process(tmp_path / "other", "--seed", "7")
        assert other.client.v1.customers.create({"name": "A"}).id == first
        other.end()

    def test_webhooks_arrive_over_http(self, process: Process) -> None:
        arrived: list[tuple[str, bytes]] = []
        told = threading.Event()

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                arrived.append((self.headers["Stripe-Signature"], body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                told.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Quiet."""

        endpoint = HTTPServer(("127.0.0.1", 0), Endpoint)
        thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            url = f"http://127.0.0.1:{endpoint.server_address[1]}/hook"
            process.control(
                "webhooks/endpoints",
                {"url": url, "secret": "whsec_x", "enabled_events": ["customer.created"]},
            )
            process.client.v1.customers.create({"name": "A"})
            assert told.wait(timeout=_START_S)
        finally:
            endpoint.shutdown()
            endpoint.server_close()
            thread.join()
        event = process.client.construct_event(arrived[0][1], arrived[0][0], "whsec_x")
        assert event.type == "customer.created"

    def test_the_desk_shows_what_there_is(self, process: Process) -> None:
        account = create_account(process.client)
        status, kind, body = process.page("/")
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert account in body
        assert process.page("/hosted/style.css")[1].startswith("text/css")

    def test_a_live_key_is_refused(self, process: Process) -> None:
        with pytest.raises(stripe.AuthenticationError):
            process.client.v1.balance.retrieve({}, {"api_key": "sk_live_x"})

    def test_a_wrong_endpoint_argument_stops_the_start(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "payments.sandbox", "--data", str(tmp_path), "--endpoint", "url=x"],
            capture_output=True,
            text=True,
            timeout=_START_S,
            check=False,
            cwd=_ROOT,
        )
        assert done.returncode == 2
        assert "needs url, secret and kind" in done.stderr
