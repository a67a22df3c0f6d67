"""Whatever is sent to any endpoint, the sandbox answers as Stripe would: never with a failure of its own."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.sandbox import rooms
from payments.sandbox.router import Route
from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.checked import REDUCED, Json
from tests.payments.sandbox.conftest import Stage
from tests.payments.sandbox.contract import create_account

HEADERS = {"Authorization": "Bearer sk_test_sandbox", "Stripe-Version": "2026-10-28.endive"}
ROUTES = rooms.router().routes
JUNK = [
    "",
    "0",
    "-1",
    "1",
    "5000",
    "9" * 30,
    "true",
    "usd",
    "eur",
    "acct_x",
    "card",
    "é\x00",
    "a" * 600,
    "manual",
]


def scene() -> tuple[Stage, Json]:
    """A sandbox with one of everything, and the ids of it by the name of a path's hole."""
    stage = Stage(Sandbox(seed="junk"))
    v1 = stage.client.v1
    stage.fund()
    account = create_account(stage.client)
    transfer = stage.pay(account)
    payout = v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": account})
    customer = v1.customers.create({"name": "A"})
    invoice = v1.invoices.create(
        {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 1}
    )
    item = v1.invoice_items.create(
        {"customer": customer.id, "invoice": str(invoice.id), "amount": 900, "currency": "usd"}
    )
    intent = v1.payment_intents.create({"amount": 900, "currency": "usd"})
    charge = v1.charges.list().data[0]
    refund = v1.refunds.create({"charge": charge.id, "amount": 10})
    names = {
        "account": account,
        "transfer": transfer.id,
        "payout": payout.id,
        "customer": customer.id,
        "invoice": str(invoice.id),
        "item": str(item.id),
        "intent": intent.id,
        "charge": charge.id,
        "refund": refund.id,
        "capability": "transfers",
        "topup": v1.topups.create({"amount": 5, "currency": "usd"}).id,
        "id": account,
    }
    return stage, names


@pytest.fixture(scope="module")
def world() -> tuple[Stage, Json]:
    return scene()


def values(kind: str, ids: list[str]) -> st.SearchStrategy[Any]:
    plain = st.sampled_from([*JUNK, *ids])
    whole = st.integers(-(10**20), 10**20)
    nested = st.dictionaries(st.sampled_from(["gte", "type", "0", "currency", "x"]), plain, max_size=2)
    return {"integer": st.one_of(whole.map(str), plain), "object": st.one_of(nested, plain)}.get(
        kind, st.one_of(plain, nested)
    )


def _sensible(ids: Json) -> Json:
    """What a sane caller would say, so that junk in one place is not hidden behind junk in another."""
    return {
        "amount": "100",
        "currency": "usd",
        "destination": ids["account"],
        "account": ids["account"],
        "customer": ids["customer"],
        "charge": ids["charge"],
        "payment_intent": ids["intent"],
        "invoice": ids["invoice"],
        "payment_method": "pm_card_visa",
        "external_account": "btok_us_verified",
        "mode": "payment",
        "url": "http://127.0.0.1/",
        "type": "account_onboarding",
        "refresh_url": "http://127.0.0.1/",
        "return_url": "http://127.0.0.1/",
        "reason": "fraud_other",
        "days_until_due": "3",
        "collection_method": "send_invoice",
        "confirm": "true",
        "controller": {"requirement_collection": "application"},
    }


def _send(stage: Stage, route: Route, path: str, params: Json) -> int:
    if route.version == 2 and route.method != "GET":
        reply = stage.sandbox.handle(route.method, path, HEADERS, json.dumps(params).encode())
    else:
        text = urlencode(_flat(params))
        body = b"" if route.method == "GET" else text.encode()
        target = f"{path}?{text}" if route.method == "GET" else path
        reply = stage.sandbox.handle(route.method, target, HEADERS, body)
    return reply.status


def _flat(params: Json) -> list[tuple[str, str]]:
    found = []
    for name, value in params.items():
        if isinstance(value, dict):
            found += [(f"{name}[{key}]", str(item)) for key, item in value.items()]
        else:
            found.append((name, str(value)))
    return found


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_never_fails_by_itself(world: tuple[Stage, Json], route: Route, data: st.DataObject) -> None:
    stage, ids = world
    known = REDUCED["endpoints"].get(f"{route.method} {route.pattern}", {"parameters": {}})["parameters"]
    names = data.draw(st.lists(st.sampled_from(sorted(known) or ["x"]), unique=True, max_size=6))
    sensible = _sensible(ids)
    for name in sorted(sensible.keys() & known.keys()):
        if name not in names and data.draw(st.booleans()):
            names.append(name)
    params = {}
    for name in names:
        kept = name in sensible and data.draw(st.integers(0, 3)) > 0
        params[name] = (
            sensible[name] if kept else data.draw(values(known.get(name, "string"), list(ids.values())))
        )
    path = route.pattern
    for hole in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{hole}}}", quote(str(data.draw(st.sampled_from([ids.get(hole, "x"), "x"])))))
    with stage.sandbox.lock, stage.sandbox.world.store.transaction():
        # Rolled back by hand afterwards, so that each example meets the same scene.
        stage.sandbox.world.store.db.execute("SAVEPOINT example")
        status = _send(stage, route, path, params)
        stage.sandbox.world.store.db.execute("ROLLBACK TO example")
        stage.sandbox.world.store.db.execute("RELEASE example")
    assert status < 500, (path, params)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "9" * 18}, "amount_too_large"),
        ({"amount": "9" * 18, "unit_amount_decimal": "1"}, "amount_too_large"),
        ({"unit_amount_decimal": "9" * 30}, "amount_too_large"),
        ({"unit_amount_decimal": "1", "quantity": "9" * 18}, "amount_too_large"),
        ({"unit_amount_decimal": "much"}, "Invalid decimal: much"),
        ({"unit_amount_decimal": "NaN"}, "Invalid decimal: NaN"),
        ({"unit_amount_decimal": "1e9"}, "Invalid decimal: 1e9"),
    ],
)
def test_an_invoice_item_of_no_amount_is_refused(world: tuple[Stage, Json], wrong: Json, code: str) -> None:
    stage, ids = world
    customer = {"customer": ids["customer"]}
    body = urlencode(customer | wrong).encode()
    refused = stage.sandbox.handle("POST", "/v1/invoiceitems", HEADERS, body)
    assert (refused.status, code in refused.body.decode()) == (400, True)
    right = urlencode(customer | {"unit_amount_decimal": "10.5", "quantity": "3"}).encode()
    made = stage.sandbox.handle("POST", "/v1/invoiceitems", HEADERS, right)
    assert (made.status, json.loads(made.body)["amount"]) == (200, 32)
