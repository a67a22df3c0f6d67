"""An invoice and the payments made for it: what ties them, and what the invoice learns from them."""

from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import World


def tell(world: World, invoice: Json, *kinds: str) -> Json:
    """Save a changed invoice and say so."""
    world.store.save(invoice)
    account = world.store.owner(invoice["id"]) or ""
    for kind in kinds:
        events.record(world, kind, invoice, account=account)
    return invoice


def payments_of(world: World, invoice: Json) -> list[Json]:
    """What ties the invoice to its PaymentIntents, the oldest first."""
    return world.store.select("grp = ? AND kind = 'invoice_payment'", (invoice["id"],))


def note_payment(world: World, intent: Json, *, paid: bool) -> None:
    """An invoice learns that its payment came in or failed."""
    for payment in world.store.select("ref = ? AND kind = 'invoice_payment'", (intent["id"],)):
        invoice = world.store.find(payment["invoice"], kind="invoice")
        if invoice is None or invoice["status"] not in ("open", "uncollectible"):
            continue
        if not paid:
            tell(world, invoice, "invoice.payment_failed")
            continue
        payment |= {"status": "paid", "amount_paid": intent["amount"]}
        payment["status_transitions"]["paid_at"] = world.now()
        world.store.save(payment)
        events.record(world, "invoice_payment.paid", payment, account=world.store.owner(payment["id"]) or "")
        invoice |= {"amount_paid": invoice["total"], "amount_remaining": 0}
        mark_paid(world, invoice)


def mark_paid(world: World, invoice: Json, *first: str) -> Json:
    """Paid in full; `first` are events that come before those of the payment."""
    invoice |= {"status": "paid", "attempted": True, "amount_remaining": 0}
    invoice["status_transitions"]["paid_at"] = world.now()
    return tell(world, invoice, *first, "invoice.paid", "invoice.payment_succeeded")
