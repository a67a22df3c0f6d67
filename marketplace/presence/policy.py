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

    LENGTHS: ClassVar[tuple[str, ...]] = (
        "minimum_call_s",
        "grace_gap_s",
        "no_show_after_s",
        "overrun_limit_s",
        "meal_min_s",
    )

    def __post_init__(self) -> None:
        for name in self.LENGTHS:
            if getattr(self, name) < 0:
                raise MalformedPolicy(f"policy.{name} is negative")
        if self.rest_limit_s is not None and self.rest_limit_s < 0:
            raise MalformedPolicy("policy.rest_limit_s is negative")
        for tier in self.cancel_tiers:
            if tier.notice_s < 0 or not 0 <= tier.share_bps <= BASIS_POINTS:
                raise MalformedPolicy(f"policy.cancel_tiers has [{tier.notice_s}, {tier.share_bps}]")

    @classmethod
    def from_json(cls, data: Any) -> "TimePolicy":
        """The policy as `to_json` wrote it. Raises MalformedPolicy, also on a field that no rule reads."""
        fields = Fields(data, of="policy", error=MalformedPolicy)
        fields.only(*cls.LENGTHS, "rounding", "cancel_tiers", "rest_limit_s")
        try:
            rounding = TimeRounding(fields.text("rounding"))
        except ValueError as error:
            raise fields.wrong("rounding", " or ".join(TimeRounding)) from error
        return cls(
            **{name: fields.whole(name) for name in cls.LENGTHS},
            rounding=rounding,
            cancel_tiers=tuple(_tier(pair) for pair in fields.array("cancel_tiers")),
            rest_limit_s=fields.whole("rest_limit_s") if fields.has("rest_limit_s") else None,
        )

    def to_json(self) -> dict[str, Any]:
        lengths = {name: getattr(self, name) for name in self.LENGTHS}
        tiers = [[tier.notice_s, tier.share_bps] for tier in self.cancel_tiers]
        limit = {} if self.rest_limit_s is None else {"rest_limit_s": self.rest_limit_s}
        return {**lengths, **limit, "rounding": self.rounding.value, "cancel_tiers": tiers}

    def cancel_share_bps(self, *, notice_s: int) -> int:
        """The share of the first tier, in the order written, that the notice reaches; 0 if none.

        A cancellation after the call is the shortest notice there is, not a notice below every tier.
        """
        for tier in self.cancel_tiers:
            if max(notice_s, 0) >= tier.notice_s:
                return tier.share_bps
        return 0


def _tier(pair: Any) -> CancelTier:
    if isinstance(pair, list) and len(pair) == 2 and all(type(part) is int for part in pair):
        return CancelTier(*pair)
    raise MalformedPolicy(f"policy.cancel_tiers has {pair!r}; each must be [notice in s, basis points]")
