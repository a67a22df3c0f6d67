import json
from typing import Any

import pytest
from hypothesis import given

from marketplace.presence.policy import CancelTier, MalformedPolicy, TimePolicy, TimeRounding
from tests.marketplace.timekeeping import weeks

HOUSE: dict[str, Any] = {
    "minimum_call_s": 3600,
    "grace_gap_s": 120,
    "no_show_after_s": 900,
    "overrun_limit_s": 900,
    "meal_min_s": 1800,
    "rounding": "nearest_minute",
    "cancel_tiers": [[172800, 0], [86400, 5000], [0, 10000]],
}


class TestTimePolicy:
    @given(weeks.policies)
    def test_is_stored_and_read_back_without_loss(self, data: dict[str, Any]) -> None:
        assert (
            TimePolicy.from_json(json.loads(json.dumps(TimePolicy.from_json(data).to_json()))).to_json()
            == data
        )

    def test_reads_into_what_it_says(self) -> None:
        policy = TimePolicy.from_json(HOUSE)
        assert policy.rounding is TimeRounding.NEAREST_MINUTE
        assert policy.cancel_tiers[1] == CancelTier(notice_s=86400, share_bps=5000)

    @pytest.mark.parametrize(
        ("notice_s", "share_bps"),
        [(172800, 0), (172799, 5000), (86400, 5000), (86399, 10000), (0, 10000), (-60, 10000)],
    )
    def test_pays_by_the_first_tier_that_the_notice_reaches(self, notice_s: int, share_bps: int) -> None:
        assert TimePolicy.from_json(HOUSE).cancel_share_bps(notice_s=notice_s) == share_bps

    def test_pays_nothing_for_a_cancellation_that_no_tier_covers(self) -> None:
        policy = TimePolicy.from_json(HOUSE | {"cancel_tiers": [[3600, 5000]]})
        assert policy.cancel_share_bps(notice_s=3599) == 0

    @pytest.mark.parametrize(
        "change",
        [
            {"minimum_call_s": -1},
            {"grace_gap_s": "120"},
            {"no_show_after_s": 1.5},
            {"overrun_limit_s": None},
            {"meal_min_s": True},
            {"rounding": "nearest_hour"},
            {"rounding": None},
            {"cancel_tiers": None},
            {"cancel_tiers": [[0]]},
            {"cancel_tiers": [[0, 10001]]},
            {"cancel_tiers": [[-1, 0]]},
            {"cancel_tiers": [["0", 0]]},
            {"night_bonus_bps": 500},
        ],
    )
    def test_that_does_not_hold_is_refused_by_name(self, change: dict[str, Any]) -> None:
        with pytest.raises(MalformedPolicy, match=next(iter(change))):
            TimePolicy.from_json(HOUSE | change)

    @pytest.mark.parametrize("data", [None, [], "exact", 5])
    def test_is_an_object(self, data: object) -> None:
        with pytest.raises(MalformedPolicy):
            TimePolicy.from_json(data)
