"""The sandbox's own record of an account, from which v1 and v2 are shown."""

from payments.sandbox import errors
from payments.sandbox.accounts.capabilities import currency_of
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World


def new_account(world: World, *, country: str) -> Json:
    """An empty account record of a country (lower case), not yet kept."""
    return {
        "id": world.ids.new("acct"),
        "object": "account",
        "created": world.now(),
        "via": "v2",
        "country": country,
        "currency": currency_of(country),
        "closed": False,
        "dashboard": "none",
        "contact_email": None,
        "contact_phone": None,
        "display_name": None,
        "entity_type": None,
        "individual": {},
        "tos": None,
        "profile": {},
        "requested": [],
        "applied": [],
        "locales": [],
        "responsibilities": {},
        "metadata": {},
        "demands": [],
        "bank": None,
        "details_submitted": False,
        "statuses": {},
        "owed": [],
        "schedule": {"interval": "daily"},
        "minimum_balance": {},
        "debit_negative_balances": True,
        "statement_descriptor": None,
    }


def ensure_platform(world: World, platform: str) -> None:
    """Keep a record of the platform the first time its key is used. Its payouts are manual: automatic ones would
    compete with transfers."""
    if world.store.owner(platform) is not None:
        return
    record = new_account(world, country="us")
    record |= {
        "id": platform,
        "object": "platform",
        "details_submitted": True,
        "display_name": "Sandbox platform",
        "dashboard": "full",
        "schedule": {"interval": "manual"},
    }
    world.store.add(record, account=platform)


def find_connected(world: World, *, platform: str, account_id: str) -> Json | None:
    """A connected account of this platform."""
    return world.store.find(account_id, kind="account", account=platform)


def in_live_mode(platform: str) -> str:
    """Whose an object is that the platform has in live mode, where a test key does not reach."""
    return f"live/{platform}"


def no_such(call: Call, named: str, *, kind: str, param: str) -> errors.ApiError:
    """The refusal of a parameter that names no account of this platform and mode."""
    live = call.world.store.owner(named) == in_live_mode(call.platform)
    hint = "; a similar object exists in live mode, but a test mode key was used to make this request."
    return errors.missing(kind, named, param=param, status=400, hint=hint if live else "")


def acting(call: Call) -> Json:
    """The record of the account that the request acts for: the platform's or the connected account's."""
    found = call.world.store.find(call.account)
    if found is None:
        raise errors.account_invalid("", call.account)
    return found
