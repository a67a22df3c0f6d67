"""The time policy of a booking, frozen when it is made. A later change of the house's never reaches it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from marketplace.presence.reading import Fields, Malformed

BASIS_POINTS = 10_000


class MalformedPolicy(Malformed):
    """The time policy does not hold, so no time may be counted by it."""

    code: ClassVar[str] = "malformed_policy"


class TimeRounding(StrEnum):
    """How payable time is rounded, once (presence rule 9)."""

    EXACT = "exact"
    NEAREST_MINUTE = "nearest_minute"

    @property
    def step_s(self) -> int:
        return 60 if self is TimeRounding.NEAREST_MINUTE else 1


@dataclass(frozen=True, slots=True)
class CancelTier:
    """With at least this notice, this share of the minimum call is paid."""

    notice_s: int
    share_bps: int


@dataclass(frozen=True, slots=True)
class TimePolicy:
    """All lengths in whole seconds. Raises MalformedPolicy on a negative length or a share over the whole."""

    minimum_call_s: int
    grace_gap_s: int
    no_show_after_s: int
    overrun_limit_s: int
    meal_min_s: int
    rounding: TimeRounding
    cancel_tiers: tuple[CancelTier, ...]
    # None: signed before there was a limit, so a paid rest has none (presence rule 6).
    rest_limit_s: int | None = None
    # The share of a payday's net that may be kept to recover what was overpaid (money rule 6). None: signed before there
    # was a cap, so nothing is recovered.
    recovery_cap_bps: int | None = None

    # What a broken guarantee pays, as so many seconds at the seat's rate. None: signed before there was such a rule.
    breach_pay_s: int | None = None

    LENGTHS: ClassVar[tuple[str, ...]] = (
        "minimum_call_s",
        "grace_gap_s",
        "no_show_after_s",
        "overrun_limit_s",
        "meal_min_s",
    )

    LATER: ClassVar[tuple[str, ...]] = ("rest_limit_s", "recovery_cap_bps", "breach_pay_s")

    def __post_init__(self) -> None:
        for name in self.LENGTHS:
            if getattr(self, name) < 0:
                raise MalformedPolicy(f"policy.{name} is negative")
        if self.rest_limit_s is not None and self.rest_limit_s < 0:
            raise MalformedPolicy("policy.rest_limit_s is negative")
        if self.breach_pay_s is not None and self.breach_pay_s < 0:
            raise MalformedPolicy("policy.breach_pay_s is negative")
        if not 0 <= (self.recovery_cap_bps or 0) <= BASIS_POINTS:
            raise MalformedPolicy("policy.recovery_cap_bps is no share")
        for tier in self.cancel_tiers:
            if tier.notice_s < 0 or not 0 <= tier.share_bps <= BASIS_POINTS:
                raise MalformedPolicy(f"policy.cancel_tiers has [{tier.notice_s}, {tier.share_bps}]")

    @classmethod
    def from_json(cls, data: Any) -> "TimePolicy":
        """The policy as `to_json` wrote it. Raises MalformedPolicy, also on a field that no rule reads."""
        fields = Fields(data, of="policy", error=MalformedPolicy)
        fields.only(*cls.LENGTHS, "rounding", "cancel_tiers", *cls.LATER)
        try:
            rounding = TimeRounding(fields.text("rounding"))
        except ValueError as error:
            raise fields.wrong("rounding", " or ".join(TimeRounding)) from error
        return cls(
            **{name: fields.whole(name) for name in cls.LENGTHS},
            rounding=rounding,
            cancel_tiers=tuple(_tier(pair) for pair in fields.array("cancel_tiers")),
            rest_limit_s=_later(fields, "rest_limit_s"),
            recovery_cap_bps=_later(fields, "recovery_cap_bps"),
            breach_pay_s=_later(fields, "breach_pay_s"),
        )

    def to_json(self) -> dict[str, Any]:
        lengths = {name: getattr(self, name) for name in self.LENGTHS}
        tiers = [[tier.notice_s, tier.share_bps] for tier in self.cancel_tiers]
        later = {name: getattr(self, name) for name in self.LATER if getattr(self, name) is not None}
        return {**lengths, **later, "rounding": self.rounding.value, "cancel_tiers": tiers}

    def cancel_share_bps(self, *, notice_s: int) -> int:
        """The share of the first tier, in the order written, that the notice reaches; 0 if none.

        A cancellation after the call is the shortest notice there is, not a notice below every tier.
        """
        for tier in self.cancel_tiers:
            if max(notice_s, 0) >= tier.notice_s:
                return tier.share_bps
        return 0


def _later(fields: Fields, name: str) -> int | None:
    """What a policy signed before it existed does not have."""
    return fields.whole(name) if fields.has(name) else None


def _tier(pair: Any) -> CancelTier:
    if isinstance(pair, list) and len(pair) == 2 and all(type(part) is int for part in pair):
        return CancelTier(*pair)
    raise MalformedPolicy(f"policy.cancel_tiers has {pair!r}; each must be [notice in s, basis points]")
