"""Controls for money: paying a checkout, failing a payout, disputing a charge, adding funds, and the books."""

from payments.sandbox import books, errors
from payments.sandbox.clock import rfc3339
from payments.sandbox.controls.registry import Controls, named_object
from payments.sandbox.engine import Engine
from payments.sandbox.errors import ApiError
from payments.sandbox.expand import public
from payments.sandbox.money import checkout, disputes, payment_intents, payouts, refunds, reversals
from payments.sandbox.wire import Json

controls = Controls()


@controls.add("GET", "books")
def show_books(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    """Every transfer, payout, top-up and balance, and whether the books balance."""
    with sandbox.lock:
        world, store = sandbox.world, sandbox.world.store
        balances: dict[str, Json] = {}
        for (account,) in store.db.execute(
            "SELECT DISTINCT account FROM object WHERE kind = 'balance_transaction'"
        ):
            balances[account] = {
                state: {
                    currency: sum(by_type.values())
                    for currency, by_type in books.held(world, account=account, state=state).items()
                }
                for state in ("available", "pending")
            }
        problems = books.problems(world)
        return {
            "ok": not problems,
            "problems": problems,
            "now": rfc3339(world.clock.now()),
            "transfers": [_transfer_line(t) for t in store.select("kind = 'transfer'")],
            "payouts": [
                {"account": store.owner(p["id"]), **_payout_line(p)} for p in store.select("kind = 'payout'")
            ],
            "topups": [public(topup) for topup in store.select("kind = 'topup'")],
            "charges": [
                {"account": store.owner(c["id"]), "id": c["id"], "amount": c["amount"], "status": c["status"]}
                for c in store.select("kind = 'charge' AND json_extract(body, '$.source_transfer') IS NULL")
            ],
            "balances": balances,
        }


def _transfer_line(transfer: Json) -> Json:
    names = ("id", "amount", "currency", "destination", "destination_payment", "transfer_group", "metadata",
             "reversed", "amount_reversed", "created", "description")  # fmt: skip
    return {name: transfer[name] for name in names}


def _payout_line(payout: Json) -> Json:
    names = (
        "id",
        "amount",
        "currency",
        "status",
        "automatic",
        "destination",
        "failure_code",
        "created",
        "arrival_date",
    )
    return {name: payout[name] for name in names}


@controls.add("POST", "checkout/{session}/pay")
def pay_checkout(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Pay a Checkout session with a test payment method; a decline is answered as Stripe words it."""
    with sandbox.lock, sandbox.transaction():
        session = named_object(sandbox, holes["session"], "checkout.session")
        try:
            return public(
                checkout.pay_session(
                    sandbox.world, session, named=str(body.get("payment_method", "pm_card_bypassPending"))
                )
            )
        except ApiError as refusal:
            if refusal.keeps_effects:
                return refusal.document()
            raise


@controls.add("POST", "payments/{intent}/{verb}")
def end_payment(sandbox: Engine, holes: dict[str, str], _: Json) -> Json:
    """What the customer's bank does to one payment, whatever the clock says: its money becomes `available` (a debit that
    is processing clears first), or the debit `fail`s, also after it had succeeded."""
    with sandbox.lock, sandbox.transaction():
        world, intent = sandbox.world, named_object(sandbox, holes["intent"], "payment_intent")
        if holes["verb"] == "available":
            payment_intents.clear_debit(world, intent["id"])
            charge = named_object(sandbox, named_charge(sandbox, intent), "charge")
            books.make_available(world, charge["balance_transaction"])
        elif holes["verb"] == "fail":
            payment_intents.fail_debit(world, intent["id"])
        else:
            raise ValueError("A payment can be: available, fail.")
        return public(named_object(sandbox, intent["id"], "payment_intent"))


def named_charge(sandbox: Engine, intent: Json) -> str:
    """The charge of a payment, read anew."""
    return str(named_object(sandbox, intent["id"], "payment_intent")["latest_charge"])


@controls.add("POST", "payouts/{payout}/fail")
def fail_payout(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Let a payout fail now, whatever its bank account; `code` says why."""
    with sandbox.lock, sandbox.transaction():
        payout = named_object(sandbox, holes["payout"], "payout")
        if payout["status"] in ("failed", "canceled"):
            raise ValueError(f"This payout is {payout['status']}.")
        return public(payouts.fail(sandbox.world, payout, code=str(body.get("code", "could_not_process"))))


@controls.add("POST", "charges/{charge}/dispute")
def dispute_charge(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Have the customer's bank dispute a payment now, `amount` of it or all, or only ask about it: `inquiry`."""
    with sandbox.lock, sandbox.transaction():
        world, charge = sandbox.world, named_object(sandbox, holes["charge"], "charge")
        amount = int(body["amount"]) if "amount" in body else charge["amount"]
        inquiry = bool(body.get("inquiry", False))
        if charge["status"] != "succeeded" or any(
            dispute["status"] != "warning_closed" for dispute in disputes.disputes_of(world, charge)
        ):
            raise ValueError("Only a charge that succeeded and is not disputed yet can be disputed.")
        if not 0 < amount <= charge["amount"]:
            raise ValueError(f"Between 1 and {charge['amount']} of this charge can be disputed.")
        if inquiry and charge["payment_method_details"]["type"] != "card":
            raise ValueError("Banks inquire about card payments only.")
        return disputes.open_dispute(
            world,
            charge,
            account=world.store.owner(charge["id"]) or "",
            reason=str(body.get("reason", "fraudulent")),
            amount=amount,
            inquiry=inquiry,
        )


@controls.add("POST", "charges/{charge}/refund")
def refund_charge(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Give a payment back at Stripe's dashboard, `amount` of it or all that is left."""
    with sandbox.lock, sandbox.transaction():
        world, charge = sandbox.world, named_object(sandbox, holes["charge"], "charge")
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(body.get("amount", left))
        if charge["status"] != "succeeded" or not 0 < amount <= left:
            raise ValueError(f"Between 1 and {left} of this charge can be given back.")
        account = world.store.owner(charge["id"]) or ""
        return public(refunds.refund(world, charge, account=account, amount=amount, reason=None))


@controls.add("POST", "transfers/{transfer}/reverse")
def reverse_transfer(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Take a transfer back at Stripe's dashboard, `amount` of it or all that is left, whatever the account holds."""
    with sandbox.lock, sandbox.transaction():
        world, transfer = sandbox.world, named_object(sandbox, holes["transfer"], "transfer")
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = int(body.get("amount", left))
        if not 0 < amount <= left:
            raise ValueError(f"Between 1 and {left} of this transfer can be taken back.")
        return public(reversals.reverse(world, transfer, amount=amount))


_DISPUTE_ENDS = {"win": "won", "lose": "lost", "close": "warning_closed"}


@controls.add("POST", "disputes/{dispute}/{verb}")
def decide_dispute(sandbox: Engine, holes: dict[str, str], _: Json) -> Json:
    """What the bank does: win or lose a chargeback, escalate or close an inquiry."""
    verb = holes["verb"]
    if verb != "escalate" and verb not in _DISPUTE_ENDS:
        raise ValueError(f"A dispute can be: escalate, {', '.join(_DISPUTE_ENDS)}.")
    with sandbox.lock, sandbox.transaction():
        dispute = named_object(sandbox, holes["dispute"], "dispute")
        if verb == "escalate":
            return disputes.escalate(sandbox.world, dispute)
        return disputes.end(sandbox.world, dispute, status=_DISPUTE_ENDS[verb])


@controls.add("POST", "balance")
def add_funds(sandbox: Engine, _: dict[str, str], body: Json) -> Json:
    """Put money on an account's available balance at once: account, amount (minor units), currency, source_type."""
    account, amount = str(body["account"]), int(body["amount"])
    with sandbox.lock, sandbox.transaction():
        if sandbox.world.store.owner(account) is None:
            raise errors.missing("account", account)
        return public(
            books.record(
                sandbox.world,
                account=account,
                amount=amount,
                currency=str(body.get("currency", "usd")),
                kind="adjustment",
                category="other_adjustment",
                source=account,
                counterpart="world/banks",
                source_type=str(body.get("source_type", "card")),
                description="Added by the sandbox's controls",
            )
        )
