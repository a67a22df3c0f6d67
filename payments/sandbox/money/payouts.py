"""Payouts from a Stripe balance to a bank: pending → in_transit → paid, failed or canceled, and paid may still fail.

Source: docs.stripe.com/api/payouts and docs.stripe.com/payouts#payout-failures.
"""

from payments.sandbox import books, errors, test_values
from payments.sandbox.accounts import bank_accounts, capabilities, records
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money import schedules
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_OUTSIDE = "world/banks"


@room.post("/v1/payouts", "PayoutCreateParams")
def create_payout(call: Call) -> Json:
    """A manual payout from the acting account's available balance."""
    params, world, account = call.params, call.world, records.acting(call)
    amount, currency = check_amount(params["amount"]), check_currency(params["currency"])
    if not schedules.may_pay_out(world, account):
        raise errors.refused(
            "Cannot create payouts; this account has not completed the requirements that payouts need.",
            code="payouts_not_allowed",
        )
    if params.get("method") == "instant":
        raise errors.refused(
            "Instant payouts are not supported for this bank account.", code="instant_payouts_unsupported"
        )
    bank = _destination(call, account, currency=currency)
    source_type = params.get("source_type")
    held = books.available(world, account=account["id"], currency=currency, source_type=source_type)
    if held < amount:
        raise errors.refused(
            "You have insufficient funds in your Stripe account for this transfer. Your "
            f"{(source_type or 'card').upper()} balance is too low.",
            code="balance_insufficient",
        )
    return pay_out(
        world,
        account,
        bank=bank,
        amount=amount,
        currency=currency,
        automatic=False,
        source_type=source_type,
        description=params.get("description"),
        statement_descriptor=params.get("statement_descriptor"),
        metadata=merge_metadata({}, params.get("metadata")),
    )


def _destination(call: Call, account: Json, *, currency: str) -> Json | None:
    """The bank account to pay to; a platform without one pays out to a bank that the sandbox imagines."""
    named = call.params.get("destination")
    if named is not None:
        bank = call.world.store.find(named, kind="bank_account", account=account["id"])
        if bank is None:
            raise errors.missing("external account", named, param="destination", status=400)
    else:
        bank = capabilities.bank_of(call.world, account)
    if bank is None:
        if account["object"] == "platform":
            return None
        raise errors.refused(f"Sorry, you don't have any external accounts in that currency ({currency}).")
    if bank["currency"] != currency:
        raise errors.refused(f"Sorry, you don't have any external accounts in that currency ({currency}).")
    if bank["status"] == "errored":
        raise errors.refused(
            "The bank account has failed a payout and must be replaced before it can be used again.",
            code="bank_account_unusable",
        )
    return bank


def pay_out(
    world: World,
    account: Json,
    *,
    bank: Json | None,
    amount: int,
    currency: str,
    automatic: bool,
    source_type: str | None = None,
    description: str | None = None,
    statement_descriptor: str | None = None,
    metadata: Json | None = None,
) -> Json:
    """Take the money out of the balance now and let the clock carry it to the bank.

    An automatic payout gathers the transactions that it pays out, so that they can be listed by it.
    """
    payout_id, options = world.ids.new("po"), world.options
    parts = books.draw(
        world, account=account["id"], currency=currency, amount=amount, source_type=source_type
    )
    if automatic:
        _gather(world, account["id"], currency, payout_id)
    transaction = books.record(
        world,
        account=account["id"],
        amount=-amount,
        currency=currency,
        kind="payout",
        source=payout_id,
        counterpart=_OUTSIDE,
        parts=parts,
        source_type=parts[0][0],
        description="STRIPE PAYOUT",
        payout=payout_id if automatic else None,
    )
    arrival = world.now() + options.payout_arrives_s
    payout: Json = {
        "id": payout_id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": automatic,
        "balance_transaction": transaction["id"],
        "created": world.now(),
        "currency": currency,
        "description": description or ("STRIPE PAYOUT" if automatic else None),
        "destination": bank["id"] if bank else None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": metadata or {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": parts[0][0],
        "statement_descriptor": statement_descriptor,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
        "_parts": parts,
        "_counts_as_paid": False,
    }
    world.store.add(payout, account=account["id"], ref=payout["destination"])
    world.store.schedule(at=world.now() + options.payout_moves_s, what="payout_moves", ref=payout_id)
    events.record(world, "payout.created", payout, account=account["id"])
    return payout


def _gather(world: World, account: str, currency: str, payout_id: str) -> None:
    """All that no automatic payout has taken yet, so that its list adds up to nothing: payments, and manual payouts
    with what came back of them, of which Stripe's documentation does not speak."""
    world.store.db.execute(
        "UPDATE object SET grp = ? WHERE account = ? AND kind = 'balance_transaction' AND grp IS NULL"
        " AND json_extract(body, '$.currency') = ? AND json_extract(body, '$.status') = 'available'",
        (payout_id, account, currency),
    )


def move(world: World, payout_id: str) -> None:
    """The clock's work: pending becomes in transit."""
    payout = world.store.find(payout_id, kind="payout")
    if payout is None or payout["status"] != "pending":
        return
    payout["status"] = "in_transit"
    _save(world, payout, "payout.updated", {"status": "pending"})
    world.store.schedule(at=payout["arrival_date"], what="payout_arrives", ref=payout_id)


