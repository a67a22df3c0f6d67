"""Invoices: draft → open → paid, void or uncollectible; paid by card, ACH debit or bank transfer.

Source: docs.stripe.com/api/invoices and docs.stripe.com/invoicing/overview.
"""

from payments.sandbox import errors
from payments.sandbox.errors import ApiError
from payments.sandbox.expand import public
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.money import customers, payment_intents
from payments.sandbox.money.invoice_documents import blank_invoice, invoice_payment
from payments.sandbox.money.invoice_items import items_of, line_of, waiting_items
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.webhooks.endpoints import merge_metadata
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()

_FINALIZES_AFTER_S = 3_600
_METHODS = ["card", "us_bank_account", "customer_balance"]


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
    return _tell(world, _total(world, invoice), "invoice.created")


def _total(world: World, invoice: Json) -> Json:
    """Bring a draft's lines and sums up to its items."""
    lines = [line_of(item, invoice_id=invoice["id"]) for item in items_of(world, invoice["id"])]
    total = sum(line["amount"] for line in lines)
    invoice["lines"] = embedded_list(lines, url=f"/v1/invoices/{invoice['id']}/lines")
    for name in (
        "amount_due",
        "amount_remaining",
        "subtotal",
        "subtotal_excluding_tax",
        "total",
        "total_excluding_tax",
    ):
        invoice[name] = total
    return invoice


def _tell(world: World, invoice: Json, *kinds: str) -> Json:
    """Save a changed invoice and say so."""
    world.store.save(invoice)
    account = world.store.owner(invoice["id"]) or ""
    for kind in kinds:
        events.record(world, kind, invoice, account=account)
    return invoice


def finalize(world: World, invoice: Json) -> Json:
    """The draft becomes open, with a number, a page to pay on and a PaymentIntent; nothing to pay is paid."""
    account = world.store.owner(invoice["id"]) or ""
    invoice = _total(world, invoice)
    customer = world.store.find(invoice["customer"], kind="customer") or {}
    now, sequence = world.now(), customer.get("next_invoice_sequence", 1)
    world.store.save({**customer, "next_invoice_sequence": sequence + 1})
    invoice |= {
        "status": "open",
        "number": f"{customer.get('invoice_prefix')}-{sequence:04d}",
        "effective_at": now,
        "hosted_invoice_url": f"{world.options.base_url}/hosted/invoice/{invoice['id']}",
        "invoice_pdf": f"{world.options.base_url}/hosted/invoice/{invoice['id']}/pdf",
        "ending_balance": 0,
        "automatically_finalizes_at": None,
    }
    invoice["status_transitions"]["finalized_at"] = now
    if invoice["total"] <= 0:
        return _mark_paid(world, invoice, "invoice.finalized")
    intent = payment_intents.new_intent(
        world,
        account=account,
        amount=invoice["total"],
        currency=invoice["currency"],
        methods=invoice["payment_settings"]["payment_method_types"] or _METHODS,
        customer=invoice["customer"],
        fields={"description": f"Payment for invoice {invoice['number']}"},
    )
    world.store.add(
        invoice_payment(world, invoice, intent), account=account, group=invoice["id"], ref=intent["id"]
    )
    if invoice["due_date"]:
        world.store.schedule(at=invoice["due_date"], what="invoice_overdue", ref=invoice["id"])
    _tell(world, invoice, "invoice.finalized")
    reconcile_cash(world, invoice["customer"], currency=invoice["currency"])
    invoice = world.store.find(invoice["id"]) or invoice
    if invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically":
        invoice = _charge_by_itself(world, invoice)
    return invoice


def _charge_by_itself(world: World, invoice: Json) -> Json:
    if not _default_method(world, invoice):
        return invoice
    try:
        return pay_invoice(world, invoice, named=None)
    except ApiError:
        # A declined card leaves the invoice open; invoice.payment_failed has said so.
        return world.store.find(invoice["id"]) or invoice


def _default_method(world: World, invoice: Json) -> str | None:
    customer = world.store.find(invoice["customer"], kind="customer") or {}
    chosen = invoice["default_payment_method"] or (customer.get("invoice_settings") or {}).get(
        "default_payment_method"
    )
    return str(chosen) if chosen else None


def _payment_of(world: World, invoice: Json) -> Json:
    found = world.store.select(
        "grp = ? AND kind = 'invoice_payment'", (invoice["id"],), tail="ORDER BY seq DESC LIMIT 1"
    )
    if not found:
        raise errors.refused("This invoice has no payment to make.", code="invoice_no_payment")
    return found[0]


def pay_invoice(world: World, invoice: Json, *, named: str | None) -> Json:
    """Pay an open invoice with a payment method, or with the default one. Raises card_error on a decline."""
    if invoice["status"] == "draft":
        invoice = finalize(world, invoice)
    if invoice["status"] != "open":
        raise errors.refused(f"Invoice is already {invoice['status']}", code="invoice_not_payable")
    method = named or _default_method(world, invoice)
    if method is None:
        raise errors.refused(
            "There is no `default_payment_method` set on this Invoice or on its Customer. Please set one or pay with a "
            "`payment_method`.",
            code="invoice_payment_intent_requires_action",
        )
    intent = world.store.find(_payment_of(world, invoice)["payment"]["payment_intent"]) or {}
    account = world.store.owner(invoice["id"]) or ""
    world.store.save({**invoice, "attempted": True, "attempt_count": invoice["attempt_count"] + 1})
    payment_intents.confirm(world, intent, account=account, named=method)
    return world.store.find(invoice["id"]) or invoice


