"""What a gig promises: rules of time within bounds, and nothing worse once people have applied."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.notifications.models import Notification
from marketplace.gigs.models import Gig
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_the_week")]
AsSomeone = Callable[[Any], Caller]
TIERS = [[172_800, 0], [86_400, 5_000], [0, 10_000]]


def owner_of(gig: Gig, as_someone: AsSomeone) -> Caller:
    return as_someone(stories.person(stories.owner_of(gig.company)))


@pytest.mark.parametrize(
    ("rule", "least", "most"),
    [
        ("minimum_call_s", 0, 28_800),
        ("grace_gap_s", 0, 900),
        ("no_show_after_s", 300, 3_600),
        ("overrun_limit_s", 0, 7_200),
        ("meal_min_s", 900, 7_200),
        ("rest_limit_s", 300, 3_600),
    ],
)
def test_each_length_keeps_to_its_bounds(as_someone: AsSomeone, rule: str, least: int, most: int) -> None:
    gig = stories.a_draft(stories.a_company())
    owner, path = owner_of(gig, as_someone), f"gigs/{gig.public_id}"
    for value in (least - 1, most + 1):
        refused = owner.patch(path, {"policy": {rule: value}})
        assert refused[0] == 422, value
    said = owner.patch(path, {"policy": {rule: most + 1}})[1]["errors"]
    assert [(each["field"], each["code"]) for each in said] == [(f"policy.{rule}", "out_of_range")]
    for value in (least, most):
        assert owner.patch(path, {"policy": {rule: value}})[1]["policy"][rule] == value


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [[3_600, 5_000]],
        [[0, 5_000], [3_600, 0]],
        [[3_600, 5_000], [0, 4_999]],
        [[3_600, 0], [3_600, 0], [0, 0]],
        [[30 * 86_400 + 1, 0], [0, 10_000]],
        [[n, 0] for n in range(6, -1, -1)],
    ],
)
def test_the_tiers_go_down_to_no_notice_and_up_in_pay(as_someone: AsSomeone, tiers: list[list[int]]) -> None:
    gig = stories.a_draft(stories.a_company())
    owner, path = owner_of(gig, as_someone), f"gigs/{gig.public_id}"
    said = owner.patch(path, {"policy": {"cancel_tiers": tiers}})
    assert (said[0], said[1]["errors"][0]["field"]) == (422, "policy.cancel_tiers")
    most = [[30 * 86_400, 0], *[[n, 0] for n in range(4, 0, -1)], [0, 10_000]]
    assert owner.patch(path, {"policy": {"cancel_tiers": most}})[0] == 200


class TestOnTheBoard:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"policy": {"minimum_call_s": 3_599}}, "policy.minimum_call_s"),
            ({"policy": {"grace_gap_s": 119}}, "policy.grace_gap_s"),
            ({"policy": {"no_show_after_s": 899}}, "policy.no_show_after_s"),
            ({"policy": {"rest_limit_s": 1_199}}, "policy.rest_limit_s"),
            ({"policy": {"overrun_limit_s": 901}}, "policy.overrun_limit_s"),
            ({"policy": {"meal_min_s": 1_799}}, "policy.meal_min_s"),
            ({"policy": {"rounding": "nearest_minute"}}, "policy.rounding"),
            ({"policy": {"cancel_tiers": [[0, 10_000]]}}, "policy.cancel_tiers"),
            ({"purposes": ["evaluation", "voice_replica"]}, "purposes"),
            ({"exclusive": True}, "exclusive"),
        ],
    )
    def test_nothing_gets_worse(self, as_someone: AsSomeone, change: dict[str, Any], field: str) -> None:
        gig = stories.a_gig(stories.a_company())
        owner, path = owner_of(gig, as_someone), f"gigs/{gig.public_id}"
        refused = owner.patch(path, change)
        assert (refused[0], refused[1]["code"], refused[1]["facts"]["fields"]) == (
            409,
            "gig_is_promised",
            [field],
        )
        draft = stories.a_draft(gig.company)
        assert owner.patch(f"gigs/{draft.public_id}", change)[0] == 200

    def test_what_gets_better_is_told_to_whoever_waits_and_to_nobody_else(
        self, as_someone: AsSomeone
    ) -> None:
        gig = stories.a_gig(stories.a_company(), purposes=["evaluation", "fine_tuning"], openings=3)
        waits, gone = stories.a_performer(), stories.a_performer()
        stories.applies(waits, gig)
        offered = stories.is_offered(stories.a_performer(), gig)
        as_someone(gone).post(f"applications/{stories.applies(gone, gig).public_id}/withdraw")
        owner = owner_of(gig, as_someone)
        better = {"policy": {"minimum_call_s": 5_400, "grace_gap_s": 180}, "purposes": ["evaluation"]}
        assert owner.patch(f"gigs/{gig.public_id}", better)[0] == 200
        told = Notification.objects.filter(title="A gig that you applied for has changed")
        assert {each.user_id for each in told} == {waits.user_id, offered.performer.user_id}
        assert "the rules of time, what the recordings may be used for" in told[0].body
        # The same once more changes nothing, so nobody is told.
        assert owner.patch(f"gigs/{gig.public_id}", better)[0] == 200
        assert told.count() == 2
