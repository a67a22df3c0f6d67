"""What a gig promises: the bounds of its time policy, and what cannot change once people have read it on the board."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kit.errors import DomainError, Invalid
from kit.instants import length_in_words
from marketplace.gigs.limits import LONGEST_NOTICE_S, MOST_RECOVERY_BPS, MOST_TIERS, POLICY_BOUNDS
from marketplace.gigs.models import Gig
from marketplace.presence.policy import TimePolicy

# May only rise: each pays or spares the performer more.
ONLY_UP = ("minimum_call_s", "grace_gap_s", "no_show_after_s", "rest_limit_s", "breach_pay_s")
FIXED = ("overrun_limit_s", "meal_min_s", "rounding", "cancel_tiers")


class GigIsPromised(DomainError):
    """Leave what `facts.fields` names as it is, or post another gig."""

    code = "gig_is_promised"
    title = "People applied for it as it was"


def bounded(policy: TimePolicy) -> TimePolicy:
    """The policy, if a gig may have it. Raises Invalid (422) naming each field out of its bounds."""
    errors = [error for name, bounds in POLICY_BOUNDS.items() if (error := _out_of(policy, name, bounds))]
    errors += _tiers(policy) + _recovery(policy)
    if errors:
        raise Invalid("Some of the rules of time need another look; nothing was saved.", errors=errors)
    return policy


def _out_of(policy: TimePolicy, name: str, bounds: tuple[int, int]) -> dict[str, str] | None:
    value, (least, most) = getattr(policy, name), bounds
    if value is None or least <= value <= most:
        return None
    first, last = (length_in_words(timedelta(seconds=bound)) for bound in bounds)
    return {"field": f"policy.{name}", "code": "out_of_range", "detail": f"From {first} to {last}."}


def _tiers(policy: TimePolicy) -> list[dict[str, str]]:
    """The less the notice, the more is paid; and some tier holds for no notice at all."""
    tiers = policy.cancel_tiers
    notices, shares = [tier.notice_s for tier in tiers], [tier.share_bps for tier in tiers]
    in_order = notices == sorted(set(notices), reverse=True) and shares == sorted(shares)
    if 1 <= len(tiers) <= MOST_TIERS and in_order and notices[-1] == 0 and notices[0] <= LONGEST_NOTICE_S:
        return []
    longest = length_in_words(timedelta(seconds=LONGEST_NOTICE_S))
    detail = (
        f"1 to {MOST_TIERS} tiers, from the longest notice (at most {longest}) down to 0, each paying no less than the one "
        "before it."
    )
    return [{"field": "policy.cancel_tiers", "code": "out_of_range", "detail": detail}]


def _recovery(policy: TimePolicy) -> list[dict[str, str]]:
    if (policy.recovery_cap_bps or 0) <= MOST_RECOVERY_BPS:
        return []
    detail = f"At most {MOST_RECOVERY_BPS} basis points of a payday may be kept to recover what was overpaid."
    return [{"field": "policy.recovery_cap_bps", "code": "out_of_range", "detail": detail}]


def refuse_worse(gig: Gig, changed: Mapping[str, Any]) -> None:
    """Raise GigIsPromised (409) for what would pay less, or ask for more, than what people applied for."""
    worse = []
    if set(changed.get("purposes", ())) - set(gig.purposes):
        worse.append("purposes")
    if changed.get("exclusive", False) and not gig.exclusive:
        worse.append("exclusive")
    if changed.get("self_directed", gig.self_directed) != gig.self_directed:
        worse.append("self_directed")
    if changed.get("audition", "") and not gig.audition:
        worse.append("audition")
    if "policy" in changed:
        before, after = TimePolicy.from_json(gig.policy), TimePolicy.from_json(changed["policy"])
        worse += [f"policy.{name}" for name in ONLY_UP if _falls(getattr(before, name), getattr(after, name))]
        if (after.recovery_cap_bps or 0) > (before.recovery_cap_bps or 0):
            worse.append("policy.recovery_cap_bps")
        worse += [f"policy.{name}" for name in FIXED if getattr(before, name) != getattr(after, name)]
    if worse:
        said = "It cannot pay less, ask for more or be directed by somebody else"
        raise GigIsPromised(f"{said}: {', '.join(worse)}.", fields=worse)


def _falls(before: int | None, after: int | None) -> bool:
    # None is no limit.
    return after is not None and (before is None or after < before)
