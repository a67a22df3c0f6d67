"""The room's clock says what the record will say: what is not counted does not count there either."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import logs_in

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]


class Room:
    """Two performers in a room, at times counted from the call."""

    def __init__(self, it_is: ItIs) -> None:
        self.it_is, self.session = it_is, stories.a_pair_booked()
        self.seats = list(self.session.seats.select_related("performer__user").order_by("id"))
        self.at(seconds=-60)
        self.clients = [logs_in(seat.performer.user) for seat in self.seats]

    def at(self, **length: float) -> None:
        self.it_is(stories.CALL + timedelta(**length))

    def does(self, name: str, who: int = 0, **sent: str) -> Any:
        return self.clients[who].post(reverse(f"session_{name}", args=[self.session.public_id]), sent)

    def stays(self, since_s: int, until_s: int, who: int = 0) -> str:
        """Beats every quarter of a minute; what the last one shows."""
        for second in range(since_s, until_s + 1, 15):
            self.at(seconds=second)
            page: str = self.does("here", who).content.decode()
        return page

    def sees(self, who: int = 0) -> str:
        page: str = (
            self.clients[who].get(reverse("session_room", args=[self.session.public_id])).content.decode()
        )
        return page


def shown_s(page: str) -> int:
    found = re.search(r'<cb-runtime data-seconds="(\d+)"', page)
    assert found is not None
    return int(found[1])


@pytest.fixture
def room(it_is: ItIs) -> Room:
    return Room(it_is)


def test_counts_while_one_is_there_and_stands_while_one_is_not(room: Room) -> None:
    room.at(seconds=0)
    room.does("enter")
    page = room.stays(15, 600)
    assert (shown_s(page), "data-runs" in page, "Paid: you are on" in page) == (600, True, True)
    room.at(minutes=20)
    page = room.does("here").content.decode()
    assert (shown_s(page), "data-runs" in page) == (600, False)
    assert "You are not connected: this is not counted" in page
    room.does("enter")
    assert shown_s(room.stays(1215, 1500)) == 900


def test_fills_the_gap_that_the_record_fills(room: Room) -> None:
    room.at(seconds=0)
    room.does("enter")
    room.stays(15, 300)
    room.at(seconds=300 + 90)
    room.does("here")
    room.does("enter")
    assert shown_s(room.stays(405, 600)) == 600


def test_stands_for_a_meal_and_runs_in_a_rest(room: Room) -> None:
    room.at(seconds=0)
    room.does("enter")
    room.stays(15, 600)
    room.does("mark", kind="meal")
    page = room.stays(615, 1200)
    assert (shown_s(page), "data-runs" in page, "Meal, unpaid" in page) == (600, False, True)
    room.does("mark", kind="end")
    room.does("mark", kind="rest")
    page = room.stays(1215, 1320)
    assert ("data-runs" in page, "Paid rest" in page) == (True, True)


def test_says_in_the_end_what_is_recorded(room: Room) -> None:
    room.at(seconds=0)
    room.does("enter")
    room.does("enter", 1)
    room.stays(15, 1800)
    room.at(minutes=45)
    room.does("here")
    room.does("enter")
    last = room.stays(2715, 4500)
    room.does("stop")
    stories.time_passes(Session.objects.get(pk=room.session.pk), at=stories.CALL + timedelta(hours=3))
    line = TimeLine.objects.get(seat=room.seats[0])
    assert shown_s(last) == line.worked_s == 1800 + 1800
    assert "74.00 USD as it stands" in last
    assert line.amount_minor == 7400


def test_says_within_a_beat_that_nothing_is_heard_of_somebody(room: Room) -> None:
    room.at(seconds=0)
    room.does("enter")
    room.does("enter", 1)
    room.stays(15, 60)
    page = room.sees()
    assert "Not heard for 60 s" not in page
    assert ">Not here<" in page.replace("<span>", ">").replace("</span>", "<")
    room.does("enter", 1)
    room.at(seconds=60 + 21)
    room.does("here")
    assert "Not heard for 21 s" in room.sees()
    room.does("here", 1)
    assert "Not heard" not in room.sees()
