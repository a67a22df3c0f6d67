"""Reversals: taking a transfer back, all of it or a part. Source: docs.stripe.com/api/transfer_reversals."""

from payments.sandbox import books, errors
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.amounts import check_amount
from payments.sandbox.money.charges import refund_destination_payment
from payments.sandbox.money.transfers import IN_TRANSIT
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_SHOWN_IN_TRANSFER = 10


@room.post("/v1/transfers/{id}/reversals", "TransferReversalCreateParams")
def create_reversal(call: Call) -> Json:
    """Take all or a part back from the connected account, which must have it available."""
    transfer, params, world = call.own("transfer", call.path["id"]), call.params, call.world
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise errors.refused(f"Transfer {transfer['id']} is already fully reversed.", param="id")
    amount = check_amount(params.get("amount", left))
    if amount > left:
        raise errors.refused(
            f"Transfer amount ({amount}) is greater than unreversed amount on transfer ({left}).",
            param="amount",
        )
    destination, currency = transfer["destination"], transfer["currency"]
    if books.available(world, account=destination, currency=currency) < amount:
        raise errors.refused(
            "Insufficient funds in your connected account's Stripe balance to reverse this transfer.",
            code="balance_insufficient",
        )
    return reverse(
        world,
        transfer,
        amount=amount,
        description=params.get("description"),
        metadata=merge_metadata({}, params.get("metadata")),
    )


def reverse(
    world: World, transfer: Json, *, amount: int, description: str | None = None, metadata: Json | None = None
) -> Json:
    """The inverse of a transfer, or of a part of it."""
    reversal_id, platform = world.ids.new("trr"), world.store.owner(transfer["id"]) or ""
    transaction = books.record(
        world,
        account=platform,
        amount=amount,
        currency=transfer["currency"],
        kind="transfer_refund",
        category="transfer_reversal",
        source=reversal_id,
        counterpart=IN_TRANSIT,
        source_type=transfer["source_type"],
        description=description,
    )
    refund = refund_destination_payment(
        world, transfer=transfer, reversal=reversal_id, amount=amount, counterpart=IN_TRANSIT
    )
    reversal: Json = {
        "id": reversal_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": transaction["id"],
        "created": world.now(),
        "currency": transfer["currency"],
        "destination_payment_refund": refund["id"],
        "metadata": metadata or {},
        "source_refund": None,
        "transfer": transfer["id"],
    }
    world.store.add(reversal, account=platform, ref=transfer["id"])
    before = {"amount_reversed": transfer["amount_reversed"], "reversed": transfer["reversed"]}
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"] = [reversal, *transfer["reversals"]["data"]][:_SHOWN_IN_TRANSFER]
    transfer["reversals"]["has_more"] = len(_reversals(world, transfer)) > _SHOWN_IN_TRANSFER
    world.store.save(transfer)
    events.record(world, "transfer.reversed", transfer, account=platform, previous=before)
    return reversal


def _reversals(world: World, transfer: Json) -> list[Json]:
    return world.store.select("ref = ? AND kind = 'transfer_reversal'", (transfer["id"],))


@room.get("/v1/transfers/{id}/reversals", "TransferReversalListParams")
def list_reversals(call: Call) -> Json:
    transfer = call.own("transfer", call.path["id"])
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return list_objects(call, kind="transfer_reversal", url=url, ref=transfer["id"])


def _own_reversal(call: Call) -> Json:
    reversal = call.own("transfer_reversal", call.path["id"], name="transfer reversal")
    if reversal["transfer"] != call.path["transfer"]:
        raise errors.missing("transfer reversal", call.path["id"])
    return reversal


@room.get("/v1/transfers/{transfer}/reversals/{id}", "TransferReversalRetrieveParams")
def retrieve_reversal(call: Call) -> Json:
    return _own_reversal(call)


@room.post("/v1/transfers/{transfer}/reversals/{id}", "TransferReversalUpdateParams")
def update_reversal(call: Call) -> Json:
    reversal = _own_reversal(call)
    if "metadata" in call.params:
        reversal["metadata"] = merge_metadata(reversal["metadata"], call.params["metadata"])
    return call.world.store.save(reversal)
