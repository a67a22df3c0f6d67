"""Charges: what a payment takes from a customer, what a transfer pays into a connected account, and its listing."""

from payments.sandbox import books, errors
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money.refunds import new_refund
from payments.sandbox.router import Room
from payments.sandbox.test_values import FAILURE_MESSAGES, TestPaymentMethod
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_CARDS = "world/cards"
_BANKS = "world/banks"
_ACH_LARGEST_FEE = 500


def fees_for(kind: str, amount: int) -> list[tuple[int, str]]:
    """Stripe's fee for a payment: cards 2.9 % + 30 c, ACH debits 0.8 % up to 5 USD, rounded half up."""
    if kind == "card":
        return [((amount * 29 + 500) // 1000 + 30, "Stripe processing fees")]
    if kind == "us_bank_account":
        return [(min((amount * 8 + 500) // 1000, _ACH_LARGEST_FEE), "Stripe processing fees")]
    return [(0, "Stripe processing fees")]


def blank_charge(world: World, *, charge_id: str, amount: int, currency: str) -> Json:
    """A charge with everything that Stripe shows on one, as if nothing had happened to it."""
    return {
        "id": charge_id,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": world.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": None,
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "refunds": embedded_list([], url=f"/v1/charges/{charge_id}/refunds"),
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        "_transferred": 0,
    }


def new_destination_payment(
    world: World,
    *,
    account: str,
    transfer: str,
    amount: int,
    currency: str,
    available_on: int | None,
    counterpart: str,
) -> Json:
    """The payment that a transfer makes on the connected account."""
    payment = blank_charge(world, charge_id=world.ids.new("py"), amount=amount, currency=currency)
    transaction = books.record(
        world,
        account=account,
        amount=amount,
        currency=currency,
        kind="payment",
        category="charge",
        source=payment["id"],
        counterpart=counterpart,
        available_on=available_on,
    )
    payment |= {
        "balance_transaction": transaction["id"],
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "source_transfer": transfer,
    }
    world.store.add(payment, account=account)
    events.record(world, "payment.created", payment, account=account)
    return payment


def refund_destination_payment(
    world: World, *, transfer: Json, reversal: str, amount: int, counterpart: str
) -> Json:
    """The refund on the connected account that a reversal makes."""
    account, payment = transfer["destination"], world.store.find(transfer["destination_payment"]) or {}
    refund = new_refund(world, charge=payment, amount=amount, prefix="pyr")
    transaction = books.record(
        world,
        account=account,
        amount=-amount,
        currency=transfer["currency"],
        kind="payment_refund",
        category="refund",
        source=refund["id"],
        counterpart=counterpart,
        parts=books.draw(
            world, account=account, currency=transfer["currency"], amount=amount, source_type=None
        ),
    )
    refund |= {"balance_transaction": transaction["id"], "source_transfer_reversal": reversal}
    world.store.add(refund, account=account, ref=payment["id"])
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    world.store.save(payment)
    events.record(world, "charge.refunded", payment, account=account)
    return refund


def method_details(method: TestPaymentMethod, *, amount: int) -> Json:
    """How the money was taken, as a charge shows it."""
    if method.kind == "card":
        card: Json = {
            "amount_authorized": amount,
            "authorization_code": "123456",
            "brand": method.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "sandboxcard",
            "funding": "credit",
            "installments": None,
            "last4": method.last4,
            "mandate": None,
            "network": method.brand,
            "network_token": {"used": False},
            "network_transaction_id": None,
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "wallet": None,
        }
        return {"card": card, "type": "card"}
    if method.kind == "us_bank_account":
        debit: Json = {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "fingerprint": "sandboxbank",
            "last4": method.last4,
            "payment_reference": None,
            "routing_number": "110000000",
        }
        return {"us_bank_account": debit, "type": "us_bank_account"}
    return {method.kind: {}, "type": method.kind}


def settle_charge(world: World, charge: Json, method: TestPaymentMethod, *, account: str) -> Json:
    """The money of a succeeded charge arrives on the balance, less the fee: pending or at once."""
    now, card = world.now(), method.kind == "card"
    at_once = method.available_at_once or not card
    transaction = books.record(
        world,
        account=account,
        amount=charge["amount"],
        currency=charge["currency"],
        kind="charge" if card else "payment",
        category="charge",
        source=charge["id"],
        counterpart=_CARDS if card else _BANKS,
        fees=fees_for(method.kind, charge["amount"]),
        source_type="card" if card else "bank_account",
        description=charge["description"],
        available_on=now if at_once else now + world.options.card_pending_s,
    )
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "balance_transaction": transaction["id"],
    }
    charge["outcome"] = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal" if card else "not_assessed",
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    return charge


def take_back(world: World, charge: Json, *, account: str) -> Json:
    """A debit that had succeeded fails after all: its money leaves the balance; Stripe keeps its fee.

    Source: docs.stripe.com/payments/ach-direct-debit, on payments that fail late (`payment_failure_refund`).
    """
    transaction = books.record(
        world,
        account=account,
        amount=-charge["amount"],
        currency=charge["currency"],
        kind="payment_failure_refund",
        source=charge["id"],
        counterpart=_BANKS,
        source_type="bank_account",
        description="REFUND FOR FAILED PAYMENT",
    )
    charge["failure_balance_transaction"] = transaction["id"]
    return charge


def decline_charge(charge: Json, method: TestPaymentMethod) -> Json:
    """A charge that was refused by the card's or the bank's side; no money moves."""
    code = method.failure or "card_declined"
    message = FAILURE_MESSAGES.get(code, "Your card was declined.")
    if method.decline == "insufficient_funds":
        message = "Your card has insufficient funds."
    charge |= {
        "status": "failed",
        "paid": False,
        "captured": method.kind != "card",
        "amount_captured": 0,
        "failure_code": code,
        "failure_message": message,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network",
            "reason": method.decline or code,
            "risk_level": "normal" if method.kind == "card" else "not_assessed",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
    }
    return charge


@room.get("/v1/charges", "ChargeListParams")
def list_charges(call: Call) -> Json:
    params = call.params
    return list_objects(
        call,
        kind="charge",
        url="/v1/charges",
        group=params.get("transfer_group"),
        ref=params.get("payment_intent"),
        customer=params.get("customer"),
    )


@room.get("/v1/charges/{charge}", "ChargeRetrieveParams")
def retrieve_charge(call: Call) -> Json:
    return call.own("charge", call.path["charge"])


@room.post("/v1/charges/{charge}", "ChargeUpdateParams")
def update_charge(call: Call) -> Json:
    charge, params, world = call.own("charge", call.path["charge"]), call.params, call.world
    before: Json = {}
    for name in ("description", "receipt_email"):
        if name in params:
            before[name], charge[name] = charge[name], params[name]
    if "metadata" in params:
        before["metadata"] = charge["metadata"]
        charge["metadata"] = merge_metadata(charge["metadata"], params["metadata"])
    if "transfer_group" in params:
        if charge["transfer_group"] not in (None, params["transfer_group"]):
            raise errors.refused("The transfer group of this charge is already set.", param="transfer_group")
        charge["transfer_group"] = params["transfer_group"]
    world.store.save(charge, group=charge["transfer_group"])
    events.record(world, "charge.updated", charge, account=call.account, previous=before)
    return charge
