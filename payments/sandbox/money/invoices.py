"""Invoices: draft → open → paid, void or uncollectible; paid by card, ACH debit or bank transfer.

Source: docs.stripe.com/api/invoices and docs.stripe.com/invoicing/overview.
"""

from payments.sandbox import errors
from payments.sandbox.expand import public
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money import customers
from payments.sandbox.money.invoice_collection import (
    finalize,
    give_up_payment,
    pay_invoice,
    total,
)
from payments.sandbox.money.invoice_documents import blank_invoice
from payments.sandbox.money.invoice_items import items_of, line_of, waiting_items
from payments.sandbox.money.invoice_payments import mark_paid, payments_of, tell
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()

_FINALIZES_AFTER_S = 3_600


@room.post("/v1/invoices", "InvoiceCreateParams")
def create_invoice(call: Call) -> Json:
    """A draft; `send_invoice` needs to know when it is due. With auto_advance it finalizes itself in an hour."""
    params, world = call.params, call.world
    customer = customers.find_customer(call, params.get("customer", ""))
    sends = params.get("collection_method") == "send_invoice"
    if sends and "days_until_due" not in params and "due_date" not in params:
        raise errors.invalid(
            "If invoice collection_method is 'send_invoice', you must specify one of 'days_until_due' or 'due_date'.",
            param="days_until_due",
        )
    invoice = blank_invoice(world, customer, currency=params.get("currency", "usd"))
    invoice |= {
        "auto_advance": params.get("auto_advance", False),
        "collection_method": params.get("collection_method", "charge_automatically"),
        "description": params.get("description"),
        "footer": params.get("footer"),
        "due_date": params.get("due_date")
        or (world.now() + params["days_until_due"] * DAY_S if sends else None),
        "metadata": merge_metadata({}, params.get("metadata")),
        "default_payment_method": params.get("default_payment_method"),
        "statement_descriptor": params.get("statement_descriptor"),
    }
    methods = (params.get("payment_settings") or {}).get("payment_method_types")
    invoice["payment_settings"]["payment_method_types"] = methods or None
    world.store.add(invoice, account=call.account, ref=customer["id"])
    if params.get("pending_invoice_items_behavior") == "include":
        for item in waiting_items(world, customer["id"], currency=invoice["currency"]):
            world.store.save({**item, "invoice": invoice["id"]}, group=invoice["id"])
    if invoice["auto_advance"]:
        invoice["automatically_finalizes_at"] = world.now() + _FINALIZES_AFTER_S
        world.store.schedule(
            at=invoice["automatically_finalizes_at"], what="invoice_finalizes", ref=invoice["id"]
        )
    return tell(world, total(world, invoice), "invoice.created")


def _own(call: Call) -> Json:
    return call.own("invoice", call.path["invoice"])


def _draft(call: Call) -> Json:
    invoice = _own(call)
    if invoice["status"] != "draft":
        raise errors.refused(
            f"This invoice is already {invoice['status']} and can no longer be changed.",
            code="invoice_not_editable",
        )
    return invoice


@room.get("/v1/invoices", "InvoiceListParams")
def list_invoices(call: Call) -> Json:
    params = call.params
    page = list_objects(
        call,
        kind="invoice",
        url="/v1/invoices",
        ref=params.get("customer"),
        status=params.get("status"),
        collection_method=params.get("collection_method"),
    )
    if _asks_for(call, "data.payments"):
        page["data"] = [_with_payments(call.world, invoice) for invoice in page["data"]]
    return page


def _asks_for(call: Call, field: str) -> bool:
    return any(f"{path}.".startswith(f"{field}.") for path in call.params.get("expand", []))


def _with_payments(world: World, invoice: Json) -> Json:
    found = [public(payment) for payment in payments_of(world, invoice)]
    return {**invoice, "payments": embedded_list(found, url="/v1/invoice_payments")}


@room.get("/v1/invoices/{invoice}", "InvoiceRetrieveParams")
def retrieve_invoice(call: Call) -> Json:
    """With its payments when they are asked for by `expand`."""
    invoice = _own(call)
    if invoice["status"] == "draft":
        invoice = call.world.store.save(total(call.world, invoice))
    return _with_payments(call.world, invoice) if _asks_for(call, "payments") else invoice


