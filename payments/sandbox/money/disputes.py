"""Disputes: the bank asks about a payment, or takes it back with a fee, and evidence decides.

Source: docs.stripe.com/disputes and docs.stripe.com/disputes/how-disputes-work.
"""

from payments.sandbox import books, errors
from payments.sandbox.expand import public
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.dispute_documents import blank_dispute
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()

_FEE_MINOR = 1_500
_DECIDED_AFTER_S = DAY_S
# How long an inquiry stays open that nobody escalates; Stripe's documentation names no number.
_INQUIRY_ENDS_S = 120 * DAY_S
# docs.stripe.com/testing#evidence
_WINS, _ESCALATES = "winning_evidence", "escalate_inquiry_evidence"
_CHARGEBACK = ("needs_response", "under_review")
_INQUIRY = ("warning_needs_response", "warning_under_review")


def open_dispute(
    world: World, charge: Json, *, account: str, reason: str, amount: int | None = None, inquiry: bool = False
) -> Json:
    """A chargeback of a payment, or of `amount` of it, takes that money with a fee; an inquiry only asks.

    A disputed bank debit is lost at once: it cannot be contested.
    """
    dispute = blank_dispute(world, charge, amount=amount or charge["amount"], reason=reason, inquiry=inquiry)
    if not inquiry:
        _withdraw(world, dispute, account=account)
    world.store.add(dispute, account=account, ref=charge["id"], group=charge["payment_intent"])
    world.store.save({**charge, "disputed": True})
    events.record(world, "charge.dispute.created", dispute, account=account)
    if inquiry:
        world.store.schedule(at=world.now() + _INQUIRY_ENDS_S, what="inquiry_ends", ref=dispute["id"])
        return dispute
    events.record(world, "charge.dispute.funds_withdrawn", dispute, account=account)
    return dispute if _is_card(dispute) else _close(world, dispute, account=account, status="lost")


def _is_card(dispute: Json) -> bool:
    return "payment_method_details" in dispute


def _withdraw(world: World, dispute: Json, *, account: str) -> None:
    """The money leaves the balance, with a fee on top."""
    card = _is_card(dispute)
    transaction = books.record(
        world,
        account=account,
        amount=-dispute["amount"],
        currency=dispute["currency"],
        kind="adjustment",
        category="dispute",
        source=dispute["id"],
        counterpart="world/cards" if card else "world/banks",
        fees=[(_FEE_MINOR, "Dispute fee")],
        source_type="card" if card else "bank_account",
        description=f"Chargeback withdrawal for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(public(transaction))
    if card:
        due_by = dispute["evidence_details"]["due_by"]
        world.store.schedule(at=due_by, what="dispute_expires", ref=dispute["id"])


def _reinstate(world: World, dispute: Json, *, account: str) -> None:
    """The disputed amount comes back in a second transaction; the fee does where the options say so."""
    returned = [(-_FEE_MINOR, "Dispute fee refund")] if world.options.dispute_fee_returned else []
    transaction = books.record(
        world,
        account=account,
        amount=dispute["amount"],
        currency=dispute["currency"],
        kind="adjustment",
        category="dispute_reversal",
        source=dispute["id"],
        counterpart="world/cards",
        fees=returned,
        description=f"Chargeback reversal for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(public(transaction))
    events.record(world, "charge.dispute.funds_reinstated", dispute, account=account)


def _close(world: World, dispute: Json, *, account: str, status: str) -> Json:
    dispute["status"] = status
    if status == "won":
        dispute["is_charge_refundable"] = True
        _reinstate(world, dispute, account=account)
    world.store.save(dispute)
    events.record(world, "charge.dispute.closed", dispute, account=account)
    return dispute


def end(world: World, dispute: Json, *, status: str) -> Json:
    """The bank's word: `won` or `lost` of a chargeback, `warning_closed` of an inquiry.

    Raises ValueError where the dispute is another's or over.
    """
    if dispute["status"] not in (_INQUIRY if status == "warning_closed" else _CHARGEBACK):
        raise ValueError(f"This dispute is {dispute['status']} and cannot become {status}.")
    return _close(world, dispute, account=world.store.owner(dispute["id"]) or "", status=status)


def escalate(world: World, dispute: Json) -> Json:
    """An inquiry becomes a chargeback: now the money goes. Raises ValueError on anything but an open inquiry."""
    if dispute["status"] not in _INQUIRY:
        raise ValueError(f"This dispute is {dispute['status']} and no open inquiry.")
    account = world.store.owner(dispute["id"]) or ""
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    dispute["evidence_details"]["due_by"] = world.now() + world.options.dispute_answer_s
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    _withdraw(world, dispute, account=account)
    world.store.save(dispute)
    events.record(world, "charge.dispute.updated", dispute, account=account, previous={})
    events.record(world, "charge.dispute.funds_withdrawn", dispute, account=account)
    return dispute


def disputes_of(world: World, charge: Json) -> list[Json]:
    """Every dispute that a charge has had, inquiries included."""
    return world.store.select("ref = ? AND kind = 'dispute'", (charge["id"],))


def close_refunded(world: World, charge: Json) -> None:
    """The payment is refunded in full: an inquiry about it is resolved."""
    for dispute in disputes_of(world, charge):
        if dispute["status"] in _INQUIRY:
            end(world, dispute, status="warning_closed")


def expire(world: World, dispute_id: str) -> None:
    """The clock's work: nobody answered in time, so the dispute is lost."""
    dispute = world.store.find(dispute_id, kind="dispute")
    if dispute is not None and dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        end(world, dispute, status="lost")


def decide(world: World, dispute_id: str) -> None:
    """The clock's work: the bank has read the evidence. Stripe's test values decide; other text loses a dispute and
    satisfies an inquiry."""
    dispute = world.store.find(dispute_id, kind="dispute")
    if dispute is None:
        return
    text = dispute["evidence"]["uncategorized_text"]
    if dispute["status"] == "under_review":
        end(world, dispute, status="won" if text == _WINS else "lost")
    elif dispute["status"] == "warning_under_review" and text == _ESCALATES:
        escalate(world, dispute)
    elif dispute["status"] == "warning_under_review":
        end(world, dispute, status="warning_closed")


def let_go(world: World, dispute_id: str) -> None:
    """The clock's work: an inquiry that was never escalated is over."""
    dispute = world.store.find(dispute_id, kind="dispute")
    if dispute is not None and dispute["status"] in _INQUIRY:
        end(world, dispute, status="warning_closed")


@room.post("/v1/disputes/{dispute}", "DisputeUpdateParams")
def update_dispute(call: Call) -> Json:
    """Give evidence; with `submit` (the default) it goes to the bank, which decides a day later."""
    dispute, params, world = call.own("dispute", call.path["dispute"]), call.params, call.world
    if dispute["status"] not in (_CHARGEBACK[0], _INQUIRY[0]):
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
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
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
    return end(call.world, dispute, status="lost")


@room.get("/v1/disputes", "DisputeListParams")
def list_disputes(call: Call) -> Json:
    params = call.params
    return list_objects(
        call, kind="dispute", url="/v1/disputes", ref=params.get("charge"), group=params.get("payment_intent")
    )


@room.get("/v1/disputes/{dispute}", "DisputeRetrieveParams")
def retrieve_dispute(call: Call) -> Json:
    return call.own("dispute", call.path["dispute"])


DUE = {"dispute_expires": expire, "dispute_decided": decide, "inquiry_ends": let_go}
