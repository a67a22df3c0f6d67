"""Customers: the companies that pay."""

import re

from payments.sandbox import errors
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call

room = Room()

_PLAIN = ("description", "email", "name", "phone", "address", "shipping", "tax_exempt", "preferred_locales")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@room.post("/v1/customers", "CustomerCreateParams")
def create_customer(call: Call) -> Json:
    world, customer_id = call.world, call.world.ids.new("cus")
    customer: Json = {
        "id": customer_id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": customer_id[4:12].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        "_cash": {},
    }
    _apply(call, customer)
    world.store.add(customer, account=call.account, group=customer["email"])
    events.record(world, "customer.created", customer, account=call.account)
    return customer


def _apply(call: Call, customer: Json) -> None:
    params = call.params
    email = params.get("email")
    if email and not _EMAIL.fullmatch(email):
        raise errors.refused(f"Invalid email address: {email}", code="email_invalid", param="email")
    for name in _PLAIN:
        if name in params:
            customer[name] = params[name] or None
    if customer["address"]:
        parts = ("city", "country", "line1", "line2", "postal_code", "state")
        customer["address"] = {part: customer["address"].get(part) for part in parts}
    if "metadata" in params:
        customer["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    default = (params.get("invoice_settings") or {}).get("default_payment_method")
    if default is not None:
        method = call.world.store.find(default, kind="payment_method", account=call.account)
        if method is None:
            raise errors.missing(
                "PaymentMethod", default, param="invoice_settings[default_payment_method]", status=400
            )
        customer["invoice_settings"]["default_payment_method"] = default


def find_customer(call: Call, customer_id: str) -> Json:
    """A customer that a parameter names, or Stripe's 400."""
    customer = call.world.store.find(customer_id, kind="customer", account=call.account)
    if customer is None:
        raise errors.missing("customer", customer_id, param="customer", status=400)
    return customer


@room.get("/v1/customers", "CustomerListParams")
def list_customers(call: Call) -> Json:
    return list_objects(call, kind="customer", url="/v1/customers", group=call.params.get("email"))


@room.get("/v1/customers/{customer}", "CustomerRetrieveParams")
def retrieve_customer(call: Call) -> Json:
    return call.own("customer", call.path["customer"])


@room.post("/v1/customers/{customer}", "CustomerUpdateParams")
def update_customer(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    _apply(call, customer)
    call.world.store.save(customer, group=customer["email"])
    events.record(call.world, "customer.updated", customer, account=call.account, previous={})
    return customer


@room.delete("/v1/customers/{customer}", "CustomerDeleteParams")
def delete_customer(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    call.world.store.remove(customer["id"])
    events.record(call.world, "customer.deleted", customer, account=call.account)
    return {"id": customer["id"], "object": "customer", "deleted": True}


@room.get("/v1/customers/{customer}/payment_methods", "CustomerPaymentMethodListParams")
def list_customer_methods(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    found = call.world.store.select(
        "grp = ? AND kind = 'payment_method'", (customer["id"],), tail="ORDER BY seq DESC"
    )
    return embedded_list(
        [method for method in found if method["type"] == call.params.get("type", method["type"])],
        url=f"/v1/customers/{customer['id']}/payment_methods",
    )
