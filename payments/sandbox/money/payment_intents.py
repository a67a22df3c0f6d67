"""PaymentIntents: taking a payment by card or bank debit, with everything that the test methods make happen."""

from dataclasses import replace

from payments.sandbox import errors
from payments.sandbox.expand import public
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money import disputes
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.money.charges import (
    blank_charge,
    decline_charge,
    method_details,
    settle_charge,
    take_back,
)
from payments.sandbox.money.invoice_payments import note_payment
from payments.sandbox.money.payment_methods import use_method
from payments.sandbox.router import Room
from payments.sandbox.test_values import PAYMENT_METHODS, TestPaymentMethod
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_SMALLEST = 50
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_FREE_FIELDS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")


@room.post("/v1/payment_intents", "PaymentIntentCreateParams")
def create_intent(call: Call) -> Json:
    """Create, and with `confirm` take the money in the same request."""
    params, world = call.params, call.world
    intent = new_intent(
        world,
        account=call.account,
        amount=check_amount(params["amount"]),
        currency=check_currency(params["currency"]),
        methods=params.get("allowed_payment_method_types") or ["card", "us_bank_account"],
        customer=params.get("customer"),
        metadata=merge_metadata({}, params.get("metadata")),
        transfer_group=params.get("transfer_group"),
        fields={name: params[name] for name in _FREE_FIELDS if name in params},
    )
    if "payment_method" in params:
        document, _ = use_method(world, account=call.account, named=params["payment_method"])
        intent |= {"payment_method": document["id"], "status": "requires_confirmation"}
        world.store.save(intent)
    if params.get("confirm"):
        return confirm(world, intent, account=call.account)
    return intent


def new_intent(
    world: World,
    *,
    account: str,
    amount: int,
    currency: str,
    methods: list[str],
    customer: str | None = None,
    metadata: Json | None = None,
    transfer_group: str | None = None,
    fields: Json | None = None,
) -> Json:
    """Keep a new PaymentIntent that waits for a payment method."""
    if amount < _SMALLEST:
        raise errors.refused("Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
    intent_id = world.ids.new("pi")
    intent: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{intent_id}_secret_{world.ids.secret('s')[2:]}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": methods,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": transfer_group,
        **(fields or {}),
    }
    world.store.add(intent, account=account, group=transfer_group, ref=customer)
    events.record(world, "payment_intent.created", intent, account=account)
    return intent