def note_payment(world: World, intent: Json, *, paid: bool) -> None:
    """An invoice learns that its payment came in or failed."""
    for payment in world.store.select("ref = ? AND kind = 'invoice_payment'", (intent["id"],)):
        invoice = world.store.find(payment["invoice"], kind="invoice")
        if invoice is None or invoice["status"] not in ("open", "uncollectible"):
            continue
        if not paid:
            _tell(world, invoice, "invoice.payment_failed")
            continue
        payment |= {"status": "paid", "amount_paid": intent["amount"]}
        payment["status_transitions"]["paid_at"] = world.now()
        world.store.save(payment)
        events.record(world, "invoice_payment.paid", payment, account=world.store.owner(payment["id"]) or "")
        invoice |= {"amount_paid": invoice["total"], "amount_remaining": 0}
        _mark_paid(world, invoice)


def _mark_paid(world: World, invoice: Json, *first: str) -> Json:
    invoice |= {"status": "paid", "attempted": True, "amount_remaining": 0}
    invoice["status_transitions"]["paid_at"] = world.now()
    return _tell(world, invoice, *first, "invoice.paid", "invoice.payment_succeeded")


def reconcile_cash(world: World, customer_id: str, *, currency: str) -> None:
    """Stripe's automatic reconciliation: a customer's cash pays its open invoices, the oldest first, each in full."""
    open_invoices = world.store.select(
        "ref = ? AND kind = 'invoice' AND json_extract(body, '$.status') = 'open'", (customer_id,)
    )
    for invoice in open_invoices:
        customer = world.store.find(customer_id, kind="customer")
        methods = invoice["payment_settings"]["payment_method_types"] or _METHODS
        if customer is None or invoice["currency"] != currency or "customer_balance" not in methods:
            continue
        if customer["_cash"].get(currency, 0) < invoice["amount_remaining"]:
            continue
        intent = world.store.find(_payment_of(world, invoice)["payment"]["payment_intent"]) or {}
        if intent["status"] == "processing":
            continue
        customers.move_cash(
            world,
            customer,
            amount=-invoice["amount_remaining"],
            currency=currency,
            kind="applied_to_payment",
            details={"payment_intent": intent["id"]},
        )
        account = world.store.owner(invoice["id"]) or ""
        payment_intents.confirm(world, intent, account=account, named="pm_customer_balance")


def finalize_by_itself(world: World, invoice_id: str) -> None:
    """The clock's work: a draft with auto_advance is an hour old."""
    invoice = world.store.find(invoice_id, kind="invoice")
    if invoice is not None and invoice["status"] == "draft":
        finalize(world, invoice)


def become_overdue(world: World, invoice_id: str) -> None:
    """The clock's work: the due date has come and it is not paid."""
    invoice = world.store.find(invoice_id, kind="invoice")
    if invoice is not None and invoice["status"] == "open":
        _tell(world, invoice, "invoice.overdue")


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
    return list_objects(
        call,
        kind="invoice",
        url="/v1/invoices",
        ref=params.get("customer"),
        status=params.get("status"),
        collection_method=params.get("collection_method"),
    )


@room.get("/v1/invoices/{invoice}", "InvoiceRetrieveParams")
def retrieve_invoice(call: Call) -> Json:
    """With its payments when they are asked for by `expand`."""
    invoice = _own(call)
    if invoice["status"] == "draft":
        invoice = call.world.store.save(_total(call.world, invoice))
    if any(path.split(".")[0] == "payments" for path in call.params.get("expand", [])):
        found = call.world.store.select("grp = ? AND kind = 'invoice_payment'", (invoice["id"],))
        invoice["payments"] = embedded_list(found, url="/v1/invoice_payments")
    return invoice


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
    return _tell(call.world, invoice, "invoice.updated")


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
    return _tell(call.world, invoice, "invoice.sent")


@room.post("/v1/invoices/{invoice}/pay", "InvoicePayParams")
def pay(call: Call) -> Json:
    invoice = _own(call)
    if call.params.get("paid_out_of_band"):
        if invoice["status"] not in ("open", "uncollectible"):
            raise errors.refused(f"Invoice is already {invoice['status']}", code="invoice_not_payable")
        invoice["amount_paid_off_stripe"] = invoice["amount_remaining"]
        return _mark_paid(call.world, invoice)
    return pay_invoice(call.world, invoice, named=call.params.get("payment_method"))


@room.post("/v1/invoices/{invoice}/void", "InvoiceVoidInvoiceParams")
def void_invoice(call: Call) -> Json:
    invoice = _own(call)
    if invoice["status"] not in ("open", "uncollectible"):
        raise errors.refused(f"You can only void an open invoice; this one is {invoice['status']}.")
    invoice |= {"status": "void", "amount_remaining": invoice["amount_due"]}
    invoice["status_transitions"]["voided_at"] = call.world.now()
    return _tell(call.world, invoice, "invoice.voided")


@room.post("/v1/invoices/{invoice}/mark_uncollectible", "InvoiceMarkUncollectibleParams")
def mark_uncollectible(call: Call) -> Json:
    invoice = _own(call)
    if invoice["status"] != "open":
        raise errors.refused(f"Only an open invoice can be given up; this one is {invoice['status']}.")
    invoice["status"] = "uncollectible"
    invoice["status_transitions"]["marked_uncollectible_at"] = call.world.now()
    return _tell(call.world, invoice, "invoice.marked_uncollectible")


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


DUE = {"invoice_finalizes": finalize_by_itself, "invoice_overdue": become_overdue}
