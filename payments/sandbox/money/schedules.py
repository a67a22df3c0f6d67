"""When an account may be paid out, and when its schedule does so by itself."""

import calendar
from datetime import UTC, datetime, timedelta

from payments.sandbox.accounts import capabilities
from payments.sandbox.wire import Json
from payments.sandbox.world import World

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOUR = 6
_HORIZON_DAYS = 62


def may_pay_out(world: World, account: Json) -> bool:
    """The platform always may; a connected account when its payouts capability is active."""
    if account["object"] == "platform":
        return True
    return capabilities.is_active(world, account, "payouts")


def next_payout_at(schedule: Json, *, after: float) -> float | None:
    """The next business morning (06:00 UTC) that the schedule names, strictly after `after`; None when manual."""
    if schedule["interval"] == "manual":
        return None
    moment = datetime.fromtimestamp(after, UTC).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    for days in range(_HORIZON_DAYS):
        day = moment + timedelta(days=days)
        if day.timestamp() > after and _pays_on(schedule, day):
            return day.timestamp()
    return None


def _pays_on(schedule: Json, day: datetime) -> bool:
    if schedule["interval"] == "weekly":
        return _WEEKDAYS[day.weekday()] in schedule["weekly_payout_days"]
    if schedule["interval"] == "monthly":
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day in {min(wanted, last) for wanted in schedule["monthly_payout_days"]}
    return day.weekday() < 5


def plan_next_payout(world: World, account: Json) -> None:
    """Put the next automatic payout on the clock, in place of one planned before."""
    world.store.unschedule(what="automatic_payout", ref=account["id"])
    at = next_payout_at(account["schedule"], after=world.clock.now())
    if at is not None:
        world.store.schedule(at=at, what="automatic_payout", ref=account["id"])


def ensure_planned(world: World, account: Json) -> None:
    """Money arrived: an automatic payout must be on the clock."""
    row = world.store.db.execute(
        "SELECT 1 FROM due WHERE what = 'automatic_payout' AND ref = ?", (account["id"],)
    ).fetchone()
    if row is None:
        plan_next_payout(world, account)


def by_hand(world: World, account: Json) -> None:
    """The platform has set the account's payouts to manual: nothing goes to its bank by itself."""
    account["schedule"] = {**account["schedule"], "interval": "manual"}
    world.store.save(account)
    plan_next_payout(world, account)
