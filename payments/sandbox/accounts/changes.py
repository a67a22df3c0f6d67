"""What follows from a change of an account: its requirements and capabilities, and the events that tell of them."""

from payments.sandbox.accounts import capabilities, v1_documents
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import World


def settle(world: World, account: Json, *, changed: str | None = None) -> Json:
    """Save a changed account and say what followed: identity, requirements, capabilities, in v2 and v1 events.

    `changed` is the v2 section that the caller changed (`identity`, `defaults`, …) if any.
    """
    before, owed_before = account["statuses"], account["owed"]
    owed = capabilities.outstanding(world, account)
    account["statuses"] = capabilities.statuses(world, account)
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


DUE = {"recheck_account": recheck}
