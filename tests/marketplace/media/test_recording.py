"""Whether a session is recorded: pressed by the company, granted by every seat, and called so once a slice of each is safe."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from marketplace.media import recording as recordings
from marketplace.media.models import Recording
from marketplace.sessions import deliveries
from tests import stories
from tests.marketplace.conftest import Caller
from tests.marketplace.media.conftest import Room
from tests.stories import CALL

pytestmark = pytest.mark.django_db


def light(room: Room, who: Caller) -> str:
    return who.client.get(f"/{room.path}/recording/").content.decode()


def test_is_called_recording_once_the_first_slice_of_every_seat_is_safe(room: Room) -> None:
    assert 'data-state="off"' in light(room, room.ada)
    recording = room.records()
    stands = room.stands()
    assert (stands["is_on"], stands["is_safe"], len(stands["waits_for"])) == (True, False, 2)
    for n, (who, state) in enumerate(((room.ada, "starting"), (room.bo, "recording"))):
        address = room.opens(who, recording)["Location"]
        assert not room.stands()["is_safe"]
        room.sends(who, address, 0, b"a slice")
        assert len(room.stands()["waits_for"]) == 1 - n
        for each in (room.ada, room.bo, room.nora):
            page = light(room, each)
            assert f'data-state="{state}"' in page
            assert ("</span>Recording</p>" in page) is (state == "recording")


@pytest.mark.parametrize("door", ["page", "api"])
def test_the_company_starts_and_stops_it_and_nobody_else(room: Room, door: str) -> None:
    def presses(who: Caller, what: str) -> int:
        if door == "page":
            return who.client.post(f"/{room.path}/recording/press/", {"do": what}).status_code
        return who.post(f"{room.path}/recording" + ("/stop" if what == "stop" else ""))[0]

    assert presses(room.ada, "record") in (403, 404)
    assert not Recording.objects.exists()
    assert presses(room.nora, "record") in (200, 201)
    assert room.stands()["is_on"]
    presses(room.nora, "record")  # once more is said, and changes nothing
    assert Recording.objects.count() == 1
    room.passes(minutes=2)
    assert presses(room.ada, "stop") in (403, 404)
    assert presses(room.nora, "stop") == 200
    assert not room.stands()["is_on"]
    assert Recording.objects.get().why_stopped == "pressed"
    if door == "api":
        assert room.nora.post(f"{room.path}/recording/stop")[1]["code"] == "not_recording"


def test_without_one_grant_nothing_records(
    as_someone: Callable[[Any], Caller], it_is: Callable[[datetime], None]
) -> None:
    room = Room(as_someone, it_is, grants=False)
    status, refusal = room.nora.post(f"{room.path}/recording")
    assert (status, refusal["code"]) == (409, "not_granted")
    page = room.nora.client.post(f"/{room.path}/recording/press/", {"do": "record"}).content.decode()
    assert "Not everyone has granted a recording" in page
    assert 'value="record"' not in light(room, room.nora)
    assert len(room.stands()["missing"]) == 2
    assert not Recording.objects.exists()


def test_one_missing_grant_of_two_is_enough_to_record_nothing(room: Room) -> None:
    room.withdraws(room.bo)
    assert room.nora.post(f"{room.path}/recording")[1]["code"] == "not_granted"
    assert room.stands()["missing"] == [room.seats[1].performer.stage_name]


def test_a_withdrawal_in_the_middle_stops_it_at_once(room: Room) -> None:
    recording = room.records()
    hers, his = (room.opens(who, recording)["Location"] for who in (room.ada, room.bo))
    for who, address in ((room.ada, hers), (room.bo, his)):
        room.sends(who, address, 0, b"a slice")
    assert room.stands()["is_safe"]
    room.withdraws(room.ada)
    assert not room.stands()["is_on"]  # before any sweep
    assert room.sends(room.ada, hers, 7, b"more").status_code == 403
    assert room.sends(room.bo, his, 7, b"the rest").status_code == 204  # recorded before, and granted
    recordings.settle(at=room.now + timedelta(seconds=5))
    assert Recording.objects.get().why_stopped == "withdrawn"
    assert room.nora.post(f"{room.path}/recording")[1]["code"] == "not_granted"


def test_is_over_with_the_session(room: Room) -> None:
    room.records()
    room.passes(minutes=5)
    room.nora.post(f"{room.path}/end")
    assert not room.stands()["is_on"]
    recordings.settle(at=room.now + timedelta(seconds=5))
    stopped = Recording.objects.get()
    assert (stopped.why_stopped, stopped.stopped_at) == ("over", room.now)
    assert room.nora.post(f"{room.path}/recording")[0] == 409


def test_belongs_to_a_session_that_is_live(
    as_someone: Callable[[Any], Caller], it_is: Callable[[datetime], None]
) -> None:
    session = stories.a_pair_booked(grants=["evaluation"])
    it_is(CALL - timedelta(minutes=5))
    owner = as_someone(stories.person(stories.owner_of(session.company)))
    path = f"sessions/{session.public_id}/recording"
    assert owner.post(path)[0] == 409
    bodies = [
        stories.joined(session, seat.performer, CALL) for seat in session.seats.select_related("performer")
    ]
    stories.arrives(session, *bodies, at=CALL)
    deliveries.follow(session=session, at=CALL)
    it_is(CALL)
    assert owner.post(path)[0] == 201
