"""The document of a dispute, as it is when it is opened."""

from payments.sandbox.wire import Json
from payments.sandbox.world import World

# fmt: off
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
    "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
    "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
    "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)
# fmt: on
_NETWORK_CODES = {"chargeback": "83", "inquiry": "10"}


def blank_dispute(world: World, charge: Json, *, amount: int, reason: str, inquiry: bool) -> Json:
    """A dispute of `amount` of a charge; no money has moved yet."""
    dispute: Json = {
        "id": world.ids.new("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now() + world.options.dispute_answer_s,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    if charge["payment_method_details"]["type"] == "card":
        case_type = "inquiry" if inquiry else "chargeback"
        dispute["payment_method_details"] = {
            "type": "card",
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": case_type,
                "network_reason_code": _NETWORK_CODES[case_type],
            },
        }
    return dispute
