from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import Money
from marketplace.presence.calculate import Basis, SeatPay, round_time
from marketplace.presence.policy import TimePolicy
from tests.marketplace.presence import folding
from tests.marketplace.presence.test_fold_rules import ME, session, was_in
from tests.marketplace.timekeeping import weeks
from tests.marketplace.timekeeping.weeks import CALL, stamp


def pay(came: list[dict[str, Any]], *, policy: dict[str, Any] | None = None, **changes: Any) -> SeatPay:
    made = session(**changes)
    return folding.pays(made | {"policy": made["policy"] | (policy or {})}, came)[ME]


class TestPayable:
    def test_is_what_was_worked(self) -> None:
        assert pay(was_in(0, 3600)) == SeatPay(3600, Money(7400, "usd"), Basis.WORKED)

    def test_is_the_minimum_call_for_who_showed(self) -> None:
        assert pay(was_in(0, 60), policy={"minimum_call_s": 1800}).basis is Basis.MINIMUM_CALL
        assert pay(was_in(0, 60), policy={"minimum_call_s": 1800}).payable_s == 1800

    def test_is_only_what_was_worked_for_who_came_too_late(self) -> None:
        assert pay(was_in(901, 961), policy={"minimum_call_s": 1800}).payable_s == 60

    def test_is_the_slot_where_the_company_never_came(self) -> None:
        assert pay(was_in(-60, 1), status="company_no_show").payable_s == 3600
        assert pay(was_in(0, 3700), status="company_no_show").payable_s == 3700
        longest = pay(was_in(0, 60), status="company_no_show", policy={"minimum_call_s": 7200})
        assert (longest.payable_s, longest.basis) == (7200, Basis.MINIMUM_CALL)

    def test_is_what_was_worked_where_neither_came_in_time(self) -> None:
        late = pay(was_in(901, 3600), status="company_no_show", policy={"minimum_call_s": 7200})
        assert (late.payable_s, late.basis) == (2699, Basis.WORKED)
        assert pay([], status="company_no_show") == SeatPay(0, Money(0, "usd"), Basis.NOTHING)

    @pytest.mark.parametrize(("by", "payable_s"), [("company", 1667), ("performer", 0)])
    def test_is_a_share_of_the_minimum_call_where_the_company_cancelled(
        self, by: str, payable_s: int
    ) -> None:
        terms = {"minimum_call_s": 5001, "cancel_tiers": [[3600, 3333]]}
        cancelled = {"status": "cancelled", "cancelled_at": stamp(CALL - 3600), "cancelled_by": by}
        assert pay([], policy=terms, **cancelled).payable_s == payable_s

    def test_a_share_is_not_rounded_to_the_second_before_the_minute(self) -> None:
        # 29.5 s is 30 s to the second, and would then become a minute; to the minute it is nothing.
        terms = {"minimum_call_s": 59, "cancel_tiers": [[0, 5000]], "rounding": "nearest_minute"}
        cancelled = {"status": "cancelled", "cancelled_at": stamp(CALL), "cancelled_by": "company"}
        assert pay([], policy=terms, **cancelled).payable_s == 0


class TestRounding:
    @given(st.integers(0, 10**6), weeks.policies)
    def test_strays_at_most_half_a_step_and_upwards_at_the_half(
        self, worked_s: int, data: dict[str, Any]
    ) -> None:
        policy = TimePolicy.from_json(data)
        rounded = round_time(worked_s, policy=policy)
        assert rounded % policy.rounding.step_s == 0
        assert -policy.rounding.step_s < 2 * (worked_s - rounded) < policy.rounding.step_s or (
            2 * (rounded - worked_s) == policy.rounding.step_s
        )

    def test_half_a_minute_goes_up(self) -> None:
        assert pay(was_in(0, 90), policy={"rounding": "nearest_minute"}).payable_s == 120
        assert pay(was_in(0, 89), policy={"rounding": "nearest_minute"}).payable_s == 60

    def test_half_a_cent_goes_up(self) -> None:
        seats = [{"performer": ME, "pay_rate_minor": 1800, "currency": "usd"}]
        assert pay(was_in(0, 1), seats=seats).amount == Money(1, "usd")
