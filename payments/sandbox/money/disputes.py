"""Disputes: the bank takes a payment back with a fee, and evidence decides. Source: docs.stripe.com/disputes."""

from payments.sandbox import books, errors
from payments.sandbox.expand import public
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()

_FEE = 1_500
_ANSWER_WITHIN_S = 9 * DAY_S
_DECIDED_AFTER_S = DAY_S
# docs.stripe.com/testing#evidence
_WINS, _LOSES = "winning_evidence", "losing_evidence"
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
def open_dispute(world: World, charge: Json, *, account: str, reason: str) -> Json:
    """The money leaves the balance with a fee. A disputed bank debit is lost at once: it cannot be contested."""
    card = charge["payment_method_details"]["type"] == "card"
    dispute_id = world.ids.new("du")
    transaction = books.record(
        world,
        account=account,
        amount=-charge["amount"],
        currency=charge["currency"],
        kind="adjustment",
        category="dispute",
        source=dispute_id,
        counterpart="world/cards" if card else "world/banks",
        fees=[(_FEE, "Dispute fee")],
        source_type="card" if card else "bank_account",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    dispute: Json = {
        "id": dispute_id,
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [public(transaction)],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now() + _ANSWER_WITHIN_S,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    if card:
        brand = charge["payment_method_details"]["card"]["brand"]
        details = {"brand": brand, "case_type": "chargeback", "network_reason_code": "83"}
        dispute["payment_method_details"] = {"type": "card", "card": details}
    world.store.add(dispute, account=account, ref=charge["id"], group=charge["payment_intent"])
    world.store.save({**charge, "disputed": True})
    events.record(world, "charge.dispute.created", dispute, account=account)
    events.record(world, "charge.dispute.funds_withdrawn", dispute, account=account)
    if not card:
        _close(world, dispute, account=account, won=False)
    else:
        world.store.schedule(at=dispute["evidence_details"]["due_by"], what="dispute_expires", ref=dispute_id)
    return dispute


def _close(world: World, dispute: Json, *, account: str, won: bool) -> Json:
    dispute["status"] = "won" if won else "lost"
    if won:
        transaction = books.record(
            world,
            account=account,
            amount=dispute["amount"],
            currency=dispute["currency"],
            kind="adjustment",
            category="dispute_reversal",
            source=dispute["id"],
            counterpart="world/cards",
            description=f"Chargeback reversal for {dispute['charge']}",
        )
        dispute["balance_transactions"].append(public(transaction))
        events.record(world, "charge.dispute.funds_reinstated", dispute, account=account)
    world.store.save(dispute)
    events.record(world, "charge.dispute.closed", dispute, account=account)
    return dispute


def expire(world: World, dispute_id: str) -> None:
    """The clock's work: nobody answered in time, so the dispute is lost."""
    dispute, account = world.store.find(dispute_id, kind="dispute"), world.store.owner(dispute_id)
    if dispute is not None and account is not None and dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        _close(world, dispute, account=account, won=False)


def decide(world: World, dispute_id: str) -> None:
    """The clock's work: the bank has read the evidence; Stripe's test values decide, other text loses."""
    dispute, account = world.store.find(dispute_id, kind="dispute"), world.store.owner(dispute_id)
    if dispute is not None and account is not None and dispute["status"] == "under_review":
        won = dispute["evidence"]["uncategorized_text"] == _WINS
        _close(world, dispute, account=account, won=won)


@room.post("/v1/disputes/{dispute}", "DisputeUpdateParams")
def update_dispute(call: Call) -> Json:
    """Give evidence; with `submit` (the default) it goes to the bank, which decides a day later."""
    dispute, params, world = call.own("dispute", call.path["dispute"]), call.params, call.world
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise errors.refused(
            f"This dispute is {dispute['status']} and can no longer be updated.", param="dispute"
        )
    evidence = params.get("evidence") or {}
    dispute["evidence"] |= {name: value or None for name, value in evidence.items()}
    if "metadata" in params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], params["metadata"])
    if evidence:
        dispute["evidence_details"]["has_evidence"] = True
    if evidence and params.get("submit", True):
        dispute["status"] = "under_review"
        dispute["evidence_details"]["submission_count"] += 1
        world.store.schedule(at=world.now() + _DECIDED_AFTER_S, what="dispute_decided", ref=dispute["id"])
    world.store.save(dispute)
    events.record(world, "charge.dispute.updated", dispute, account=call.account, previous={})
    return dispute


@room.post("/v1/disputes/{dispute}/close", "DisputeCloseParams")
def close_dispute(call: Call) -> Json:
    """Accept the loss."""
    dispute = call.own("dispute", call.path["dispute"])
    if dispute["status"] != "needs_response":
        raise errors.refused(f"This dispute is {dispute['status']} and cannot be closed.", param="dispute")
    return _close(call.world, dispute, account=call.account, won=False)


@room.get("/v1/disputes", "DisputeListParams")
def list_disputes(call: Call) -> Json:
    params = call.params
    return list_objects(
        call, kind="dispute", url="/v1/disputes", ref=params.get("charge"), group=params.get("payment_intent")
    )


@room.get("/v1/disputes/{dispute}", "DisputeRetrieveParams")
def retrieve_dispute(call: Call) -> Json:
    return call.own("dispute", call.path["dispute"])


DUE = {"dispute_expires": expire, "dispute_decided": decide}
