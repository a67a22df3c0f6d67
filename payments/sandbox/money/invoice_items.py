"""Invoice items and the lines that they become on an invoice."""

import re
from decimal import ROUND_HALF_UP, Decimal

from payments.sandbox import errors
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.amounts import LARGEST, check_currency, too_large
from payments.sandbox.money.customers import find_customer
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]{1,12})?")


@room.post("/v1/invoiceitems", "InvoiceItemCreateParams")
def create_item(call: Call) -> Json:
    """An amount that a customer owes: on a named draft invoice, or waiting for the next one."""
    params, world = call.params, call.world
    customer = find_customer(call, params.get("customer", ""))
    invoice_id = params.get("invoice")
    if invoice_id is not None:
        _check_draft(call, invoice_id)
    quantity, unit = _price(params)
    amount = params.get("amount", int((unit * quantity).quantize(Decimal(1), ROUND_HALF_UP)))
    period = params.get("period") or {"start": world.now(), "end": world.now()}
    item: Json = {
        "id": world.ids.new("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": check_currency(
            params.get("currency") or (params.get("price_data") or {}).get("currency", "usd")
        ),
        "customer": customer["id"],
        "customer_account": None,
        "date": world.now(),
        "description": params.get("description"),
        "discountable": params.get("discountable", True),
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "net_amount": amount,
        "parent": None,
        "period": period,
        "pricing": None,
        "proration": False,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
        "_created": world.now(),
    }
    world.store.add(item, account=call.account, group=invoice_id, ref=customer["id"])
    events.record(world, "invoiceitem.created", item, account=call.account)
    return item


def _price(params: Json) -> tuple[int, Decimal]:
    quantity = params.get("quantity", 1)
    price = params.get("price_data") or {}
    unit = params.get("unit_amount_decimal") or price.get("unit_amount_decimal") or price.get("unit_amount")
    if unit is None and "amount" not in params:
        raise errors.invalid("Missing required param: amount.", param="amount", code="parameter_missing")
    text = str(unit if unit is not None else params["amount"])
    if not _DECIMAL.fullmatch(text):
        raise errors.invalid(f"Invalid decimal: {text[:40]}", param="unit_amount_decimal")
    each = Decimal(text)
    if max(abs(each * quantity), abs(params.get("amount", 0))) > LARGEST:
        raise too_large(param="amount")
    return quantity, each


def _check_draft(call: Call, invoice_id: str) -> None:
    invoice = call.world.store.find(invoice_id, kind="invoice", account=call.account)
    if invoice is None:
        raise errors.missing("invoice", invoice_id, param="invoice", status=400)
    if invoice["status"] != "draft":
        raise errors.refused(
            "The invoice is no longer a draft and cannot take invoice items.", code="invoice_not_editable"
        )


def items_of(world: World, invoice_id: str) -> list[Json]:
    return world.store.select("grp = ? AND kind = 'invoiceitem'", (invoice_id,))


def waiting_items(world: World, customer: str, *, currency: str) -> list[Json]:
    """What a customer owes that is on no invoice yet."""
    found = world.store.select("ref = ? AND kind = 'invoiceitem' AND grp IS NULL", (customer,))
    return [item for item in found if item["currency"] == currency]


def line_of(item: Json, *, invoice_id: str) -> Json:
    """The invoice line of an item."""
    return {
        "id": f"il_{item['id'].removeprefix('ii_')}",
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": item["metadata"],
        "parent": {
            "invoice_item_details": {
                "invoice_item": item["id"],
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": None,
            },
            "subscription_item_details": None,
            "type": "invoice_item_details",
        },
        "period": item["period"],
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": item["quantity"],
        "quantity_decimal": item["quantity_decimal"],
        "subscription": None,
        "subtotal": item["amount"],
        "taxes": [],
    }


@room.get("/v1/invoiceitems", "InvoiceItemListParams")
def list_items(call: Call) -> Json:
    params = call.params
    return list_objects(
        call,
        kind="invoiceitem",
        url="/v1/invoiceitems",
        group=params.get("invoice"),
        ref=params.get("customer"),
    )


@room.get("/v1/invoiceitems/{item}", "InvoiceItemRetrieveParams")
def retrieve_item(call: Call) -> Json:
    return call.own("invoiceitem", call.path["item"])


@room.delete("/v1/invoiceitems/{item}", "InvoiceItemDeleteParams")
def delete_item(call: Call) -> Json:
    item = call.own("invoiceitem", call.path["item"])
    if item["invoice"] is not None:
        _check_draft(call, item["invoice"])
    call.world.store.remove(item["id"])
    events.record(call.world, "invoiceitem.deleted", item, account=call.account)
    return {"id": item["id"], "object": "invoiceitem", "deleted": True}
