"""Top-ups: pulling money from the platform's own bank into its balance. Source: docs.stripe.com/connect/top-ups."""

from payments.sandbox import books, errors, test_values
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()


@room.post("/v1/topups", "TopupCreateParams")
def create_topup(call: Call) -> Json:
    """Pending until the bank has paid, then on the available balance; the test tokens make it fail instead."""
    params, world = call.params, call.world
    amount, currency = check_amount(params["amount"]), check_currency(params["currency"])
    if call.account != call.platform:
        raise errors.refused("Only the platform can be topped up.")
    token = params.get("source")
    if token is not None and test_values.bank_of_token(token) is None:
        raise errors.missing("source", token, param="source", status=400)
    failure = test_values.topup_failure(token or "")
    at = world.now() + world.options.topup_clears_s
    topup: Json = {
        "id": world.ids.new("tu"),
        "object": "topup",
        "amount": amount,
        "balance_transaction": None,
        "created": world.now(),
        "currency": currency,
        "description": params.get("description"),
        "expected_availability_date": at,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": params.get("transfer_group"),
        "_failure": failure,
    }
    world.store.add(topup, account=call.account, group=topup["transfer_group"])
    world.store.schedule(at=at, what="topup_clears", ref=topup["id"])
    events.record(world, "topup.created", topup, account=call.account)
    return topup


def clear(world: World, topup_id: str) -> None:
    """The clock's work: the bank has paid, or has refused."""
    topup = world.store.find(topup_id, kind="topup")
    account = world.store.owner(topup_id)
    if topup is None or account is None or topup["status"] != "pending":
        return
    if topup["_failure"]:
        code = topup["_failure"]
        topup |= {
            "status": "failed",
            "failure_code": code,
            "failure_message": test_values.FAILURE_MESSAGES[code],
        }
        world.store.save(topup)
        events.record(world, "topup.failed", topup, account=account, previous={"status": "pending"})
        return
    transaction = books.record(
        world,
        account=account,
        amount=topup["amount"],
        currency=topup["currency"],
        kind="topup",
        source=topup_id,
        counterpart="world/banks",
        source_type="bank_account",
        description=topup["description"],
    )
    topup |= {"status": "succeeded", "balance_transaction": transaction["id"]}
    world.store.save(topup)
    events.record(world, "topup.succeeded", topup, account=account, previous={"status": "pending"})


@room.get("/v1/topups", "TopupListParams")
def list_topups(call: Call) -> Json:
    return list_objects(call, kind="topup", url="/v1/topups", status=call.params.get("status"))


@room.get("/v1/topups/{topup}", "TopupRetrieveParams")
def retrieve_topup(call: Call) -> Json:
    return call.own("topup", call.path["topup"])


@room.post("/v1/topups/{topup}", "TopupUpdateParams")
def update_topup(call: Call) -> Json:
    topup, params = call.own("topup", call.path["topup"]), call.params
    if "description" in params:
        topup["description"] = params["description"]
    if "metadata" in params:
        topup["metadata"] = merge_metadata(topup["metadata"], params["metadata"])
    return call.world.store.save(topup)


@room.post("/v1/topups/{topup}/cancel", "TopupCancelParams")
def cancel_topup(call: Call) -> Json:
    """Only while pending."""
    topup = call.own("topup", call.path["topup"])
    if topup["status"] != "pending":
        raise errors.refused(
            f"Top-up {topup['id']} is {topup['status']} and cannot be canceled.", param="topup"
        )
    topup["status"] = "canceled"
    call.world.store.save(topup)
    events.record(call.world, "topup.canceled", topup, account=call.account, previous={"status": "pending"})
    return topup


DUE = {"topup_clears": clear}
