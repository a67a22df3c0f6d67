"""Whether an account may receive transfers and pay out, and the events that tell when that changes.

Statuses are those of v2: active, pending, restricted, rejected, unsupported.
"""

from payments.sandbox import test_values
from payments.sandbox.accounts import requirements
from payments.sandbox.accounts.requirements import Requirement
from payments.sandbox.webhooks import events
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


def settle(world: World, account: Json, *, changed: str | None = None) -> Json:
    """Save a changed account and say what followed: identity, requirements, capabilities, in v2 and v1 events.

    `changed` is the v2 section that the caller changed (`identity`, `defaults`, …) if any.
    """
    before, owed_before = account["statuses"], account["owed"]
    owed = outstanding(world, account)
    account["statuses"] = statuses(world, account)
    account["owed"] = [item.name for item in owed]
    world.store.save(account)
    platform = world.platform_of(account["id"])
    if changed is not None:
        _tell(world, platform, account, f"v2.core.account[{changed}].updated")
    if account["owed"] != owed_before:
        _tell(world, platform, account, "v2.core.account[requirements].updated")
    moved = [name for name, state in account["statuses"].items() if before.get(name) != state]
    for name in moved:
        _tell(
            world,
            platform,
            account,
            "v2.core.account[configuration.recipient].capability_status_updated",
            data={"updated_capability": f"stripe_balance.{name}"},
        )
    if changed or moved or account["owed"] != owed_before:
        from payments.sandbox.accounts import v1_documents  # noqa: PLC0415 - v1 shows what is settled here

        shown = v1_documents.render_account(world, account)
        events.record(world, "account.updated", shown, account=account["id"], previous={})
        if "stripe_transfers" in moved:
            capability = v1_documents.render_capability(world, account)
            events.record(world, "capability.updated", capability, account=account["id"], previous={})
    return account


def tell(world: World, account: Json, kind: str) -> None:
    """A thin event about the account to its platform."""
    _tell(world, world.platform_of(account["id"]), account, kind)


def _tell(world: World, platform: str, account: Json, kind: str, *, data: Json | None = None) -> None:
    related = {"id": account["id"], "type": "v2.core.account", "url": f"/v2/core/accounts/{account['id']}"}
    events.record_thin(world, kind, platform=platform, related=related, data=data)


def recheck(world: World, account_id: str) -> None:
    """The clock's work: a verification is over, or a deadline has passed."""
    account = world.store.find(account_id, kind="account")
    if account is not None:
        settle(world, account)


def currency_of(country: str) -> str:
    return test_values.CURRENCY_OF.get(country, "usd" if country == "us" else "eur")


DUE = {"recheck_account": recheck}
