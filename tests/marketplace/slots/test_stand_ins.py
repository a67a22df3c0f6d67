"""A partner does not come: their place is offered at once, the first who says yes plays in the same session, and everyone is paid
by what the rules say."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from marketplace.availability import operations as availability
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions import deliveries, room
from marketplace.sessions.models import Session
from marketplace.slots import stand_ins
from marketplace.slots.models import Slot
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
END = CALL + timedelta(minutes=90)
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]


@pytest.fixture
def gig() -> Gig:
    return stories.a_gig(stories.a_company("Northlight"), seats=2, openings=9)


@pytest.fixture
def cast(gig: Gig) -> list[Engagement]:
    return [
        stories.an_active_engagement(gig, stories.a_performer(name)) for name in ("Ada", "Bo", "Cy", "Di")
    ]


@pytest.fixture
def session(cast: list[Engagement], it_is: ItIs) -> Session:
    """Ada is there from the call, and somebody of the company; Bo is not."""
    booked = stories.a_booked_session(*cast[:2])
    at = CALL + 2 * MINUTE
    stories.arrives(booked, stories.joined(booked, cast[0].performer, CALL), at=CALL)
    stories.arrives(booked, *stories.somebody_of_the_company(booked, END), at=END)
    it_is(at)
    return deliveries.follow(session=booked, at=at)


def owner(gig: Gig, as_someone: AsSomeone) -> Caller:
    return as_someone(stories.person(stories.owner_of(gig.company)))


def seeks(session: Session, whom: Engagement, as_someone: AsSomeone, **says: str) -> tuple[int, Any]:
    seat = session.seats.get(performer=whom.performer)
    path = f"sessions/{session.public_id}/seats/{seat.public_id}/stand-in"
    return owner(session.gig, as_someone).post(path, says)


def takes(performer: Performer, slot: dict[str, Any], as_someone: AsSomeone) -> tuple[int, Any]:
    return as_someone(performer).post(f"slots/{slot['id']}/take")


def told(performer: Performer) -> list[str]:
    rows = Notification.objects.filter(user=performer.user).order_by("id")
    return list(rows.values_list("title", flat=True))


def paid(session: Session) -> dict[str, int]:
    lines = TimeLine.objects.filter(seat__session=session).select_related("seat__performer")
    return {line.seat.performer.stage_name: line.payable_s for line in lines if line.seat}


def test_the_first_who_says_yes_plays_from_then_on_and_all_are_paid_by_the_rules(
    session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    ada, bo, cy, di = (each.performer for each in cast)
    assert session.state == "live"
    status, slot = seeks(session, cast[1], as_someone)
    assert (status, slot["seats_left"], slot["session"]) == (201, 1, session.public_id)
    assert "Somebody who plays with you has not come" in told(ada)
    assert "You are missed at your call" in told(bo)
    assert all("A place is free now" in told(each) for each in (cy, di))
    at = CALL + 20 * MINUTE
    it_is(at)
    assert takes(cy, slot, as_someone)[1]["id"] == session.public_id
    assert takes(di, slot, as_someone)[1]["code"] == "too_late"
    assert "Somebody stands in for you" in told(bo)
    assert (
        as_someone(bo).post(f"sessions/{session.public_id}/presence", {"event": "joined"})[1]["code"]
        == "doors_closed"
    )
    stories.arrives(session, stories.left(session, ada, END), at=END)
    stories.arrives(session, stories.joined(session, cy, at + MINUTE), stories.left(session, cy, END), at=END)
    stories.time_passes(session, at=END + timedelta(hours=1))
    # Whoever waited is paid from the call, the stand-in from when they were there, who never came nothing.
    assert paid(session) == {"Ada": 5400, "Bo": 0, "Cy": 69 * 60}


def test_a_stand_in_has_the_minimum_call_of_their_own(
    session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    slot, at = seeks(session, cast[1], as_someone)[1], CALL + 21 * MINUTE
    it_is(at)
    takes(cast[2].performer, slot, as_someone)
    cy = cast[2].performer
    stories.arrives(
        session, stories.joined(session, cy, at), stories.left(session, cy, at + 5 * MINUTE), at=END
    )
    room.end(session=session, by=stories.owner_of(session.company), at=at + 6 * MINUTE)
    stories.time_passes(session, at=END + timedelta(hours=1))
    assert paid(session)["Cy"] == 3600


def test_the_missing_one_who_comes_in_time_is_paid_though_somebody_stands_in(
    session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    slot = seeks(session, cast[1], as_someone)[1]
    takes(cast[2].performer, slot, as_someone)
    it_is(CALL + 10 * MINUTE)
    bo = as_someone(cast[1].performer)
    assert bo.post(f"sessions/{session.public_id}/presence", {"event": "joined"})[0] == 409
    stories.time_passes(session, at=END + timedelta(hours=1))
    assert paid(session)["Bo"] == 3600


def test_is_not_offered_any_more_when_the_missing_one_comes(
    session: Session, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot, at = seeks(session, cast[1], as_someone)[1], CALL + 5 * MINUTE
    stories.arrives(session, stories.joined(session, cast[1].performer, at), at=at)
    assert stand_ins.close_due(at=at + MINUTE) == 1
    assert Slot.objects.get().state == "withdrawn"
    assert takes(cast[2].performer, slot, as_someone)[1]["code"] == "too_late"
    assert seeks(session, cast[1], as_someone)[1]["code"] == "seat_not_missing"


def test_nobody_takes_it_and_the_session_ends_as_it_would(
    session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    slot = seeks(session, cast[1], as_someone)[1]
    over = CALL + 22 * MINUTE
    assert (stand_ins.close_due(at=over - MINUTE), stand_ins.close_due(at=over)) == (0, 1)
    it_is(over)
    assert takes(cast[2].performer, slot, as_someone)[1]["code"] == "too_late"
    assert "Nobody could stand in" in told(cast[0].performer)
    # The company may ask again, and then it is over with the session.
    assert seeks(session, cast[1], as_someone)[0] == 201
    room.end(session=session, by=stories.owner_of(session.company), at=over)
    assert stand_ins.close_due(at=over + MINUTE) == 1
    stories.arrives(session, stories.left(session, cast[0].performer, over), at=over)
    stories.time_passes(session, at=END + timedelta(hours=1))
    assert paid(session) == {"Ada": 3600, "Bo": 0}


def test_the_house_seeks_by_itself_where_the_gig_says_so_and_once(
    session: Session, cast: list[Engagement]
) -> None:
    late = CALL + 16 * MINUTE
    assert stand_ins.seek_due(at=late) == 0
    Gig.objects.update(finds_stand_ins=True)
    assert stand_ins.seek_due(at=CALL + 15 * MINUTE) == 0
    assert (stand_ins.seek_due(at=late), stand_ins.seek_due(at=late)) == (1, 0)
    assert "A place is free now" in told(cast[2].performer)
    owners = Notification.objects.filter(user=stories.person(stories.owner_of(session.company)))
    assert owners.filter(title="A performer has not come").count() == 1, list(
        owners.values_list("body", flat=True)
    )
    assert stand_ins.close_due(at=late + timedelta(minutes=20)) == 1
    assert stand_ins.seek_due(at=late + timedelta(minutes=21)) == 0


def test_asks_only_who_could_come_now(
    session: Session, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    cy, di = (each.performer for each in cast[2:])
    stories.a_booked_session(cast[2], call_at=CALL + 30 * MINUTE, at=CALL - timedelta(days=1))
    availability.say_special(
        starts_at=CALL, ends_at=END, is_free=False, by=stories.acting(di), at=CALL - timedelta(days=1)
    )
    asleep = stories.a_performer("Ed", zone="Asia/Tokyo")
    awake = stories.a_performer("Flo", zone="Europe/Berlin")
    for each in (asleep, awake):
        stories.an_active_engagement(session.gig, each)
    seeks(session, cast[1], as_someone)
    asked = [each.stage_name for each in (cy, di, asleep, awake) if "A place is free now" in told(each)]
    assert asked == ["Flo"]


def test_is_too_early_before_the_call_and_too_late_at_the_end(
    session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    it_is(CALL - MINUTE)
    assert seeks(session, cast[1], as_someone)[1]["code"] == "too_early"
    it_is(END - 14 * MINUTE)
    assert seeks(session, cast[1], as_someone)[1]["code"] == "too_late"
    it_is(CALL + 2 * MINUTE)
    assert seeks(session, cast[0], as_someone)[1]["code"] == "seat_not_missing"
    assert seeks(session, cast[1], as_someone)[0] == 201
    assert seeks(session, cast[1], as_someone)[1]["code"] == "slot_open"


def test_a_budget_that_holds_the_missing_seat_holds_the_stand_in(
    gig: Gig, session: Session, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    gig.refresh_from_db()
    Gig.objects.update(funded_minor=gig.committed_minor)
    slot = seeks(session, cast[1], as_someone)[1]
    it_is(CALL + 16 * MINUTE)
    assert takes(cast[2].performer, slot, as_someone)[0] == 200
    gig.refresh_from_db()
    assert gig.committed_minor == sum(seat.committed_minor for seat in session.seats.all())


def test_is_sought_and_taken_on_pages(session: Session, cast: list[Engagement]) -> None:
    us = logs_in(stories.person(stories.owner_of(session.company)))
    me, waiting = logs_in(cast[2].performer.user), logs_in(cast[0].performer.user)
    fragment = f"/sessions/{session.public_id}/missing/"
    assert "Bo has not come." in us.get(fragment).content.decode()
    seat = session.seats.get(performer=cast[1].performer)
    pressed = us.post(
        f"/sessions/{session.public_id}/seats/{seat.public_id}/stand-in/", {"pool": ""}, follow=True
    )
    assert "Offered to 2 who could come now." in pressed.content.decode()
    assert "While you wait in the room you are paid." in waiting.get(fragment).content.decode()
    assert "You are missed." in logs_in(cast[1].performer.user).get(fragment).content.decode()
    assert "Yes, I come now" in me.get("/slots/").content.decode()
    slot = Slot.objects.get()
    taken = me.post(f"/slots/{slot.public_id}/take/", follow=True).content.decode()
    assert "and it is on: come in now." in taken
    shown = us.get(f"/sessions/{session.public_id}/").content.decode()
    assert all(words in shown for words in ("Did not come", "Stands in"))
    assert "has not come" not in us.get(fragment).content.decode()
