"""Refunds of payments, from the balance back to the customer; some wait, and some come back.

Source: docs.stripe.com/refunds and docs.stripe.com/testing#refunds.
"""

from payments.sandbox import books, errors
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.amounts import check_amount
from payments.sandbox.money.disputes import close_refunded, disputes_of
from payments.sandbox.router import Room
from payments.sandbox.test_values import PAYMENT_METHODS
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()

_DECIDED_AFTER_S = DAY_S


def new_refund(world: World, *, charge: Json, amount: int, prefix: str = "re") -> Json:
    """A refund record of a charge, not yet kept and not yet booked."""
    return {
        "id": world.ids.new(prefix),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


@room.post("/v1/refunds", "RefundCreateParams")
def create_refund(call: Call) -> Json:
    """Refund a charge, all or a part; the money must be available."""
    params, world = call.params, call.world
    charge = _charge_of(call)
    if charge["status"] != "succeeded":
        raise errors.refused(
            f"Charge {charge['id']} has not succeeded and cannot be refunded.", param="charge"
        )
    if any(not dispute["is_charge_refundable"] for dispute in disputes_of(world, charge)):
        raise errors.refused(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise errors.refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = check_amount(params.get("amount", left))
    if amount > left:
        raise errors.refused(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    if books.available(world, account=call.account, currency=charge["currency"]) < amount:
        raise errors.refused(
            "Insufficient funds in Stripe balance to refund this amount.", code="balance_insufficient"
        )
    return refund(
        world,
        charge,
        account=call.account,
        amount=amount,
        reason=params.get("reason"),
        metadata=merge_metadata({}, params.get("metadata")),
    )


def _charge_of(call: Call) -> Json:
    params, store = call.params, call.world.store
    if "charge" in params:
        charge = store.find(params["charge"], kind="charge", account=call.account)
        if charge is None:
            raise errors.missing("charge", params["charge"], param="charge", status=400)
        return charge
    if "payment_intent" not in params:
        raise errors.invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = store.find(params["payment_intent"], kind="payment_intent", account=call.account)
    if intent is None:
        raise errors.missing("payment_intent", params["payment_intent"], param="payment_intent", status=400)
    charge = store.find(intent["latest_charge"] or "", kind="charge")
    if charge is None:
        raise errors.refused("This PaymentIntent does not have a successful charge to refund.")
    return charge


def refund(
    world: World, charge: Json, *, account: str, amount: int, reason: str | None, metadata: Json | None = None
) -> Json:
    """Book a refund and tell of it."""
    card = charge["payment_method_details"]["type"] == "card"
    document = new_refund(world, charge=charge, amount=amount, prefix="re" if card else "pyr")
    transaction = books.record(
        world,
        account=account,
        amount=-amount,
        currency=charge["currency"],
        kind="refund" if card else "payment_refund",
        category="refund",
        source=document["id"],
        counterpart="world/cards" if card else "world/banks",
        parts=books.draw(
            world, account=account, currency=charge["currency"], amount=amount, source_type=None
        ),
        description="REFUND FOR CHARGE",
    )
    document |= {"balance_transaction": transaction["id"], "reason": reason, "metadata": metadata or {}}
    outcome = PAYMENT_METHODS[charge["_test"]].refund if charge.get("_test") else "succeeded"
    if outcome == "pending":
        document |= {"status": "pending", "pending_reason": "processing"}
    if outcome != "succeeded":
        world.store.schedule(at=world.now() + _DECIDED_AFTER_S, what="refund_decided", ref=document["id"])
    if card:
        document["destination_details"] = {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        }
    world.store.add(document, account=account, ref=charge["id"], group=charge["payment_intent"])
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.store.save(charge)
    events.record(world, "charge.refunded", charge, account=account, previous={})
    events.record(world, "refund.created", document, account=account)
    if charge["refunded"]:
        close_refunded(world, charge)
    return document


def decide(world: World, refund_id: str) -> None:
    """The clock's work: the customer's bank takes a pending refund, or sends back one that was called succeeded."""
    document = world.store.find(refund_id, kind="refund")
    charge = world.store.find(document["charge"], kind="charge") if document else None
    account = world.store.owner(refund_id)
    if document is None or charge is None or account is None:
        return
    before = document["status"]
    if before == "pending":
        document["status"] = "succeeded"
        del document["pending_reason"]
        world.store.save(document)
    else:
        _come_back(world, document, charge, account=account)
        events.record(world, "refund.failed", document, account=account)
    events.record(world, "refund.updated", document, account=account, previous={"status": before})
    events.record(world, "charge.refund.updated", document, account=account, previous={"status": before})


def _come_back(world: World, document: Json, charge: Json, *, account: str) -> None:
    transaction = books.record(
        world,
        account=account,
        amount=document["amount"],
        currency=document["currency"],
        kind="refund_failure",
        source=document["id"],
        counterpart="world/cards",
        description="REFUND FAILURE",
    )
    document |= {
        "status": "failed",
        "failure_balance_transaction": transaction["id"],
        "failure_reason": "expired_or_canceled_card",
    }
    world.store.save(document)
    charge["amount_refunded"] -= document["amount"]
    world.store.save({**charge, "refunded": False})


@room.get("/v1/refunds", "RefundListParams")
def list_refunds(call: Call) -> Json:
    params = call.params
    return list_objects(
        call, kind="refund", url="/v1/refunds", ref=params.get("charge"), group=params.get("payment_intent")
    )


@room.get("/v1/refunds/{refund}", "RefundRetrieveParams")
def retrieve_refund(call: Call) -> Json:
    return call.own("refund", call.path["refund"])


@room.post("/v1/refunds/{refund}", "RefundUpdateParams")
def update_refund(call: Call) -> Json:
    document = call.own("refund", call.path["refund"])
    if "metadata" in call.params:
        document["metadata"] = merge_metadata(document["metadata"], call.params["metadata"])
    call.world.store.save(document)
    events.record(call.world, "refund.updated", document, account=call.account, previous={})
    return document


DUE = {"refund_decided": decide}
