"""Parameters: what Stripe's description knows is accepted, what it does not is refused, on every endpoint."""

import json
from urllib.parse import urlencode

import pytest

from payments.sandbox import rooms
from payments.sandbox.errors import ApiError
from payments.sandbox.params import read_params
from payments.sandbox.router import Route
from payments.sandbox.wire import Json, read_form
from tests.payments.sandbox.checked import REDUCED
from tests.payments.sandbox.conftest import Stage

HEADERS = {"Authorization": "Bearer sk_test_sandbox", "Stripe-Version": "2026-10-28.endive"}
ROUTES = {f"{route.method} {route.pattern}": route for route in rooms.router().routes}
# Renamed, or gone, between the described version and the pinned one; the SDK's classes decide.
GONE = {
    "POST /v1/payment_intents": {"payment_method_types"},
    "POST /v1/payment_intents/{intent}": {"payment_method_types"},
    "POST /v1/payment_intents/{intent}/confirm": {"payment_method_types", "client_secret"},
    "POST /v1/checkout/sessions": {"payment_method_types"},
}
# Older spellings of an external account and of a customer's card, which the SDK no longer has.
GONE["POST /v1/accounts"] = {"bank_account"}
GONE["POST /v1/accounts/{account}/external_accounts"] = {"bank_account"}
GONE["POST /v1/customers/{customer}"] = {
    "bank_account", "card", "default_alipay_account", "default_bank_account", "default_card",
}  # fmt: skip
WRONG = {"integer": "many", "boolean": "perhaps", "object": "flat", "array": "flat"}


def ask(stage: Stage, route: Route, params: Json, *, raw: str = "") -> tuple[int, Json]:
    path = route.pattern
    for hole in ("account", "id", "transfer", "payout", "customer", "invoice", "intent", "session", "topup"):
        path = path.replace(f"{{{hole}}}", "x")
    headers = dict(HEADERS)
    text = raw or urlencode(params)
    if route.method == "GET":
        reply = stage.sandbox.handle("GET", f"{path}?{text}", headers)
    else:
        body = json.dumps(params).encode() if route.version == 2 else text.encode()
        reply = stage.sandbox.handle(route.method, path, headers, body)
    return reply.status, reply.json


@pytest.mark.parametrize("endpoint", ROUTES)
def test_an_unknown_parameter_is_refused(stage: Stage, endpoint: str) -> None:
    status, answer = ask(stage, ROUTES[endpoint], {"colour": "red"})
    assert status == 400
    assert answer["error"]["code"] == "parameter_unknown"
    assert answer["error"].get("param") == ("colour" if ROUTES[endpoint].version == 1 else None)
    assert answer["error"]["message"] == "Received unknown parameter: colour"


KNOWN = [
    (endpoint, name, kind)
    for endpoint, described in REDUCED["endpoints"].items()
    for name, kind in described["parameters"].items()
    if name not in GONE.get(endpoint, ())
]


def test_most_endpoints_are_described() -> None:
    assert len(REDUCED["endpoints"]) >= len(ROUTES) - 4
    assert len(KNOWN) > 400


@pytest.mark.parametrize("endpoint", REDUCED["endpoints"])
def test_wrong_kinds_are_refused(stage: Stage, endpoint: str) -> None:
    for name, kind in [(name, kind) for at, name, kind in KNOWN if at == endpoint]:
        wrong = WRONG.get(kind)
        if wrong is None:
            continue
        status, answer = ask(stage, ROUTES[endpoint], {name: wrong})
        assert status == 400, (endpoint, name)
        problem = answer["error"]
        assert problem.get("code") != "parameter_unknown", (endpoint, name)
        at = str(problem.get("param", problem["message"]))
        assert name in at or "Missing" in problem["message"], answer


@pytest.mark.parametrize("endpoint", REDUCED["endpoints"])
def test_every_described_parameter_is_known(endpoint: str) -> None:
    """Whatever its value, a parameter of the description is never called unknown."""
    route = ROUTES[endpoint]
    unknown = []
    for name in [name for at, name, _ in KNOWN if at == endpoint]:
        try:
            read_params(route.params, {name: "x"}, version=route.version, extra=route.extra)
        except ApiError as refusal:
            if refusal.code == "parameter_unknown":
                unknown.append(name)
    assert unknown == []


class TestReading:
    def test_lists_and_hashes_of_a_form(self) -> None:
        assert read_form("a[b][0]=1&a[b][1]=2&c[]=3&d=%20") == {
            "a": {"b": {"0": "1", "1": "2"}},
            "c": {"0": "3"},
            "d": " ",
        }

    @pytest.mark.parametrize("form", ["a=1&a[b]=2", "a" + "[b]" * 20 + "=1"])
    def test_forms_that_can_not_be_read(self, stage: Stage, form: str) -> None:
        status, answer = ask(stage, ROUTES["POST /v1/transfers"], {}, raw=form)
        assert status == 400
        assert answer["error"]["type"] == "invalid_request_error"

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"x"'])
    def test_bodies_that_are_no_json(self, stage: Stage, body: bytes) -> None:
        reply = stage.sandbox.handle("POST", "/v2/core/accounts", HEADERS, body)
        assert reply.status == 400

    def test_an_empty_value_unsets_only_what_can_be_unset(self, stage: Stage) -> None:
        _, answer = ask(
            stage, ROUTES["POST /v1/transfers"], {"currency": "", "destination": "x", "amount": "1"}
        )
        assert (answer["error"]["code"], answer["error"]["param"]) == ("parameter_invalid_empty", "currency")

    def test_a_number_is_no_word_in_v2(self, stage: Stage) -> None:
        status, answer = ask(stage, ROUTES["POST /v2/core/accounts"], {"contact_email": 5})
        assert status == 400
        assert "contact_email" in answer["error"]["message"]


class TestVersions:
    def ask(self, stage: Stage, path: str, **headers: str) -> tuple[int, Json]:
        sent = {
            "Authorization": "Bearer sk_test_sandbox",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        reply = stage.sandbox.handle("GET", path, sent)
        return reply.status, reply.json

    def test_v2_needs_one(self, stage: Stage) -> None:
        assert self.ask(stage, "/v2/core/accounts")[0] == 400
        assert self.ask(stage, "/v2/core/accounts", Stripe_Version="2026-10-28.endive")[0] == 200

    def test_v1_does_not(self, stage: Stage) -> None:
        assert self.ask(stage, "/v1/balance")[0] == 200

    def test_one_that_never_was(self, stage: Stage) -> None:
        status, answer = self.ask(stage, "/v1/balance", Stripe_Version="tomorrow")
        assert status == 400
        assert "Invalid Stripe API version" in answer["error"]["message"]
