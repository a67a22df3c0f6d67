"""Transfers from the platform to a connected account, and their reversals.

A transfer has no status: it moves the money at once or is refused. It debits the platform and creates a payment
(`py_…`) on the connected account. Source: docs.stripe.com/api/transfers and
docs.stripe.com/connect/separate-charges-and-transfers.
"""

from payments.sandbox import books, errors
from payments.sandbox.accounts import capabilities, records
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money import schedules
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.money.charges import new_destination_payment
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

IN_TRANSIT = "transit/transfers"


@room.post("/v1/transfers", "TransferCreateParams")
def create_transfer(call: Call) -> Json:
    """Move available money to a connected account that may receive it, or refuse without a trace."""
    params = call.params
    if "amount" not in params and "source_transaction" not in params:
        raise errors.invalid("Missing required param: amount.", param="amount", code="parameter_missing")
    currency = check_currency(params["currency"])
    charge = _source_charge(call)
    amount = check_amount(int(params["amount"] if charge is None or "amount" in params else charge["amount"]))
    account = _destination(call)
    source_type = params.get("source_type") or (_type_of(charge) if charge else None)
    _check_funds(call, charge, amount=amount, currency=currency, source_type=source_type)
    return _transfer(call, account, charge, amount=amount, currency=currency, source_type=source_type)


def _source_charge(call: Call) -> Json | None:
    charge_id = call.params.get("source_transaction")
    if charge_id is None:
        return None
    charge = call.world.store.find(charge_id, kind="charge", account=call.account)
    if charge is None:
        raise errors.missing("charge", charge_id, param="source_transaction", status=400)
    if charge["status"] == "failed" or charge["refunded"]:
        raise errors.refused("A transfer cannot use a failed or refunded charge.", param="source_transaction")
    return charge


def _type_of(charge: Json) -> str:
    return "card" if charge["payment_method_details"]["type"] == "card" else "bank_account"


def _destination(call: Call) -> Json:
    """The account that is to receive, or why it may not."""
    named = call.params["destination"]
    account = records.find_connected(call.world, platform=call.platform, account_id=named)
    if call.account != call.platform:
        raise errors.refused(
            "Your account cannot make transfers to other accounts.",
            code="transfers_not_allowed",
            param="destination",
        )
    if named == call.platform:
        raise errors.refused("You cannot transfer to your own account.", param="destination")
    if account is None:
        raise records.no_such(call, named, kind="destination", param="destination")
    if account["closed"]:
        raise errors.refused(
            "The account that you are trying to transfer to has been closed.",
            code="account_closed",
            param="destination",
        )
    if account.get("rejected"):
        raise errors.refused(
            "Transfers to this account are not allowed: the account has been rejected.",
            code="transfers_not_allowed",
            param="destination",
        )
    if not capabilities.is_active(call.world, account, "stripe_transfers"):
        raise errors.refused(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def _check_funds(
    call: Call, charge: Json | None, *, amount: int, currency: str, source_type: str | None
) -> None:
    if charge is not None:
        if charge["currency"] != currency:
            raise errors.refused(
                f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as "
                f"the transfer currency ({currency})",
                param="currency",
            )
        if charge["_transferred"] + amount > charge["amount"]:
            raise errors.refused(
                f"Transfers using this transaction as a source must not exceed the source amount of "
                f"{charge['amount']}. "
                f"(There is already {charge['_transferred']} transferred from it.)",
                param="amount",
            )
        return
    wanted = source_type or ("card" if call.world.options.strict_source_types else None)
    held = books.available(call.world, account=call.account, currency=currency, source_type=wanted)
    if held < amount:
        raise errors.refused(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
            "balance by creating Charges using the 4000000000000077 test card. You can use the /v1/balance endpoint to "
            "view your Stripe balance.",
            code="balance_insufficient",
        )


def _transfer(
    call: Call, account: Json, charge: Json | None, *, amount: int, currency: str, source_type: str | None
) -> Json:
    params, world = call.params, call.world
    transfer_id = world.ids.new("tr")
    wanted = source_type or ("card" if world.options.strict_source_types else None)
    parts = books.draw(world, account=call.platform, currency=currency, amount=amount, source_type=wanted)
    on = _available_on(world, charge)
    transaction = books.record(
        world,
        account=call.platform,
        amount=-amount,
        currency=currency,
        kind="transfer",
        source=transfer_id,
        counterpart=IN_TRANSIT,
        parts=parts,
        source_type=parts[0][0],
        description=params.get("description"),
        available_on=on,
    )
    payment = new_destination_payment(
        world, account=account["id"], transfer=transfer_id, amount=amount, currency=currency, available_on=on,
        counterpart=IN_TRANSIT,
    )  # fmt: skip
    group = params.get("transfer_group") or (charge["transfer_group"] if charge else None)
    transfer: Json = {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": transaction["id"],
        "created": world.now(),
        "currency": currency,
        "description": params.get("description"),
        "destination": account["id"],
        "destination_payment": payment["id"],
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "reversals": embedded_list([], url=f"/v1/transfers/{transfer_id}/reversals"),
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": parts[0][0],
        "transfer_group": group or (f"group_{charge['payment_intent'] or charge['id']}" if charge else None),
        "_parts": parts,
    }
    world.store.add(transfer, account=call.platform, group=transfer["transfer_group"], ref=account["id"])
    if charge is not None:
        world.store.save({**charge, "_transferred": charge["_transferred"] + amount})
    schedules.ensure_planned(world, account)
    events.record(world, "transfer.created", transfer, account=call.platform)
    return transfer


def _available_on(world: World, charge: Json | None) -> int | None:
    """Money of a pending charge is pending on the connected account until the charge is available."""
    if charge is None or not charge["balance_transaction"]:
        return None
    transaction = world.store.find(charge["balance_transaction"])
    return transaction["available_on"] if transaction else None


@room.get("/v1/transfers", "TransferListParams")
def list_transfers(call: Call) -> Json:
    params = call.params
    return list_objects(
        call,
        kind="transfer",
        url="/v1/transfers",
        group=params.get("transfer_group"),
        ref=params.get("destination"),
    )


@room.get("/v1/transfers/{transfer}", "TransferRetrieveParams")
def retrieve_transfer(call: Call) -> Json:
    return call.own("transfer", call.path["transfer"])


@room.post("/v1/transfers/{transfer}", "TransferUpdateParams")
def update_transfer(call: Call) -> Json:
    transfer, params = call.own("transfer", call.path["transfer"]), call.params
    before: Json = {}
    if "description" in params:
        before["description"], transfer["description"] = transfer["description"], params["description"]
    if "metadata" in params:
        before["metadata"] = transfer["metadata"]
        transfer["metadata"] = merge_metadata(transfer["metadata"], params["metadata"])
    call.world.store.save(transfer)
    events.record(call.world, "transfer.updated", transfer, account=call.platform, previous=before)
    return transfer
