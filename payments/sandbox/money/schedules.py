"""Automatic payouts: when the next one is due under an account's schedule, and carrying it out."""

import calendar
from datetime import UTC, datetime, timedelta

from payments.sandbox.accounts import capabilities
from payments.sandbox.money import books
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


def run_automatic_payout(world: World, account_id: str) -> None:
    """The clock's work: pay out what is available above the minimum, in every currency the bank takes."""
    account = world.store.find(account_id)
    if account is None or account["closed"]:
        return
    plan_next_payout(world, account)
    bank = capabilities.bank_of(world, account)
    if bank is None or bank["status"] == "errored" or not may_pay_out(world, account):
        return
    from payments.sandbox.money import payouts  # noqa: PLC0415 - payouts plan the next automatic one

    currency = bank["currency"]
    amount = books.available(world, account=account_id, currency=currency)
    amount -= account["minimum_balance"].get(currency, 0)
    if amount > 0:
        payouts.pay_out(world, account, bank=bank, amount=amount, currency=currency, automatic=True)


DUE = {"automatic_payout": run_automatic_payout}
