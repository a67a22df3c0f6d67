"""A gig's life: every step in turn and out of turn, and every refusal by its name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.audit.models import AuditEvent
from accounts.keys import acting
from kit.errors import Forbidden, Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.gigs import operations, queries
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from tests import stories

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
MOVES: dict[str, Callable[..., Gig]] = {
    "published": operations.publish,
    "paused": operations.pause,
    "closed": operations.close,
    "completed": operations.complete,
    "cancelled": partial(operations.cancel, reason="The scene was cut."),
}
# How a gig comes to each state, and what may follow there. A first one waits in review: see test_reviewing.
WAYS: dict[str, list[str]] = {
    "draft": [],
    "published": ["published"],
    "paused": ["published", "paused"],
    "closed": ["published", "closed"],
    "completed": ["published", "closed", "completed"],
    "cancelled": ["cancelled"],
}
MAY: dict[str, set[str]] = {
    "draft": {"published", "cancelled"},
    "published": {"paused", "closed", "cancelled"},
    "paused": {"published", "closed", "cancelled"},
    "closed": {"completed", "cancelled"},
    "completed": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("target", list(MOVES))
@pytest.mark.parametrize("state", list(WAYS))
def test_a_company_moves_its_gig_in_turn_only(state: str, target: str) -> None:
    gig = stories.a_draft(stories.a_company_on_the_board())
    owner = stories.owner_of(gig.company)
    for step in WAYS[state]:
        gig = MOVES[step](gig=gig, by=owner, at=AT)
    if target in MAY[state]:
        assert MOVES[target](gig=gig, by=owner, at=AT).state == target
    else:
        with pytest.raises(IllegalMove):
            MOVES[target](gig=gig, by=owner, at=AT)
        gig.refresh_from_db()
        assert gig.state == state


class TestPublishing:
    def test_needs_money_for_one_session_to_the_cent(self) -> None:
        gig = stories.a_draft(stories.a_company_on_the_board(), funded_minor=100_000)
        owner = stories.owner_of(gig.company)
        cost = 2 * (12_950 + 1_943)
        operations.record_funding(gig=gig, delta_minor=cost - 1 - 100_000, by=stories.HOUSE, at=AT)
        with pytest.raises(operations.NotFunded, match=r"set 0\.01 USD more aside"):
            operations.publish(gig=gig, by=owner, at=AT)
        operations.record_funding(gig=gig, delta_minor=1, by=stories.HOUSE, at=AT)
        assert operations.publish(gig=gig, by=owner, at=AT).state == GigState.PUBLISHED

    def test_leaves_a_trail(self) -> None:
        gig = stories.a_gig(stories.a_company())
        trail = AuditEvent.objects.filter(thing=gig.public_id).order_by("id").values_list("verb", flat=True)
        assert list(trail)[:2] == ["gig.posted", "gig.funded"]
        assert len(trail) == 4


class TestChanging:
    def test_never_lowers_a_rate_that_was_on_the_board(self) -> None:
        gig = stories.a_gig(stories.a_company())
        owner = stories.owner_of(gig.company)
        with pytest.raises(operations.RateFalls):
            operations.change_gig(gig=gig, fields={"rate_minor": 7399}, by=owner, at=AT)
        assert operations.change_gig(gig=gig, fields={"rate_minor": 7400}, by=owner, at=AT).rate_minor == 7400
        assert operations.change_gig(gig=gig, fields={"rate_minor": 8000}, by=owner, at=AT).rate_minor == 8000

    def test_may_lower_a_draft(self) -> None:
        gig = stories.a_draft(stories.a_company())
        changed = operations.change_gig(
            gig=gig, fields={"rate_minor": 5000}, by=stories.owner_of(gig.company), at=AT
        )
        assert changed.rate_minor == 5000


@pytest.mark.parametrize(
    "fields",
    [
        {"rate_minor": 0},
        {"rate_minor": -1},
        {"seats": 5},
        {"session_s": 899},
        {"openings": 0},
        {"answer_days": 31},
        {"currency": "eur"},
        {"time_zone": "Mars/Olympus"},
        {"skills": ["juggling"]},
        {"languages": ["tlh"]},
        {"purposes": ["everything"]},
        {"ends_on": stories.BEFORE.date().replace(year=2025)},
    ],
)
def test_refuses_what_a_gig_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        stories.a_gig(stories.a_company(), **fields)
    assert [error["field"] for error in refused.value.errors] == list(fields)
    assert not Gig.objects.exists()


class TestWhoMay:
    def test_a_reviewer_may_not(self) -> None:
        gig = stories.a_gig(stories.a_company())
        reviewer = acting.of_user(stories.a_member(gig.company, Role.REVIEWER))
        with pytest.raises(Forbidden):
            operations.pause(gig=gig, by=reviewer, at=AT)

    def test_another_company_finds_nothing(self) -> None:
        gig = stories.a_gig(stories.a_company())
        stranger = stories.owner_of(stories.a_company())
        for move in MOVES.values():
            with pytest.raises(NotFound):
                move(gig=gig, by=stranger, at=AT)
        with pytest.raises(NotFound):
            queries.get_own_gig(stranger, gig.public_id)


class TestBoard:
    def test_counts_what_each_filter_would_leave(self) -> None:
        company = stories.a_company()
        stories.a_gig(company, rate_minor=6000, seats=1)
        stories.a_gig(company, rate_minor=12_000, purposes=["voice_replica"])
        found = queries.counts(queries.Search(), at=stories.BEFORE)
        assert (found.total, found.by["no_replica"]["on"]) == (2, 1)
        assert found.by["rate_min"] == {"5000": 2, "7500": 1, "10000": 1}
        assert (found.by["seats"]["1"], found.by["seats"]["2"]) == (1, 1)

    @pytest.mark.parametrize("text", ['"', "a & b", "' OR 1=1 --", "%", "lift -lift", "()", "\\"])
    def test_takes_any_words(self, text: str) -> None:
        stories.a_gig(stories.a_company())
        assert queries.board(queries.Search(text=text), at=stories.BEFORE).count() in (0, 1)


def test_a_session_is_no_longer_than_a_day_on_camera(settings: Any) -> None:
    company = stories.a_company()
    with pytest.raises(Invalid) as refused:
        stories.a_draft(company, session_s=4 * 3600 + 1)
    assert refused.value.errors[0]["code"] == "longer_than_a_day"
    draft = stories.a_draft(company, session_s=4 * 3600)
    settings.GUARANTEES = {**settings.GUARANTEES, "day_s": 3 * 3600}
    with pytest.raises(operations.LongerThanADay):
        operations.publish(gig=draft, by=stories.owner_of(company), at=stories.BEFORE)
    settings.GUARANTEES = {**settings.GUARANTEES, "day_s": 4 * 3600}
    operations.publish(gig=draft, by=stories.owner_of(company), at=stories.BEFORE)
