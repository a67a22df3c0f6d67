"""How an invoice comes to be paid: finalized, charged, reconciled with bank transfers, overdue."""

from payments.sandbox import errors
from payments.sandbox.errors import ApiError
from payments.sandbox.lists import embedded_list
from payments.sandbox.money import payment_intents
from payments.sandbox.money.cash import move_cash
from payments.sandbox.money.invoice_documents import invoice_payment
from payments.sandbox.money.invoice_items import items_of, line_of
from payments.sandbox.money.invoice_payments import mark_paid, payments_of, tell
from payments.sandbox.wire import Json
from payments.sandbox.world import World

_METHODS = ["card", "us_bank_account", "customer_balance"]


def total(world: World, invoice: Json) -> Json:
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


def finalize(world: World, invoice: Json) -> Json:
    """The draft becomes open, with a number, a page to pay on and a PaymentIntent; nothing to pay is paid."""
    account = world.store.owner(invoice["id"]) or ""
    invoice = total(world, invoice)
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
        return mark_paid(world, invoice, "invoice.finalized")
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
    tell(world, invoice, "invoice.finalized")
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
    found = payments_of(world, invoice)
    if not found:
        raise errors.refused("This invoice has no payment to make.", code="invoice_no_payment")
    return found[-1]


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


def give_up_payment(world: World, invoice: Json) -> None:
    """A void invoice takes no money: its payment is canceled, unless a bank is at work on it already."""
    account = world.store.owner(invoice["id"]) or ""
    for payment in payments_of(world, invoice):
        intent = world.store.find(payment["payment"]["payment_intent"]) or {}
        if payment["status"] == "open" and payment_intents.may_be_canceled(intent):
            payment_intents.cancel(world, intent, account=account, reason="void_invoice")
            payment["status"] = "canceled"
            payment["status_transitions"]["canceled_at"] = world.now()
            world.store.save(payment)


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
        move_cash(
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
        tell(world, invoice, "invoice.overdue")


DUE = {"invoice_finalizes": finalize_by_itself, "invoice_overdue": become_overdue}
