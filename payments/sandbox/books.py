"""The sandbox's own double-entry books: every balance transaction is an entry whose postings add up to nothing.

A ledger is named `account/available/card`, `account/pending/bank_account`, `stripe/fees`, or, for money that comes
from or goes to the outside, `world/…`. Amounts are whole minor units.
"""

from collections.abc import Sequence

from payments.sandbox.wire import Json
from payments.sandbox.world import World

SOURCE_TYPES = ("card", "bank_account", "fpx")


def bucket(account: str, state: str, source_type: str) -> str:
    """The ledger of an account's available or pending money of one source type."""
    return f"{account}/{state}/{source_type}"


def post(world: World, *, entry: str, currency: str, legs: Sequence[tuple[str, int]]) -> None:
    """Write one entry; raises AssertionError when its legs do not balance, which is a bug of the sandbox."""
    if sum(amount for _, amount in legs) != 0:
        raise AssertionError(f"Entry {entry} does not balance: {legs}")
    db = world.store.db
    db.executemany(
        "INSERT INTO posting (entry, ledger, currency, amount) VALUES (?, ?, ?, ?)",
        [(entry, ledger, currency, amount) for ledger, amount in legs],
    )
    db.executemany(
        "INSERT INTO balance (ledger, currency, amount) VALUES (?, ?, ?)"
        " ON CONFLICT (ledger, currency) DO UPDATE SET amount = amount + excluded.amount",
        [(ledger, currency, amount) for ledger, amount in legs],
    )


def held(world: World, *, account: str, state: str) -> dict[str, dict[str, int]]:
    """What an account has, `available` or `pending`: currency → source type → amount."""
    prefix = f"{account}/{state}/"
    rows = world.store.db.execute(
        "SELECT ledger, currency, amount FROM balance WHERE ledger >= ? AND ledger < ?",
        (prefix, prefix + "~"),
    )
    amounts: dict[str, dict[str, int]] = {}
    for ledger, currency, amount in rows:
        amounts.setdefault(currency, {})[ledger.removeprefix(prefix)] = amount
    return amounts


def available(world: World, *, account: str, currency: str, source_type: str | None = None) -> int:
    """Money that can leave the account now, of one source type or of all."""
    by_type = held(world, account=account, state="available").get(currency, {})
    return by_type.get(source_type, 0) if source_type else sum(by_type.values())


def draw(
    world: World, *, account: str, currency: str, amount: int, source_type: str | None
) -> list[tuple[str, int]]:
    """From which source types `amount` is taken: one that holds it all if there is one, else card first."""
    if source_type is not None:
        return [(source_type, amount)]
    by_type = held(world, account=account, state="available").get(currency, {})
    for kind in SOURCE_TYPES:
        if by_type.get(kind, 0) >= amount:
            return [(kind, amount)]
    parts, rest = [], amount
    for kind in SOURCE_TYPES:
        part = min(rest, max(0, by_type.get(kind, 0)))
        if part:
            parts.append((kind, part))
            rest -= part
    if rest:
        parts.append(("card", rest))
    return parts


def record(
    world: World,
    *,
    account: str,
    amount: int,
    currency: str,
    kind: str,
    source: str,
    counterpart: str,
    category: str | None = None,
    fees: Sequence[tuple[int, str]] = (),
    parts: Sequence[tuple[str, int]] | None = None,
    source_type: str = "card",
    description: str | None = None,
    available_on: int | None = None,
    payout: str | None = None,
) -> Json:
    """Write a balance transaction and its entry, and return the transaction.

    `amount` is gross and signed as the account sees it; `fees` are (amount, description) that Stripe keeps.
    `parts` splits the amount over source types. With `available_on` in the future the money is pending until then.
    """
    now = world.now()
    fee = sum(part for part, _ in fees)
    pending = available_on is not None and available_on > now
    transaction: Json = {
        "id": world.ids.new("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on if available_on is not None else now,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": part,
                "application": None,
                "currency": currency,
                "description": text,
                "type": "stripe_fee",
            }
            for part, text in fees
        ],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": "pending" if pending else "available",
        "type": kind,
        "_source_type": source_type,
    }
    state = "pending" if pending else "available"
    sign = -1 if amount < 0 else 1
    split = [(name, sign * part) for name, part in parts] if parts else [(source_type, amount)]
    legs = [(bucket(account, state, name), part) for name, part in split] + [(counterpart, -amount)]
    if fee:
        legs += [(bucket(account, state, split[0][0]), -fee), ("stripe/fees", fee)]
    post(world, entry=transaction["id"], currency=currency, legs=legs)
    world.store.add(transaction, account=account, group=payout, ref=source)
    if pending:
        world.store.schedule(at=transaction["available_on"], what="funds_available", ref=transaction["id"])
    return transaction


def make_available(world: World, transaction_id: str) -> str | None:
    """Pending money becomes available; the account whose it is, None when there was nothing to do."""
    transaction = world.store.find(transaction_id, kind="balance_transaction")
    account = world.store.owner(transaction_id)
    if transaction is None or account is None or transaction["status"] != "pending":
        return None
    name, net = transaction["_source_type"], transaction["net"]
    post(
        world,
        entry=transaction_id,
        currency=transaction["currency"],
        legs=[(bucket(account, "pending", name), -net), (bucket(account, "available", name), net)],
    )
    world.store.save({**transaction, "status": "available"})
    return account


def problems(world: World) -> list[str]:
    """What is wrong with the books, one sentence each; empty when all is well."""
    db, found = world.store.db, []
    for entry, currency, total in db.execute(
        "SELECT entry, currency, SUM(amount) FROM posting GROUP BY entry, currency HAVING SUM(amount) <> 0"
    ):
        found.append(f"entry {entry} is off by {total} {currency}")
    for ledger, currency, kept, summed in db.execute(
        "SELECT b.ledger, b.currency, b.amount, COALESCE(SUM(p.amount), 0) FROM balance b"
        " LEFT JOIN posting p ON p.ledger = b.ledger AND p.currency = b.currency"
        " GROUP BY b.ledger, b.currency HAVING b.amount <> COALESCE(SUM(p.amount), 0)"
    ):
        found.append(f"ledger {ledger} keeps {kept} {currency} but its postings add up to {summed}")
    for account, currency, net in db.execute(
        "SELECT account, json_extract(body, '$.currency'), SUM(json_extract(body, '$.net')) FROM object"
        " WHERE kind = 'balance_transaction' GROUP BY 1, 2"
    ):
        held_now = sum(
            sum(held(world, account=account, state=state).get(currency, {}).values())
            for state in ("available", "pending")
        )
        if held_now != net:
            found.append(
                f"{account} holds {held_now} {currency} but its balance transactions add up to {net}"
            )
    return found
