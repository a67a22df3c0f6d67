"""Payment methods: Stripe's test names, card and bank numbers, kept as objects when they are used."""

from payments.sandbox import errors
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.test_values import PAYMENT_METHODS, TestPaymentMethod, method_name
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()


def use_method(world: World, *, account: str, named: str) -> tuple[Json, TestPaymentMethod]:
    """The payment method object behind a `pm_…`, and what paying with it does.

    A test name such as `pm_card_visa` makes a new object each time, as in Stripe. Raises resource_missing.
    """
    if named in PAYMENT_METHODS:
        return _keep(world, account=account, name=named), PAYMENT_METHODS[named]
    found = world.store.find(named, kind="payment_method", account=account)
    if found is None:
        raise errors.missing("PaymentMethod", named, param="payment_method", status=400)
    return found, PAYMENT_METHODS[found["_test"]]


def _keep(world: World, *, account: str, name: str, email: str | None = None) -> Json:
    method = PAYMENT_METHODS[name]
    document: Json = {
        "id": world.ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "created": world.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": method.kind,
        method.kind: _details(method),
        "_test": name,
    }
    return world.store.add(document, account=account)


def _details(method: TestPaymentMethod) -> Json:
    if method.kind == "card":
        return {
            "brand": method.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": method.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "sandboxcard",
            "funding": "credit",
            "generated_from": None,
            "last4": method.last4,
            "networks": {"available": [method.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }
    if method.kind == "customer_balance":
        return {}
    return {
        "account_holder_type": "company",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": "sandboxbank",
        "last4": method.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


@room.post("/v1/payment_methods", "PaymentMethodCreateParams")
def create_method(call: Call) -> Json:
    """From a test token, a test card number or a test bank account."""
    params = call.params
    kind = params.get("type", "card")
    given = params.get(kind) or {}
    number = str(given.get("token") or given.get("number") or given.get("account_number") or "")
    name = method_name(number=number)
    if name is None or PAYMENT_METHODS[name].kind != kind:
        raise errors.refused(
            "This sandbox knows Stripe's test cards and test bank accounts only.",
            code="payment_method_invalid_parameter",
        )
    email = (params.get("billing_details") or {}).get("email") or None
    document = _keep(call.world, account=call.account, name=name, email=email)
    document["metadata"] = merge_metadata({}, params.get("metadata"))
    document["billing_details"]["name"] = (params.get("billing_details") or {}).get("name") or None
    return call.world.store.save(document)


@room.get("/v1/payment_methods/{id}", "PaymentMethodRetrieveParams")
def retrieve_method(call: Call) -> Json:
    return call.own("payment_method", call.path["id"], name="PaymentMethod")


@room.post("/v1/payment_methods/{id}/attach", "PaymentMethodAttachParams")
def attach_method(call: Call) -> Json:
    """Keep a payment method for a customer."""
    customer = call.world.store.find(call.params.get("customer", ""), kind="customer", account=call.account)
    if customer is None:
        raise errors.missing("customer", call.params.get("customer", ""), param="customer", status=400)
    document, _ = use_method(call.world, account=call.account, named=call.path["id"])
    document["customer"] = customer["id"]
    return call.world.store.save(document, group=customer["id"])


@room.post("/v1/payment_methods/{id}/detach", "PaymentMethodDetachParams")
def detach_method(call: Call) -> Json:
    document = call.own("payment_method", call.path["id"], name="PaymentMethod")
    document["customer"] = None
    return call.world.store.save(document, group="")


@room.get("/v1/payment_methods", "PaymentMethodListParams")
def list_methods(call: Call) -> Json:
    return list_objects(
        call,
        kind="payment_method",
        url="/v1/payment_methods",
        group=call.params.get("customer"),
        type=call.params.get("type"),
    )
