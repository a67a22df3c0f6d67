"""Open calls: posted with their seats, taken by the first who press, given back, taken back, and over at their time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.performers.models import Performer
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions.models import Seat, Session
from marketplace.slots import operations
from marketplace.slots.models import Slot
from tests import stories
from tests.accounts.browsing import logs_in
from tests.database import together
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AT = CALL - timedelta(days=5)
WHEN = f"{CALL:%Y-%m-%dT%H:%M:%SZ}"
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _five_days_ahead(it_is: ItIs) -> None:
    it_is(AT)


@pytest.fixture
def gig() -> Gig:
    return stories.a_gig(stories.a_company("Northlight"), seats=2, openings=5)


@pytest.fixture
def cast(gig: Gig) -> list[Engagement]:
    return [stories.an_active_engagement(gig, stories.a_performer(name)) for name in ("Ada", "Bo", "Cy")]


def owner(gig: Gig, as_someone: AsSomeone) -> Caller:
    return as_someone(stories.person(stories.owner_of(gig.company)))


def posts(gig: Gig, as_someone: AsSomeone, **says: Any) -> dict[str, Any]:
    status, slot = owner(gig, as_someone).post(
        "slots", {"gig": gig.public_id, "call_at": WHEN, "seats": 2} | says
    )
    assert status == 201, slot
    found: dict[str, Any] = slot
    return found


def takes(performer: Performer, slot: dict[str, Any], as_someone: AsSomeone) -> tuple[int, Any]:
    return as_someone(performer).post(f"slots/{slot['id']}/take")


def test_the_first_who_take_its_seats_have_them_booked_and_confirmed(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot = posts(gig, as_someone)
    ada, bo, cy = (each.performer for each in cast)
    first = takes(ada, slot, as_someone)[1]
    second = takes(bo, slot, as_someone)[1]
    assert (first["id"], first["state"]) == (second["id"], "confirmed")
    late = takes(cy, slot, as_someone)
    assert (late[0], late[1]["code"]) == (409, "slot_taken")
    shown = owner(gig, as_someone).get(f"slots/{slot['id']}")[1]
    assert (shown["seats_left"], shown["session"]) == (0, first["id"])
    session = Session.objects.get()
    gig.refresh_from_db()
    assert gig.committed_minor == sum(seat.committed_minor for seat in session.seats.all()) > 0
    assert [line.payable_s for line in stories.they_play(session)] == [5400, 5400]


def test_is_posted_and_taken_and_given_back_on_pages(gig: Gig, cast: list[Engagement]) -> None:
    us = logs_in(stories.person(stories.owner_of(gig.company)))
    page = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/slots/"
    sent = {"call_at": "2026-11-10T10:00", "minutes": "90", "seats": "1"}
    assert us.post(page, sent | {"seats": "3"}).status_code == 422
    held = {"hold_for": [cast[0].public_id], "hold_until": "2026-11-06T12:00"}
    assert "Posted." in us.post(page, sent | held, follow=True).content.decode()
    slot = Slot.objects.get()
    me, other = logs_in(cast[0].performer.user), logs_in(cast[1].performer.user)
    assert "Held for you until" in me.get("/slots/").content.decode()
    assert "No call is open to you" in other.get("/slots/").content.decode()
    taken = me.post(f"/slots/{slot.public_id}/take/", follow=True).content.decode()
    assert "The seat is yours, and confirmed." in taken
    assert "1 of 1 free" not in us.get(page).content.decode()
    back = me.post(f"/slots/{slot.public_id}/give-back/", {"reason": "Ill."}, follow=True).content.decode()
    assert "Given back." in back
    assert "Take the seat" in other.get("/slots/").content.decode()
    assert "Taken back." in us.post(f"/slots/{slot.public_id}/withdraw/", follow=True).content.decode()
    assert "No call is open to you" in other.get("/slots/").content.decode()


def test_a_seat_is_held_until_its_time_and_then_anyones(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    until = AT + timedelta(days=1)
    held = {"hold_for": [cast[0].public_id], "hold_until": f"{until:%Y-%m-%dT%H:%M:%SZ}", "seats": 1}
    slot = posts(gig, as_someone, **held)
    ada, bo, _ = (each.performer for each in cast)
    assert takes(bo, slot, as_someone)[1]["code"] == "slot_taken"
    it_is(until)
    assert takes(bo, slot, as_someone)[0] == 200
    # Also for her it is whoever is first.
    assert takes(ada, slot, as_someone)[1]["code"] == "slot_taken"
    assert (operations.end_holds(at=until), operations.end_holds(at=until)) == (1, 0)


def test_who_has_it_held_takes_it_or_lets_it_go(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    until = f"{AT + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    held = {"hold_for": [cast[0].public_id], "hold_until": until, "seats": 1}
    other = {"call_at": f"{CALL + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"}
    first, second = posts(gig, as_someone, **held), posts(gig, as_someone, **held | other)
    ada, bo, _ = (each.performer for each in cast)
    assert takes(ada, first, as_someone)[0] == 200
    assert as_someone(ada).post(f"slots/{second['id']}/give-back", {"reason": "No."})[0] == 200
    assert takes(bo, second, as_someone)[0] == 200
    # There is nothing left of hers to give back.
    assert as_someone(ada).post(f"slots/{second['id']}/give-back", {"reason": "No."})[0] == 404


@pytest.mark.parametrize(
    ("says", "field"),
    [
        ({"seats": 3}, "seats"),
        ({"call_at": "2026-11-01T15:00:00Z"}, "call_at"),
        ({"call_at": "2029-11-01T15:00:00Z"}, "call_at"),
        ({"hold_until": WHEN}, "hold_until"),
        ({"length_s": 60}, "length_s"),
    ],
)
def test_what_no_call_can_be_is_refused(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone, says: dict[str, Any], field: str
) -> None:
    sent = {"gig": gig.public_id, "call_at": WHEN, "seats": 2} | says
    status, answer = owner(gig, as_someone).post("slots", sent)
    assert (status, answer["errors"][0]["field"]) == (422, field)
    assert not Slot.objects.exists()


@pytest.mark.parametrize(
    ("until", "seats"), [("2026-11-10T15:00:01Z", 1), ("2026-11-05T14:59:59Z", 1), (WHEN, 0)]
)
def test_a_hold_lies_ahead_and_before_the_call_and_is_of_a_seat(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone, until: str, seats: int
) -> None:
    sent = {"gig": gig.public_id, "call_at": WHEN, "seats": max(seats, 1), "hold_until": until}
    chosen = [each.public_id for each in cast[: seats or 2]]
    assert owner(gig, as_someone).post("slots", sent | {"hold_for": chosen})[0] == 422
    assert owner(gig, as_someone).post("slots", sent | {"hold_for": chosen[:1], "hold_until": WHEN})[0] == 201


def test_is_offered_once_more_when_its_seats_are_taken(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot, sent = posts(gig, as_someone, seats=1), {"gig": gig.public_id, "call_at": WHEN, "seats": 1}
    again = owner(gig, as_someone).post("slots", sent)
    assert (again[0], again[1]["code"]) == (409, "slot_open")
    takes(cast[0].performer, slot, as_someone)
    assert takes(cast[1].performer, posts(gig, as_someone, seats=1), as_someone)[0] == 200


def test_bounds_of_a_booking_bind_whoever_takes_it(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone, settings: Any
) -> None:
    slot = posts(gig, as_someone)
    ada, bo, cy = (each.performer for each in cast)
    stories.a_booked_session(cast[0], call_at=CALL + timedelta(hours=1), at=AT)
    assert takes(ada, slot, as_someone)[1]["code"] == "performer_already_booked"
    assert Session.objects.count() == 1
    stories.is_suspended(bo, at=AT)
    assert takes(bo, slot, as_someone)[1]["code"] == "suspended"
    settings.WEEKLY_CAP = timedelta(hours=1)
    assert takes(cy, slot, as_someone)[1]["code"] == "week_is_full"
    settings.WEEKLY_CAP = timedelta(hours=2)
    assert takes(cy, slot, as_someone)[0] == 200


def test_who_is_not_engaged_sees_none_and_takes_none(gig: Gig, as_someone: AsSomeone) -> None:
    slot = posts(gig, as_someone)
    stranger = stories.a_performer()
    assert as_someone(stranger).get("slots")[1]["data"] == []
    assert takes(stranger, slot, as_someone)[0] == 404
    other = as_someone(stories.person(stories.owner_of(stories.a_company("B"))))
    assert (other.get(f"slots/{slot['id']}")[0], other.post(f"slots/{slot['id']}/withdraw")[0]) == (404, 404)


def test_a_seat_given_back_is_anyones_but_theirs(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot = posts(gig, as_someone)
    ada, bo, cy = (each.performer for each in cast)
    takes(ada, slot, as_someone)
    takes(bo, slot, as_someone)
    back = as_someone(ada).post(f"slots/{slot['id']}/give-back", {"reason": "Ill."})
    assert (back[0], back[1]["seats_left"]) == (200, 1)
    assert takes(ada, slot, as_someone)[1]["code"] == "no_seat_free"
    assert takes(cy, slot, as_someone)[0] == 200
    assert Session.objects.count() == 1


def test_when_all_give_it_back_the_next_books_it_anew(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot = posts(gig, as_someone)
    ada, bo, _ = (each.performer for each in cast)
    first = takes(ada, slot, as_someone)[1]["id"]
    # By the session's own page it is the same.
    as_someone(ada).post(f"sessions/{first}/cancel", {"reason": "Ill."})
    assert takes(bo, slot, as_someone)[1]["id"] != first
    assert as_someone(bo).get(f"slots/{slot['id']}")[1]["seats_left"] == 1


def test_what_the_company_called_off_is_offered_no_more(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot = posts(gig, as_someone)
    session = takes(cast[0].performer, slot, as_someone)[1]["id"]
    owner(gig, as_someone).post(f"sessions/{session}/cancel", {"reason": "No studio."})
    assert takes(cast[1].performer, slot, as_someone)[1]["code"] == "slot_taken"


def test_taken_back_it_is_offered_no_more_and_what_was_taken_stays(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    slot = posts(gig, as_someone)
    takes(cast[0].performer, slot, as_someone)
    us = owner(gig, as_someone)
    assert us.post(f"slots/{slot['id']}/withdraw")[1]["state"] == "withdrawn"
    assert us.post(f"slots/{slot['id']}/withdraw")[1]["code"] == "illegal_state"
    assert takes(cast[1].performer, slot, as_someone)[1]["code"] == "too_late"
    assert Session.objects.get().state == "confirmed"


def test_ends_at_its_call(gig: Gig, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs) -> None:
    slot = posts(gig, as_someone)
    assert operations.lapse_slots(at=CALL - timedelta(seconds=1)) == 0
    it_is(CALL)
    assert takes(cast[0].performer, slot, as_someone)[1]["code"] == "too_late"
    assert (operations.lapse_slots(at=CALL), operations.lapse_slots(at=CALL)) == (1, 0)
    assert not Session.objects.exists()


@pytest.mark.usefixtures("committed_db")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_at_once_as_many_have_a_seat_as_there_are() -> None:
    gig = stories.a_gig(stories.a_company(), seats=2, openings=6)
    people = [stories.an_active_engagement(gig).performer for _ in range(5)]
    slot = operations.post_slot(gig=gig, call_at=CALL, seats=2, by=stories.owner_of(gig.company), at=AT)

    def press(performer: Performer) -> str:
        try:
            return str(operations.take(slot=slot, by=stories.acting(performer), at=AT))
        except operations.SlotTaken:
            return ""

    got = together([lambda each=each: press(each) for each in people])  # type: ignore[misc] # bound early
    assert sorted(map(bool, got)) == [False, False, False, True, True]
    assert (Session.objects.count(), Seat.objects.count()) == (1, 2)
