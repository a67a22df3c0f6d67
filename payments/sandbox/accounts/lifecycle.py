"""What Stripe itself does to an account: asks for more, restricts, rejects, and lets go again."""

from payments.sandbox.accounts import changes, records
from payments.sandbox.wire import Json
from payments.sandbox.world import World

REASONS = (
    "fraud", "incomplete_verification", "listed", "other", "terms_of_service",
    "platform_fraud", "platform_other", "platform_terms_of_service",
)  # fmt: skip


def demand(world: World, account: Json, *, name: str, deadline_s: float) -> Json:
    """A new requirement with a deadline: currently due until then, past due and restricting afterwards."""
    deadline_at = world.clock.now() + deadline_s
    account["demands"].append({"name": name, "made_at": world.clock.now(), "deadline_at": deadline_at})
    world.store.schedule(at=deadline_at, what="recheck_account", ref=account["id"])
    return changes.settle(world, account)


def meet_demands(world: World, account: Json) -> Json:
    """Everything that was demanded later is satisfied."""
    account["demands"] = []
    return changes.settle(world, account)


def reject(world: World, account: Json, *, reason: str) -> Json:
    """Reject for good; raises ValueError on a reason that Stripe does not have."""
    if reason not in REASONS:
        raise ValueError(f"A reason is one of {', '.join(REASONS)}.")
    account["rejected"] = reason
    return changes.settle(world, account)


def restrict(world: World, account: Json, *, restricted: bool) -> Json:
    """Stop, or allow again, an account without saying what is owed."""
    account["restricted"] = restricted
    return changes.settle(world, account)


def go_live(world: World, account: Json) -> Json:
    """The account turns out to be one of live mode: ids of production in a test system, or the other way round."""
    world.store.hand_over(account["id"], account=records.in_live_mode(world.platform_of(account["id"])))
    return account


def enable(world: World, account: Json) -> Json:
    """Undo every restriction that the controls made."""
    account["rejected"], account["restricted"], account["demands"] = None, False, []
    return changes.settle(world, account)
