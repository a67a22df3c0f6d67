"""A fresh sandbox for each test, and the verbs that the tests speak in."""

import json
from collections.abc import Iterator, Mapping

import pytest
import stripe

from payments.sandbox.clock import read_instant
from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.checked import CheckedClient, Json, check_event
from tests.payments.sandbox.contract import against_stripe, open_client

# When every test begins, so that weekdays are known.
SUNDAY = "2026-11-22T12:00:00+00:00"


class Stage:
    """A sandbox, a client of the unmodified SDK on it, and shorthands for setting a scene."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.transport = CheckedClient(sandbox)
        self.client = stripe.StripeClient("sk_test_sandbox", http_client=self.transport)

    def control(
        self, path: str, body: Json | None = None, *, method: str = "POST", status: int = 200
    ) -> Json:
        reply = self.sandbox.handle(method, f"/_sandbox/{path}", {}, json.dumps(body or {}).encode())
        assert reply.status == status, reply.body
        return reply.json

    def books(self) -> Json:
        return self.control("books", method="GET")

    def later(self, *, days: float = 0, seconds: float = 0) -> None:
        self.control("clock", {"advance_s": days * 86_400 + seconds})

    def performer(
        self, values: Mapping[str, object] | None = None, *, country: str = "us", onboarded: bool = True
    ) -> str:
        """A connected account; onboarded with good test values or with those given."""
        account = self.client.v2.core.accounts.create(
            {
                "contact_email": "ann@example.com",
                "display_name": "Ann Lee",
                "dashboard": "express",
                "identity": {"country": country, "entity_type": "individual"},
                "configuration": {
                    "recipient": {
                        "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
                    }
                },
                "defaults": {
                    "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
                },
            }
        )
        if onboarded:
            self.control(f"accounts/{account.id}/onboard", dict(values or {}))
        return account.id

    def capability(self, account: str, name: str = "stripe_transfers") -> str:
        found = self.client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
        return str(
            found.to_dict()["configuration"]["recipient"]["capabilities"]["stripe_balance"][name]["status"]
        )

    def fund(self, amount: int = 1_000_000, *, currency: str = "usd") -> None:
        """Money on the platform's available balance, by a card that needs no waiting; the fee is on top."""
        gross = (amount + 30) * 1000 // 971 + 1
        self.client.v1.payment_intents.create(
            {
                "amount": gross,
                "currency": currency,
                "payment_method": "pm_card_bypassPending",
                "confirm": True,
            }
        )

    def pay(
        self, account: str, amount: int = 7_400, *, key: str | None = None, **params: object
    ) -> stripe.Transfer:
        options: stripe.RequestOptions = {"idempotency_key": key} if key else {}
        order = {"amount": amount, "currency": "usd", "destination": account, **params}
        return self.client.v1.transfers.create(order, options)  # type: ignore[arg-type]  # the test's own dictionary

    def available(self, account: str | None = None) -> int:
        options: stripe.RequestOptions = {"stripe_account": account} if account else {}
        return sum(part.amount for part in self.client.v1.balance.retrieve({}, options).available)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only the contract tests may leave the machine, and only when somebody gave them a key to do so."""
    for item in items:
        if against_stripe() and "contract" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty sandbox in memory; afterwards its books must balance and its events must be valid."""
    sandbox = Sandbox(seed="test", now=read_instant(SUNDAY))
    scene = Stage(sandbox)
    yield scene
    assert scene.books()["problems"] == []
    for event in sandbox.world.store.select("kind IN ('event', 'v2.core.event')"):
        check_event({name: value for name, value in event.items() if not name.startswith("_")})
    sandbox.close()


@pytest.fixture(scope="session")
def contract() -> Iterator[stripe.StripeClient]:
    """Stripe's test mode when STRIPE_TEST_KEY is given, else the sandbox: the contract tests do not know which."""
    if against_stripe():
        yield open_client()
        return
    sandbox = Sandbox(seed="contract")
    yield stripe.StripeClient("sk_test_sandbox", http_client=CheckedClient(sandbox))
    sandbox.close()
