"""Whether an account may receive transfers and pay out.

Statuses are those of v2: active, pending, restricted, rejected, unsupported.
"""

from payments.sandbox import test_values
from payments.sandbox.accounts import requirements
from payments.sandbox.accounts.requirements import Requirement
from payments.sandbox.wire import Json
from payments.sandbox.world import World

# Where Stripe allows payouts to connected accounts of a platform in the United States, United Kingdom, EEA, CA, CH.
# fmt: off
_COUNTRIES = frozenset({
    "us", "gb", "ca", "ch", "at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "de", "gr", "hu",
    "ie", "it", "lv", "lt", "lu", "mt", "nl", "pl", "pt", "ro", "sk", "si", "es", "se", "no", "is", "li",
})
# fmt: on


def bank_of(world: World, account: Json) -> Json | None:
    """The account's default bank account."""
    bank = account.get("bank")
    return world.store.find(bank, kind="bank_account") if bank else None


def outstanding(world: World, account: Json) -> list[Requirement]:
    bank = bank_of(world, account)
    return requirements.outstanding(account, bank_status=bank["status"] if bank else None)


def statuses(world: World, account: Json) -> dict[str, list[str]]:
    """Capability → [status, code, resolution]; the last two are empty when active. Nothing if none is requested."""
    if not account["requested"] or account["closed"]:
        return {}
    now = world.clock.now()
    owed = outstanding(world, account)
    return {name: _status(account, owed, name, now=now) for name in ("stripe_transfers", "payouts")}


def _status(account: Json, owed: list[Requirement], name: str, *, now: float) -> list[str]:
    if account.get("rejected"):
        return ["rejected", f"rejected_{account['rejected']}", "no_resolution"]
    if account["country"] not in _COUNTRIES:
        return ["unsupported", "unsupported_country", "no_resolution"]
    if account.get("restricted"):
        return ["restricted", "restricted_other", "contact_stripe"]
    if any(
        name in item.restricts and requirements.deadline_status(item, now=now) == "past_due" for item in owed
    ):
        return ["restricted", "requirements_past_due", "provide_info"]
    if account.get("verifying_until", 0) > now:
        return ["pending", "requirements_pending_verification", "no_resolution"]
    return ["active", "", ""]


def is_active(world: World, account: Json, name: str) -> bool:
    return statuses(world, account).get(name, [""])[0] == "active"


def currency_of(country: str) -> str:
    return test_values.CURRENCY_OF.get(country, "usd" if country == "us" else "eur")
