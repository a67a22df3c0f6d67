"""What a gig costs at most. Pure arithmetic over a gig's own figures."""

from datetime import date, datetime
from typing import Protocol

from kit.instants import zone
from kit.money import UP, Rate

BPS = 10_000


class Priced(Protocol):
    rate_minor: int
    currency: str
    fee_bps: int
    seats: int
    session_s: int
    policy: dict[str, object]


def local_day(at: datetime, where: str) -> date:
    """The date where a gig plays; by UTC in a zone that there is not, which is refused elsewhere."""
    return at.astimezone(zone(where)).date()


def seat_cost_minor(*, rate_minor: int, currency: str, fee_bps: int, longest_s: int) -> int:
    """The most that one seat can cost: pay for the longest time, and the platform's fee, each rounded up."""
    pay = Rate(rate_minor, currency).for_seconds(longest_s, rounding=UP)
    return pay.minor + -(-pay.minor * fee_bps // BPS)


def longest_s(*, scheduled_s: int, policy: dict[str, object]) -> int:
    """The most seconds that a session of that length can be paid for, in seconds: overrun, minimum call, rounding up."""
    overrun_s, minimum_s = int(str(policy["overrun_limit_s"])), int(str(policy["minimum_call_s"]))
    rounding_s = 60 if policy.get("rounding") == "nearest_minute" else 0
    return max(scheduled_s + overrun_s, minimum_s) + rounding_s


def session_cost_minor(gig: Priced) -> int:
    """The most that one session with all seats can cost, fees included."""
    longest = longest_s(scheduled_s=gig.session_s, policy=gig.policy)
    cost = seat_cost_minor(
        rate_minor=gig.rate_minor, currency=gig.currency, fee_bps=gig.fee_bps, longest_s=longest
    )
    return gig.seats * cost
