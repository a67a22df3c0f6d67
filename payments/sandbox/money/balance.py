"""The balance, its transactions and its settings. Source: docs.stripe.com/api/balance."""

from payments.sandbox import books, errors
from payments.sandbox.accounts import records
from payments.sandbox.lists import list_objects
from payments.sandbox.money import schedules
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()


@room.get("/v1/balance", "BalanceRetrieveParams")
def retrieve_balance(call: Call) -> Json:
    """Available and pending money by currency, split by source type."""
    return show_balance(call.world, records.acting(call))


def show_balance(world: World, account: Json) -> Json:
    balance: Json = {"object": "balance"}
    for state in ("available", "pending"):
        by_currency = books.held(world, account=account["id"], state=state)
        by_currency.setdefault(account["currency"], {"card": 0})
        balance[state] = [
            {"amount": sum(by_type.values()), "currency": currency, "source_types": by_type or {"card": 0}}
            for currency, by_type in sorted(by_currency.items())
        ]
    if account["object"] == "platform":
        balance["connect_reserved"] = [{"amount": 0, "currency": account["currency"]}]
    balance["livemode"] = False
    balance["refund_and_dispute_prefunding"] = {"available": [], "pending": []}
    return balance


def become_available(world: World, transaction_id: str) -> None:
    """The clock's work on `available_on`."""
    owner = books.make_available(world, transaction_id)
    account = world.store.find(owner) if owner else None
    if account is not None:
        events.record(world, "balance.available", show_balance(world, account), account=account["id"])


@room.get("/v1/balance_transactions", "BalanceTransactionListParams")
def list_transactions(call: Call) -> Json:
    """By `payout`, `source`, `type`, `currency`, `created`. A payout's list is what it paid out, itself included.

    Only of automatic payouts does Stripe know what they paid out.
    """
    params = call.params
    _check_automatic(call, params.get("payout"))
    return list_objects(
        call,
        kind="balance_transaction",
        url="/v1/balance_transactions",
        group=params.get("payout"),
        ref=params.get("source"),
        type=params.get("type"),
        currency=params.get("currency"),
    )


def _check_automatic(call: Call, payout_id: str | None) -> None:
    if payout_id is None:
        return
    payout = call.world.store.find(payout_id, kind="payout", account=call.account)
    if payout is None:
        raise errors.missing("payout", payout_id, param="payout", status=400)
    if not payout["automatic"]:
        raise errors.refused(
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
            param="payout",
        )


@room.get("/v1/balance_transactions/{id}", "BalanceTransactionRetrieveParams")
def retrieve_transaction(call: Call) -> Json:
    return call.own("balance_transaction", call.path["id"], name="balance transaction")


@room.get("/v1/balance_settings", "BalanceSettingsRetrieveParams")
def retrieve_settings(call: Call) -> Json:
    return show_settings(call.world, records.acting(call))


@room.post("/v1/balance_settings", "BalanceSettingsUpdateParams")
def update_settings(call: Call) -> Json:
    """The payout schedule and what is kept back. Weekly and monthly schedules need their days."""
    account, world = records.acting(call), call.world
    payments = call.params.get("payments") or {}
    payouts = payments.get("payouts") or {}
    if "schedule" in payouts:
        account["schedule"] = _read_schedule(payouts["schedule"], account["schedule"])
    minimum = payouts.get("minimum_balance_by_currency")
    if minimum is not None:
        account["minimum_balance"] = (
            {}
            if minimum == ""
            else {**account["minimum_balance"], **{k: int(v or 0) for k, v in minimum.items()}}
        )
    if "statement_descriptor" in payouts:
        account["statement_descriptor"] = payouts["statement_descriptor"]
    if "debit_negative_balances" in payments:
        account["debit_negative_balances"] = payments["debit_negative_balances"]
    world.store.save(account)
    schedules.plan_next_payout(world, account)
    shown = show_settings(world, account)
    events.record(world, "balance_settings.updated", shown, account=account["id"], previous={})
    return shown


def _read_schedule(given: Json, before: Json) -> Json:
    schedule = (
        {**before, **given}
        if given.get("interval", before["interval"]) == before["interval"]
        else dict(given)
    )
    needs = {"weekly": "weekly_payout_days", "monthly": "monthly_payout_days"}.get(schedule["interval"])
    if needs and not schedule.get(needs):
        raise errors.invalid(
            f"Missing required param: payments[payouts][schedule][{needs}].",
            param=f"payments[payouts][schedule][{needs}]",
            code="parameter_missing",
        )
    return {name: schedule[name] for name in ("interval", needs) if name}


def show_settings(world: World, account: Json) -> Json:
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": account["debit_negative_balances"],
            "payouts": {
                "minimum_balance_by_currency": account["minimum_balance"],
                "schedule": account["schedule"],
                "statement_descriptor": account["statement_descriptor"],
                "status": "enabled" if schedules.may_pay_out(world, account) else "disabled",
            },
            "settlement_timing": {"delay_days": 2},
        },
    }


DUE = {"funds_available": become_available}