def confirm(world: World, intent: Json, *, account: str, named: str | None = None) -> Json:
    """Take the money. Cards answer at once; a bank debit is processing until it clears.

    Raises card_error (402) on a declined card; the failed charge stays.
    """
    if intent["status"] not in _CONFIRMABLE:
        raise _unexpected_state(intent, "confirm")
    document, method = use_method(world, account=account, named=named or intent["payment_method"] or "")
    if method.kind not in intent["payment_method_types"]:
        raise errors.refused(
            f"The PaymentMethod provided ({method.kind}) is not allowed for this PaymentIntent. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    charge = _charge_of(world, intent, method, document)
    intent |= {"payment_method": document["id"], "latest_charge": charge["id"], "last_payment_error": None}
    if method.kind == "us_bank_account":
        return _start_debit(world, intent, charge, method, account=account)
    if method.failure:
        return _decline(world, intent, charge, method, account=account, document=document)
    world.store.add(charge, account=account, group=charge["transfer_group"], ref=intent["id"])
    return succeed(world, intent, charge, method, account=account)


def _charge_of(world: World, intent: Json, method: TestPaymentMethod, document: Json) -> Json:
    prefix = "ch" if method.kind == "card" else "py"
    charge = blank_charge(
        world, charge_id=world.ids.new(prefix), amount=intent["amount"], currency=intent["currency"]
    )
    for name in ("customer", "metadata", "transfer_group", *_FREE_FIELDS):
        charge[name] = intent[name]
    return charge | {
        "payment_intent": intent["id"],
        "payment_method": document["id"],
        "payment_method_details": method_details(method, amount=intent["amount"]),
        "_test": document["_test"],
    }


def _start_debit(
    world: World, intent: Json, charge: Json, method: TestPaymentMethod, *, account: str
) -> Json:
    charge |= {"status": "pending", "paid": False, "captured": True}
    intent |= {"status": "processing", "processing": None}
    world.store.add(charge, account=account, group=charge["transfer_group"], ref=intent["id"])
    world.store.save(intent)
    if not method.stays_processing:
        world.store.schedule(
            at=world.now() + world.options.ach_clears_s, what="debit_clears", ref=intent["id"]
        )
    events.record(world, "charge.pending", charge, account=account)
    events.record(world, "payment_intent.processing", intent, account=account)
    return intent


def clear_debit(world: World, intent_id: str) -> None:
    """The clock's work: the customer's bank has paid, or has refused."""
    intent = world.store.find(intent_id, kind="payment_intent")
    account = world.store.owner(intent_id)
    charge = world.store.find(intent["latest_charge"], kind="charge") if intent else None
    if intent is None or charge is None or account is None or intent["status"] != "processing":
        return
    method = PAYMENT_METHODS[charge["_test"]]
    if not method.failure:
        succeed(world, intent, charge, method, account=account)
        return
    _bounce(world, intent, charge, method, account=account)


def _bounce(world: World, intent: Json, charge: Json, method: TestPaymentMethod, *, account: str) -> None:
    decline_charge(charge, method)
    world.store.save(charge)
    _note_failure(world, intent, charge, method, account=account)
    tell_checkout(world, intent, "checkout.session.async_payment_failed", paid=False)


def fail_debit(world: World, intent_id: str) -> None:
    """The customer's bank refuses a debit, before it cleared or days after: then its money leaves the balance again."""
    intent = world.store.find(intent_id, kind="payment_intent")
    account = world.store.owner(intent_id)
    charge = world.store.find(intent["latest_charge"], kind="charge") if intent else None
    if intent is None or charge is None or account is None:
        return
    method = replace(PAYMENT_METHODS[charge["_test"]], failure="insufficient_funds")
    if intent["status"] == "processing":
        _bounce(world, intent, charge, method, account=account)
    elif intent["status"] == "succeeded" and method.kind != "card":
        take_back(world, charge, account=account)
        decline_charge(charge, method)
        world.store.save(charge)
        _note_failure(world, intent, charge, method, account=account)
    else:
        raise ValueError(f"A {method.kind} payment that is {intent['status']} cannot fail.")


def succeed(world: World, intent: Json, charge: Json, method: TestPaymentMethod, *, account: str) -> Json:
    """The charge's money arrives; a disputed test method is disputed right after."""
    delayed = charge["status"] == "pending"
    settle_charge(world, charge, method, account=account)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    world.store.save(charge)
    world.store.save(intent)
    events.record(world, "charge.succeeded", charge, account=account)
    events.record(world, "charge.updated", charge, account=account, previous={"balance_transaction": None})
    events.record(world, "payment_intent.succeeded", intent, account=account)
    if delayed:
        tell_checkout(world, intent, "checkout.session.async_payment_succeeded", paid=True)
    note_payment(world, intent, paid=True)
    if method.disputed:
        disputes.open_dispute(world, charge, account=account, reason=method.disputed, inquiry=method.inquiry)
    return intent


def _decline(
    world: World, intent: Json, charge: Json, method: TestPaymentMethod, *, account: str, document: Json
) -> Json:
    decline_charge(charge, method)
    world.store.add(charge, account=account, group=charge["transfer_group"], ref=intent["id"])
    _note_failure(world, intent, charge, method, account=account)
    raise errors.ApiError(
        charge["failure_message"],
        status=402,
        kind="card_error",
        code=method.failure,
        keeps_effects=True,
        extra={
            "charge": charge["id"],
            "decline_code": method.decline,
            "payment_intent": public(intent),
            "payment_method": public(document),
        },
    )


def _note_failure(
    world: World, intent: Json, charge: Json, method: TestPaymentMethod, *, account: str
) -> None:
    """The intent waits for another payment method."""
    document = world.store.find(charge["payment_method"]) or {}
    problem: Json = {
        "charge": charge["id"],
        "code": method.failure,
        "message": charge["failure_message"],
        "payment_method": public(document),
        "type": "card_error" if method.kind == "card" else "invalid_request_error",
    }
    if method.decline:
        problem["decline_code"] = method.decline
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": problem}
    world.store.save(intent)
    events.record(world, "charge.failed", charge, account=account)
    events.record(world, "payment_intent.payment_failed", intent, account=account)
    note_payment(world, intent, paid=False)


def tell_checkout(world: World, intent: Json, event: str, *, paid: bool) -> None:
    """The Checkout session of a debit learns how it ended."""
    for session in world.store.select("ref = ? AND kind = 'checkout.session'", (intent["id"],)):
        if session["status"] == "complete":
            session["payment_status"] = "paid" if paid else "unpaid"
            world.store.save(session)
            events.record(world, event, session, account=world.store.owner(session["id"]) or "")


def _unexpected_state(intent: Json, verb: str) -> errors.ApiError:
    return errors.ApiError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": public(intent)},
    )


