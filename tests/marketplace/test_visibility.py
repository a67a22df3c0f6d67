"""Who reads what of a week's work: one's own, one's company's once it is theirs to see, and the house all of it."""

from collections.abc import Iterable
from typing import Any

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.keys.acting import of_user
from kit.errors import NotFound
from marketplace.casting.models import Application
from marketplace.engagements.models import Engagement
from marketplace.sessions.models import Session
from marketplace.timekeeping import queries
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests import stories

pytestmark = pytest.mark.django_db
KINDS: tuple[Any, ...] = (Application, Engagement, Session, Timesheet, TimeLine)


def seen_by(actor: Actor) -> dict[str, int]:
    """How many of each kind the actor reads, of all that there are."""
    found = {kind.__name__: kind.objects.visible_to(actor).count() for kind in KINDS}
    return {name: count for name, count in found.items() if count}


def readers(session: Session) -> dict[str, Actor]:
    first, second = (
        seat.performer for seat in session.seats.select_related("performer__user").order_by("id")
    )
    return {
        "first": stories.acting(first),
        "second": stories.acting(second),
        "owner": stories.owner_of(session.company),
        "billing": of_user(stories.a_member(session.company, Role.BILLING)),
        "stranger": stories.acting(stories.a_performer()),
        "person": of_user(stories.a_person()),
        "nobody": Actor.anonymous(),
        **{str(role): of_user(stories.a_member_of_staff(role)) for role in Staff},
        "house": stories.HOUSE,
    }


def seen(names: Iterable[str], who: dict[str, Actor]) -> list[dict[str, int]]:
    return [seen_by(who[name]) for name in names]


def test_a_week_is_read_by_its_own_people_and_the_house() -> None:
    session, other = stories.a_pair_booked(), stories.a_pair_booked()
    lines = stories.they_play(session)
    stories.they_play(other)
    who = readers(session)
    alone = {"Application": 1, "Engagement": 1, "Session": 1, "Timesheet": 1, "TimeLine": 1}
    company = {"Application": 2, "Engagement": 2, "Session": 1}
    everything = {"Application": 4, "Engagement": 4, "Session": 2, "Timesheet": 4, "TimeLine": 4}
    assert seen(["first", "second"], who) == [alone, alone]
    assert seen(["stranger", "person", "nobody"], who) == [{}, {}, {}]
    assert seen([*Staff, "house"], who) == [everything] * 4
    # Not submitted yet: of the time the company sees nothing but the line that is disputed.
    assert seen(["owner", "billing"], who) == [company, company]
    dispute = stories.questions(lines[0], by=who["first"])
    assert seen_by(who["owner"]) == company | {"TimeLine": 1}
    assert seen_by(who["second"]) == alone
    stories.everyone_confirms()
    assert seen_by(who["owner"]) == company | {"Timesheet": 2, "TimeLine": 2}
    reads = [name for name, actor in who.items() if _reads(actor, dispute.public_id)]
    assert reads == ["first", "owner", "billing", *Staff, "house"]


def _reads(actor: Actor, dispute_id: str) -> bool:
    try:
        return queries.get_dispute(actor, dispute_id).public_id == dispute_id
    except NotFound:
        return False
