"""The cash that a customer holds with Stripe."""

from payments.sandbox.lists import list_objects
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()


@room.get("/v1/customers/{customer}/cash_balance", "CustomerCashBalanceRetrieveParams")
def retrieve_cash_balance(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    return {
        "object": "cash_balance",
        "available": customer["_cash"] or None,
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


@room.get("/v1/customers/{customer}/cash_balance_transactions", "CustomerCashBalanceTransactionListParams")
def list_cash_transactions(call: Call) -> Json:
    customer = call.own("customer", call.path["customer"])
    url = f"/v1/customers/{customer['id']}/cash_balance_transactions"
    return list_objects(call, kind="customer_cash_balance_transaction", url=url, ref=customer["id"])


def move_cash(world: World, customer: Json, *, amount: int, currency: str, kind: str, details: Json) -> Json:
    """Add to a customer's cash (or take from it, negative) and keep the transaction."""
    account = world.store.owner(customer["id"]) or ""
    customer["_cash"][currency] = customer["_cash"].get(currency, 0) + amount
    world.store.save(customer)
    transaction: Json = {
        "id": world.ids.new("ccsbtxn"),
        "object": "customer_cash_balance_transaction",
        "created": world.now(),
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "ending_balance": customer["_cash"][currency],
        "livemode": False,
        "net_amount": amount,
        "type": kind,
        kind: details,
    }
    world.store.add(transaction, account=account, ref=customer["id"])
    events.record(world, "customer_cash_balance_transaction.created", transaction, account=account)
    return transaction