@room.post("/v1/payment_intents/{intent}/confirm", "PaymentIntentConfirmParams")
def confirm_intent(call: Call) -> Json:
    intent = call.own("payment_intent", call.path["intent"])
    return confirm(call.world, intent, account=call.account, named=call.params.get("payment_method"))


@room.post("/v1/payment_intents/{intent}/cancel", "PaymentIntentCancelParams")
def cancel_intent(call: Call) -> Json:
    intent = call.own("payment_intent", call.path["intent"])
    if not may_be_canceled(intent):
        raise _unexpected_state(intent, "cancel")
    return cancel(call.world, intent, account=call.account, reason=call.params.get("cancellation_reason"))


def may_be_canceled(intent: Json) -> bool:
    """While no money is on its way."""
    return intent["status"] in _CONFIRMABLE


def cancel(world: World, intent: Json, *, account: str, reason: str | None) -> Json:
    """Cancel it and tell of it."""
    intent |= {"status": "canceled", "canceled_at": world.now(), "cancellation_reason": reason}
    world.store.save(intent)
    events.record(world, "payment_intent.canceled", intent, account=account)
    return intent


@room.get("/v1/payment_intents", "PaymentIntentListParams")
def list_intents(call: Call) -> Json:
    return list_objects(
        call, kind="payment_intent", url="/v1/payment_intents", ref=call.params.get("customer")
    )


@room.get("/v1/payment_intents/{intent}", "PaymentIntentRetrieveParams")
def retrieve_intent(call: Call) -> Json:
    return call.own("payment_intent", call.path["intent"])


@room.post("/v1/payment_intents/{intent}", "PaymentIntentUpdateParams")
def update_intent(call: Call) -> Json:
    """While it waits for its payment."""
    intent, params, world = call.own("payment_intent", call.path["intent"]), call.params, call.world
    if "amount" in params or "currency" in params:
        if intent["status"] not in _CONFIRMABLE:
            raise _unexpected_state(intent, "update the amount of")
        intent["amount"] = check_amount(int(params.get("amount") or intent["amount"]))
        intent["currency"] = check_currency(str(params.get("currency", intent["currency"])))
    for name in (*_FREE_FIELDS, "transfer_group"):
        if name in params:
            intent[name] = params[name]
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    if "payment_method" in params:
        document, _ = use_method(world, account=call.account, named=params["payment_method"])
        intent |= {"payment_method": document["id"], "status": "requires_confirmation"}
    return world.store.save(intent, group=intent["transfer_group"])


DUE = {"debit_clears": clear_debit}
