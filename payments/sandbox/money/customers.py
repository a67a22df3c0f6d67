"""Customers: the companies that pay, and the cash that they hold with Stripe by bank transfer."""

import re

from payments.sandbox import errors
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

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


@room.post("/v1/customers/{customer}/funding_instructions", "CustomerFundingInstructionsCreateParams")
def create_funding_instructions(call: Call) -> Json:
    """The bank account that belongs to this customer alone, to which it sends its bank transfers."""
    customer, params = call.own("customer", call.path["customer"]), call.params
    if params["bank_transfer"]["type"] != "us_bank_transfer":
        raise errors.refused(
            "This sandbox takes bank transfers in the United States only.", param="bank_transfer[type]"
        )
    address = {"city": "San Francisco", "country": "US", "line1": "1 Test Street", "line2": None,
               "postal_code": "94103", "state": "CA"}  # fmt: skip
    record: Json = {
        "account_holder_address": address,
        "account_holder_name": "Sandbox platform",
        "account_number": f"1{int.from_bytes(customer['id'].encode()) % 10**11:011d}",
        "account_type": "checking",
        "bank_address": address,
        "bank_name": "STRIPE TEST BANK",
        "routing_number": "110000000",
    }
    return {
        "object": "funding_instructions",
        "bank_transfer": {
            "country": "US",
            "financial_addresses": [
                {"aba": record, "supported_networks": ["ach", "domestic_wire_us"], "type": "aba"}
            ],
            "type": "us_bank_transfer",
        },
        "currency": check_currency(params["currency"]),
        "funding_type": "bank_transfer",
        "livemode": False,
    }


@room.get("/v1/customers/{customer}/cash_balance", "CustomerCashBalanceRetrieveParams")
def retrieve_cash_balance(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    return {
        "object": "cash_balance",
        "available": customer["_cash"] or None,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


@room.get("/v1/customers/{customer}/cash_balance_transactions", "CustomerCashBalanceTransactionListParams")
def list_cash_transactions(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    url = f"/v1/customers/{customer['id']}/cash_balance_transactions"
    return list_objects(call, kind="customer_cash_balance_transaction", url=url, ref=customer["id"])


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


@room.post(
    "/v1/test_helpers/customers/{customer}/fund_cash_balance", "test_helpers.CustomerFundCashBalanceParams"
)
def fund_cash_balance(call: Call) -> Json:
    """A bank transfer from the customer arrives; open invoices that take bank transfers are paid from it."""
    customer, params = call.own("customer", call.path["customer"]), call.params
    amount, currency = check_amount(params["amount"]), check_currency(params["currency"])
    bank_transfer: Json = {
        "reference": params.get("reference"),
        "type": "us_bank_transfer",
        "us_bank_transfer": {"network": "ach", "sender_name": customer["name"]},
    }
    transaction = move_cash(
        call.world,
        customer,
        amount=amount,
        currency=currency,
        kind="funded",
        details={"bank_transfer": bank_transfer},
    )
    from payments.sandbox.money import invoice_collection  # noqa: PLC0415 - invoices take customers' cash

    invoice_collection.reconcile_cash(call.world, customer["id"], currency=currency)
    return transaction


def move_cash(world: World, customer: Json, *, amount: int, currency: str, kind: str, details: Json) -> Json:
    """Add to a customer's cash (or take from it, negative) and keep the transaction."""
    account = world.store.owner(customer["id"]) or ""
    customer["_cash"][currency] = customer["_cash"].get(currency, 0) + amount
    world.store.save(customer)
    transaction: Json = {
        "id": world.ids.new("ccsbtxn"),
        "object": "customer_cash_balance_transaction",
        "created": world.now(),
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "ending_balance": customer["_cash"][currency],
        "livemode": False,
        "net_amount": amount,
        "type": kind,
        kind: details,
    }
    world.store.add(transaction, account=account, ref=customer["id"])
    events.record(world, "customer_cash_balance_transaction.created", transaction, account=account)
    return transaction
