"""What can be expanded is what Stripe's description says can be."""

from collections.abc import Iterator

import stripe

from payments.sandbox.expand import EXPANDABLE
from tests.payments.sandbox.checked import DEFINITIONS, Json
from tests.payments.sandbox.conftest import Stage


def alternatives(schema: Json) -> Iterator[Json]:
    for part in schema.get("anyOf", []):
        yield from alternatives(part)
    if "anyOf" not in schema:
        yield schema


def is_expandable(field: Json) -> bool:
    """An id or the object itself."""
    either = list(alternatives(field))
    return any(one.get("type") == "string" for one in either) and any("$ref" in one for one in either)


def test_every_expandable_field_of_the_description_is_known() -> None:
    for kind, schema in DEFINITIONS.items():
        fields = schema.get("properties", {})
        named = {name for name, field in fields.items() if "object" in fields and is_expandable(field)}
        assert named <= EXPANDABLE.get(kind, set()), kind


def test_within_a_hash(stage: Stage) -> None:
    v1 = stage.client.v1
    customer = v1.customers.create({"name": "Mirror AI"}).id
    v1.invoice_items.create({"customer": customer, "amount": 900, "currency": "usd"})
    invoice = v1.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    v1.invoices.finalize_invoice(str(invoice.id))
    order: stripe.params.InvoicePaymentListParams = {
        "invoice": str(invoice.id),
        "expand": ["data.payment.payment_intent", "data.invoice"],
    }
    [payment] = v1.invoice_payments.list(order).data
    assert payment.payment.payment_intent.status == "requires_payment_method"  # type: ignore[union-attr]  # expanded
    assert payment.invoice.total == 900  # type: ignore[union-attr]  # expanded
