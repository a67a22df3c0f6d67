"""The documents that invoicing shows, as they are when they are new."""

from payments.sandbox.lists import embedded_list
from payments.sandbox.money.amounts import check_currency
from payments.sandbox.wire import Json
from payments.sandbox.world import World

_ZEROES = (
    "amount_due", "amount_overpaid", "amount_paid", "amount_paid_off_stripe", "amount_remaining", "amount_shipping",
    "attempt_count", "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance",
    "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax",
)  # fmt: skip
_NOTHINGS = (
    "account_tax_ids", "application", "automatically_finalizes_at", "custom_fields", "customer_account",
    "customer_shipping", "default_source", "effective_at", "ending_balance", "from_invoice", "hosted_invoice_url",
    "invoice_pdf", "last_finalization_error", "latest_revision", "next_payment_attempt", "number", "on_behalf_of",
    "parent", "receipt_number", "rendering", "shipping_cost", "shipping_details", "test_clock", "webhooks_delivered_at",
)  # fmt: skip


def blank_invoice(world: World, customer: Json, *, currency: str) -> Json:
    """A draft without lines for a customer."""
    invoice_id, now = world.ids.new("in"), world.now()
    return {
        "id": invoice_id,
        "object": "invoice",
        **dict.fromkeys(_ZEROES, 0),
        **dict.fromkeys(_NOTHINGS),
        "account_country": "US",
        "account_name": "Sandbox platform",
        "attempted": False,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": "manual",
        "created": now,
        "currency": check_currency(currency),
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": embedded_list([], url=f"/v1/invoices/{invoice_id}/lines"),
        "livemode": False,
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": now,
        "period_start": now,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def invoice_payment(world: World, invoice: Json, intent: Json) -> Json:
    """What ties an invoice to the PaymentIntent that is to pay it."""
    return {
        "id": world.ids.new("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["total"],
        "created": world.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