def arrive(world: World, payout_id: str) -> None:
    """The clock's work: the bank has the money, as far as anybody knows yet."""
    payout = world.store.find(payout_id, kind="payout")
    if payout is None or payout["status"] != "in_transit":
        return
    bank = world.store.find(payout["destination"] or "", kind="bank_account")
    payout["status"], payout["trace_id"] = "paid", {"status": "supported", "value": payout_id[3:18].upper()}
    _save(world, payout, "payout.paid", {"status": "in_transit"})
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
        _save(world, payout, "payout.reconciliation_completed", {"reconciliation_status": "in_progress"})
    if bank is not None and bank["_failure"]:
        world.store.schedule(
            at=world.clock.now() + world.options.payout_bounces_s - world.options.payout_arrives_s,
            what="payout_bounces",
            ref=payout_id,
        )


def bounce(world: World, payout_id: str) -> None:
    """The clock's work: the bank sends the money back after the payout was called paid."""
    payout = world.store.find(payout_id, kind="payout")
    bank = world.store.find(payout["destination"] or "", kind="bank_account") if payout else None
    if payout is not None and payout["status"] in ("paid", "in_transit"):
        fail(world, payout, code=(bank or {}).get("_failure") or "could_not_process")


def fail(world: World, payout: Json, *, code: str) -> Json:
    """The payout fails and its money is back on the balance; the bank account is errored until replaced."""
    account = world.store.owner(payout["id"]) or ""
    transaction = _give_back(world, payout, account=account, kind="payout_failure")
    before = payout["status"]
    payout |= {
        "status": "failed",
        "failure_code": code,
        "failure_message": test_values.FAILURE_MESSAGES.get(code, "The bank could not process this payout."),
        "failure_balance_transaction": transaction["id"],
    }
    _save(world, payout, "payout.failed", {"status": before})
    bank = world.store.find(payout["destination"] or "", kind="bank_account")
    if bank is not None:
        bank_accounts.mark_errored(world, bank)
    return payout


def _give_back(world: World, payout: Json, *, account: str, kind: str) -> Json:
    """The payout's own transaction undone. The next automatic payout takes it up, and what was paid out before stays
    with the payout that failed."""
    return books.record(
        world,
        account=account,
        amount=payout["amount"],
        currency=payout["currency"],
        kind=kind,
        category="payout_reversal",
        source=payout["id"],
        counterpart=_OUTSIDE,
        parts=[(name, part) for name, part in payout["_parts"]],
        source_type=payout["source_type"],
        description="REFUND FOR PAYOUT (STRIPE PAYOUT)",
    )


def _save(world: World, payout: Json, event: str, previous: Json) -> None:
    world.store.save(payout)
    events.record(world, event, payout, account=world.store.owner(payout["id"]) or "", previous=previous)


@room.get("/v1/payouts", "PayoutListParams")
def list_payouts(call: Call) -> Json:
    params = call.params
    page = list_objects(
        call, kind="payout", url="/v1/payouts", ref=params.get("destination"), status=params.get("status")
    )
    arrival = params.get("arrival_date")
    if arrival is not None:
        bounds = arrival if isinstance(arrival, dict) else {"gte": arrival, "lte": arrival}
        fits = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
        page["data"] = [
            payout
            for payout in page["data"]
            if all(fits[name](payout["arrival_date"], bound) for name, bound in bounds.items())
        ]
    return page


@room.get("/v1/payouts/{payout}", "PayoutRetrieveParams")
def retrieve_payout(call: Call) -> Json:
    return call.own("payout", call.path["payout"])


@room.post("/v1/payouts/{payout}", "PayoutUpdateParams")
def update_payout(call: Call) -> Json:
    payout = call.own("payout", call.path["payout"])
    before = payout["metadata"]
    if "metadata" in call.params:
        payout["metadata"] = merge_metadata(before, call.params["metadata"])
    _save(call.world, payout, "payout.updated", {"metadata": before})
    return payout


@room.post("/v1/payouts/{payout}/cancel", "PayoutCancelParams")
def cancel_payout(call: Call) -> Json:
    """Only while pending, and not an automatic one."""
    payout, world = call.own("payout", call.path["payout"]), call.world
    if payout["automatic"]:
        raise errors.refused("Payouts created automatically cannot be canceled.", param="payout")
    if payout["status"] != "pending":
        raise errors.refused(
            f"Payouts can only be canceled while they are pending; this one is {payout['status']}.",
            param="payout",
        )
    transaction = _give_back(world, payout, account=call.account, kind="payout_cancel")
    payout |= {"status": "canceled", "failure_balance_transaction": transaction["id"]}
    _save(world, payout, "payout.canceled", {"status": "pending"})
    return payout


@room.post("/v1/payouts/{payout}/reverse", "PayoutReverseParams")
def reverse_payout(call: Call) -> Json:
    """Debit the bank to take a paid payout of a connected account back."""
    payout, world = call.own("payout", call.path["payout"]), call.world
    if payout["status"] != "paid" or payout["reversed_by"] or call.account == call.platform:
        raise errors.refused("This payout cannot be reversed.", param="payout")
    reversal = {
        **payout,
        "id": world.ids.new("po"),
        "amount": -payout["amount"],
        "original_payout": payout["id"],
        "status": "pending",
        "created": world.now(),
        "metadata": merge_metadata({}, call.params.get("metadata")),
        "automatic": False,
        "reconciliation_status": "not_applicable",
        "trace_id": None,
    }
    transaction = books.record(
        world,
        account=call.account,
        amount=payout["amount"],
        currency=payout["currency"],
        kind="payout",
        source=reversal["id"],
        counterpart=_OUTSIDE,
        available_on=world.now() + world.options.payout_arrives_s,
    )
    reversal["balance_transaction"] = transaction["id"]
    world.store.add(reversal, account=call.account, ref=payout["destination"])
    world.store.save({**payout, "reversed_by": reversal["id"]})
    events.record(world, "payout.created", reversal, account=call.account)
    return reversal


DUE = {"payout_moves": move, "payout_arrives": arrive, "payout_bounces": bounce}
