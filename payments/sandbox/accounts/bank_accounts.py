"""Bank accounts that payouts go to: v1 external accounts, and the change of a default one."""

import hashlib

from payments.sandbox import errors, test_values
from payments.sandbox.accounts import capabilities, changes, records
from payments.sandbox.expand import public
from payments.sandbox.lists import read_limit
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_BANK_NAMES = {"us": "STRIPE TEST BANK", "gb": "STRIPE TEST BANK", "de": "STRIPE TEST BANK"}
_ROUTING_DIGITS = {"us": 9, "gb": 6}


def attach_bank(
    world: World,
    account: Json,
    *,
    country: str,
    account_number: str,
    routing_number: str | None = None,
    currency: str | None = None,
    holder_name: str | None = None,
    default: bool = True,
    metadata: Json | None = None,
) -> Json:
    """Keep a bank account for `account` and, by default, pay out to it from now on. The caller settles the account.

    Raises Stripe's refusals for numbers that no bank of the country has.
    """
    country = country.lower()
    number = account_number.replace(" ", "").upper()
    _check_number(country, number, routing_number)
    bank: Json = {
        "id": world.ids.new("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": holder_name,
        "account_holder_type": "individual",
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": _BANK_NAMES.get(country, "STRIPE TEST BANK"),
        "country": country.upper(),
        "currency": currency or capabilities.currency_of(country),
        "default_for_currency": False,
        "fingerprint": hashlib.sha256(f"{routing_number}:{number}".encode()).hexdigest()[:16],
        "future_requirements": _nothing_owed(),
        "last4": number[-4:],
        "metadata": metadata or {},
        "requirements": _nothing_owed(),
        "routing_number": routing_number or number[4:12],
        "status": "new",
        "_failure": test_values.payout_failure(number),
        "_created": world.now(),
    }
    world.store.add(bank, account=account["id"])
    if default or account["bank"] is None:
        _make_default(world, account, bank)
    events.record(world, "account.external_account.created", bank, account=account["id"])
    return bank


def _nothing_owed() -> Json:
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


def _check_number(country: str, number: str, routing_number: str | None) -> None:
    digits = _ROUTING_DIGITS.get(country)
    if digits is None:
        if len(number) < 15 or not number[:2].isalpha():
            raise errors.refused("Invalid IBAN.", code="account_number_invalid", param="account_number")
        return
    plain = (routing_number or "").replace("-", "")
    if len(plain) != digits or not plain.isdecimal():
        raise errors.refused(
            f"Invalid routing number for {country.upper()}. The number must contain {digits} digits.",
            code="routing_number_invalid",
            param="bank_account[routing_number]",
        )
    if not number.isdecimal() or not 4 <= len(number) <= 17:
        raise errors.refused(
            "You must use a test bank account number in test mode.",
            code="account_number_invalid",
            param="bank_account[account_number]",
        )


def _make_default(world: World, account: Json, bank: Json) -> None:
    before = capabilities.bank_of(world, account)
    if before is not None and before["currency"] == bank["currency"] and before["id"] != bank["id"]:
        world.store.save({**before, "default_for_currency": False})
    bank["default_for_currency"] = True
    account["bank"] = bank["id"]
    world.store.save(bank)
    world.store.save(account)


def mark_errored(world: World, bank: Json) -> None:
    """A payout bounced: the bank account is unusable until it is replaced or updated, and payouts stop."""
    world.store.save({**bank, "status": "errored"})
    account = world.store.find(bank["account"], kind="account")
    events.record(
        world, "account.external_account.updated", {**bank, "status": "errored"}, account=bank["account"],
        previous={"status": bank["status"]},
    )  # fmt: skip
    if account is not None:
        changes.settle(world, account)


def _connected(call: Call) -> Json:
    account = records.find_connected(call.world, platform=call.platform, account_id=call.path["account"])
    if account is None:
        raise errors.missing("account", call.path["account"], param="account")
    return account


@room.post("/v1/accounts/{account}/external_accounts", "AccountExternalAccountCreateParams")
def create_external_account(call: Call) -> Json:
    """A bank account by token or by its numbers; it becomes the default one if it is the first or asked to."""
    account, given = _connected(call), call.params["external_account"]
    bank = attach_given(call.world, account, given, default=bool(call.params.get("default_for_currency")))
    if "metadata" in call.params:
        bank["metadata"] = merge_metadata({}, call.params["metadata"])
        call.world.store.save(bank)
    changes.settle(call.world, account)
    return bank


def attach_given(world: World, account: Json, given: Json | str, *, default: bool) -> Json:
    """A bank account as v1 requests name one: a `btok_…` token or a hash."""
    if isinstance(given, str):
        values = test_values.bank_of_token(given)
        if values is None:
            raise errors.missing("token", given, param="external_account", status=400)
    elif given.get("object") != "bank_account":
        raise errors.invalid("This sandbox pays out to bank accounts only.", param="external_account[object]")
    else:
        values = given
    return attach_bank(
        world,
        account,
        country=str(values.get("country", account["country"])),
        account_number=values["account_number"],
        routing_number=values.get("routing_number"),
        currency=values.get("currency"),
        holder_name=values.get("account_holder_name"),
        default=default,
    )


def _own_bank(call: Call) -> tuple[Json, Json]:
    account = _connected(call)
    bank = call.world.store.find(call.path["id"], kind="bank_account", account=account["id"])
    if bank is None:
        raise errors.missing("external account", call.path["id"])
    return account, bank


@room.get("/v1/accounts/{account}/external_accounts", "AccountExternalAccountListParams")
def list_external_accounts(call: Call) -> Json:
    account = _connected(call)
    found = call.world.store.select(
        "kind = 'bank_account' AND account = ?", (account["id"],), tail="ORDER BY seq DESC"
    )
    limit = read_limit(call.params)
    return {
        "object": "list",
        "url": f"/v1/accounts/{account['id']}/external_accounts",
        "has_more": len(found) > limit,
        "data": [public(bank) for bank in found[:limit]],
    }


@room.get("/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountRetrieveParams")
def retrieve_external_account(call: Call) -> Json:
    return _own_bank(call)[1]


@room.post("/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountUpdateParams")
def update_external_account(call: Call) -> Json:
    """Names and metadata, or making it the default one."""
    (account, bank), params = _own_bank(call), call.params
    for name in ("account_holder_name", "account_holder_type"):
        if name in params:
            bank[name] = params[name] or None
    if "metadata" in params:
        bank["metadata"] = merge_metadata(bank["metadata"], params["metadata"])
    if params.get("default_for_currency"):
        _make_default(call.world, account, bank)
    call.world.store.save(bank)
    events.record(call.world, "account.external_account.updated", bank, account=account["id"], previous={})
    changes.settle(call.world, account)
    return bank


@room.delete("/v1/accounts/{account}/external_accounts/{id}", "AccountExternalAccountDeleteParams")
def delete_external_account(call: Call) -> Json:
    """A default bank account cannot be deleted, only replaced."""
    account, bank = _own_bank(call)
    if bank["default_for_currency"]:
        raise errors.refused(
            f"You cannot delete the default external account for your default currency. Please make another external "
            f"account the default using the `default_for_currency` param, and then delete this one: {bank['id']}."
        )
    call.world.store.remove(bank["id"])
    events.record(call.world, "account.external_account.deleted", bank, account=account["id"])
    return {"id": bank["id"], "object": "bank_account", "deleted": True}
