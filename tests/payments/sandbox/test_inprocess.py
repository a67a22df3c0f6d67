"""The transport for other projects' tests: the whole SDK, synchronous and asynchronous, without a socket."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_socket
import stripe

from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.conftest import Stage


@pytest.fixture
def client() -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_sandbox", http_client=InProcessClient(Sandbox(seed=1)))


def test_needs_no_socket(client: stripe.StripeClient) -> None:
    pytest_socket.disable_socket()
    try:
        assert client.v1.balance.retrieve().object == "balance"
    finally:
        pytest_socket.enable_socket()


def test_works_asynchronously(stage: Stage) -> None:
    async def scene() -> tuple[stripe.Customer, stripe.Customer]:
        first = await stage.client.v1.customers.create_async({"name": "A"}, {"idempotency_key": "k"})
        return first, await stage.client.v1.customers.create_async({"name": "A"}, {"idempotency_key": "k"})

    first, second = asyncio.run(scene())
    assert first.id == second.id


def test_lost_answers_are_tried_again_asynchronously(stage: Stage) -> None:
    patient = stripe.StripeClient("sk_test_sandbox", http_client=stage.transport, max_network_retries=1)
    stage.control("faults", {"on": "POST /v1/customers", "do": "drop_after"})

    async def scene() -> stripe.Customer:
        return await patient.v1.customers.create_async({"name": "A"})

    made = asyncio.run(scene())
    assert [customer.id for customer in stage.client.v1.customers.list().data] == [made.id]


def test_stands_alone() -> None:
    """Importing it brings in nothing of the project but itself."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, payments.sandbox.inprocess, payments.sandbox.__main__;"
            "print([m for m in sys.modules if m.split('.')[0] in ('kit', 'accounts', 'marketplace', 'callboard',"
            " 'django') or (m.startswith('payments.') and not m.startswith('payments.sandbox'))])",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert found.stdout.strip() == "[]"