@room.post("/v1/invoices/{invoice}", "InvoiceUpdateParams")
def update_invoice(call: Call) -> Json:
    """A draft; once finalized only the metadata and a few words may change."""
    invoice, params = _own(call), call.params
    free = {"metadata", "expand", "auto_advance"}
    if invoice["status"] != "draft" and params.keys() - free:
        raise errors.refused("Finalized invoices can't be updated in this way.", code="invoice_not_editable")
    for name in ("description", "footer", "auto_advance", "due_date", "default_payment_method"):
        if name in params:
            invoice[name] = params[name]
    if "metadata" in params:
        invoice["metadata"] = merge_metadata(invoice["metadata"], params["metadata"])
    return tell(call.world, invoice, "invoice.updated")


@room.delete("/v1/invoices/{invoice}", "InvoiceDeleteParams")
def delete_invoice(call: Call) -> Json:
    invoice = _draft(call)
    call.world.store.remove(invoice["id"])
    events.record(call.world, "invoice.deleted", invoice, account=call.account)
    return {"id": invoice["id"], "object": "invoice", "deleted": True}


@room.get("/v1/invoices/{invoice}/lines", "InvoiceLineItemListParams")
def list_lines(call: Call) -> Json:
    return embedded_list(
        [line_of(item, invoice_id=call.path["invoice"]) for item in items_of(call.world, _own(call)["id"])],
        url=f"/v1/invoices/{call.path['invoice']}/lines",
    )


@room.post("/v1/invoices/{invoice}/finalize", "InvoiceFinalizeInvoiceParams")
def finalize_invoice(call: Call) -> Json:
    invoice = _draft(call)
    if "auto_advance" in call.params:
        invoice["auto_advance"] = call.params["auto_advance"]
    return finalize(call.world, invoice)


@room.post("/v1/invoices/{invoice}/send", "InvoiceSendInvoiceParams")
def send_invoice(call: Call) -> Json:
    """Finalizes a draft first; the mail itself is an event here."""
    invoice = _own(call)
    if invoice["collection_method"] != "send_invoice":
        raise errors.refused(
            "You can only manually send an invoice if its collection method is 'send_invoice'."
        )
    if invoice["status"] == "draft":
        invoice = finalize(call.world, invoice)
    if invoice["status"] not in ("open", "paid"):
        raise errors.refused(f"This invoice is {invoice['status']} and cannot be sent.")
    return tell(call.world, invoice, "invoice.sent")


@room.post("/v1/invoices/{invoice}/pay", "InvoicePayParams")
def pay(call: Call) -> Json:
    invoice = _own(call)
    if call.params.get("paid_out_of_band"):
        if invoice["status"] not in ("open", "uncollectible"):
            raise errors.refused(f"Invoice is already {invoice['status']}", code="invoice_not_payable")
        invoice["amount_paid_off_stripe"] = invoice["amount_remaining"]
        return mark_paid(call.world, invoice)
    return pay_invoice(call.world, invoice, named=call.params.get("payment_method"))


@room.post("/v1/invoices/{invoice}/void", "InvoiceVoidInvoiceParams")
def void_invoice(call: Call) -> Json:
    invoice = _own(call)
    if invoice["status"] not in ("open", "uncollectible"):
        raise errors.refused(f"You can only void an open invoice; this one is {invoice['status']}.")
    invoice |= {"status": "void", "amount_remaining": invoice["amount_due"]}
    invoice["status_transitions"]["voided_at"] = call.world.now()
    give_up_payment(call.world, invoice)
    return tell(call.world, invoice, "invoice.voided")


@room.post("/v1/invoices/{invoice}/mark_uncollectible", "InvoiceMarkUncollectibleParams")
def mark_uncollectible(call: Call) -> Json:
    invoice = _own(call)
    if invoice["status"] != "open":
        raise errors.refused(f"Only an open invoice can be given up; this one is {invoice['status']}.")
    invoice["status"] = "uncollectible"
    invoice["status_transitions"]["marked_uncollectible_at"] = call.world.now()
    return tell(call.world, invoice, "invoice.marked_uncollectible")


@room.get("/v1/invoice_payments", "InvoicePaymentListParams")
def list_invoice_payments(call: Call) -> Json:
    params = call.params
    wanted = (params.get("payment") or {}).get("payment_intent")
    page = list_objects(
        call,
        kind="invoice_payment",
        url="/v1/invoice_payments",
        group=params.get("invoice"),
        ref=wanted,
        status=params.get("status"),
    )
    page["data"] = [public(payment) for payment in page["data"]]
    return page
