"""Everyone whom something concerns is told of it, and nobody else: once, also where it is pressed twice."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

import pytest

from accounts.notifications.models import Notification
from accounts.notifications.news import News
from kit.errors import DomainError
from tests.marketplace.told import casting_events, piece_events, session_events, week_events
from tests.marketplace.told.people import House
from tests.marketplace.told.table import TOLD, Event, Told


@pytest.mark.django_db
@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.__name__)
def test_who_is_concerned_is_told_once_and_nobody_else(event: Event) -> None:
    house = House()
    press = event(house)
    before = Notification.objects.count()
    press()
    due = expected(house, TOLD[event])
    assert told_since(before) == due
    with suppress(DomainError):
        press()
    assert told_since(before) == due


def expected(house: House, told: Told) -> Counter[tuple[int, str]]:
    return Counter(
        (user, kind.title)
        for reader, kinds in told.items()
        for kind in _each(kinds)
        for user in house.readers(reader, kind)
    )


def _each(kinds: News | tuple[News, ...]) -> tuple[News, ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def told_since(before: int) -> Counter[tuple[int, str]]:
    return Counter(Notification.objects.order_by("id")[before:].values_list("user_id", "title"))


def events_of(module: ModuleType) -> list[Callable[..., object]]:
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
    return [each for each in own if callable(each) and not each.__name__.startswith("_")]


def test_no_event_is_left_out_of_the_table() -> None:
    written = [
        each
        for module in (casting_events, piece_events, session_events, week_events)
        for each in events_of(module)
    ]
    assert set(written) == set(TOLD)
