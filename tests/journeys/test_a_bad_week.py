"""A week in which much goes wrong, in the room, about the time and at payday: each is paid what is theirs all the same."""

import pytest

from tests.journeys import about_the_time, at_payday, in_the_room
from tests.journeys.busy_week import BusyWeek
from tests.journeys.in_the_room import BadWeek


@pytest.mark.long_journey
def test_a_week_in_which_much_goes_wrong_is_paid_all_the_same(busy: BusyWeek) -> None:
    week = BadWeek(busy)
    in_the_room.play(week)
    about_the_time.is_reviewed(week)
    at_payday.is_paid(week)
