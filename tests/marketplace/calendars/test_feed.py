"""A calendar reads one's calls at a secret address: one's own and one's companies', until it is renewed or taken back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.access.roles import Staff
from accounts.identity.models import User
from marketplace.sessions import calling_off
from marketplace.sessions.models import Session
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.stories import CALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(it_is: Callable[[datetime], None]) -> Session:
    it_is(CALL - timedelta(days=2))
    return stories.a_pair_booked(stories.a_company("Northlight"))


def player(session: Session, number: int = 0) -> User:
    return session.seats.select_related("performer__user").order_by("id")[number].performer.user


def address_of(user: User) -> str:
    """By its page."""
    page = logs_in(user).post("/calendar/feed/").content.decode()
    found = re.search(r"/calendar/feed/[\w-]{43}\.ics", page)
    assert found is not None
    return found[0]


def events(answer: Any) -> list[Any]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_shows_ones_own_calls_and_ones_companys_and_nobody_elses(session: Session) -> None:
    other = stories.a_pair_booked(stories.a_company("Southlight"), call_at=CALL + timedelta(hours=5))
    for user, calls in (
        (player(session), [session]),
        (stories.person(stories.owner_of(session.company)), [session]),
        (player(other), [other]),
    ):
        found = events(Client().get(address_of(user)))
        assert [str(event["UID"]).split("@")[0] for event in found] == [each.public_id for each in calls]
    # Whatever staff may look at is no call of theirs.
    both = player(session)
    stories.becomes_staff(both, Staff.TALENT)
    assert len(events(Client().get(address_of(both)))) == 1


def test_is_the_same_until_something_changes(session: Session, it_is: Callable[[datetime], None]) -> None:
    address = address_of(player(session))
    first = Client().get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    it_is(CALL - timedelta(days=1))
    same = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    us = stories.owner_of(session.company)
    calling_off.cancel_session(session=session, reason="No.", by=us, at=CALL - timedelta(days=1))
    changed = Client().get(address, headers={"If-None-Match": first.headers["ETag"]})
    (event,) = events(changed)
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)


def test_a_seat_that_one_gave_up_is_off_for_them_alone(session: Session) -> None:
    me = stories.acting(session.seats.select_related("performer__user").order_by("id")[0].performer)
    calling_off.cancel_session(session=session, reason="Ill.", by=me, at=CALL - timedelta(days=1))
    for number, status in ((0, "CANCELLED"), (1, "CONFIRMED")):
        (event,) = events(Client().get(address_of(player(session, number))))
        assert str(event["STATUS"]) == status


def test_is_read_only_and_nothing_else_opens_it(session: Session) -> None:
    address = address_of(player(session))
    assert Client().post(address).status_code == 405
    assert Client().get("/calendar/feed/" + "x" * 43 + ".ics").status_code == 404
    assert Client().get(address.replace("/feed/", "/")).status_code == 404


def test_another_address_takes_its_place_and_it_is_taken_back(session: Session) -> None:
    user = player(session)
    first, second = address_of(user), address_of(user)
    assert [Client().get(each).status_code for each in (first, second)] == [404, 200]
    browser = logs_in(user)
    assert "Taken back." in browser.post("/calendar/feed/end/", follow=True).content.decode()
    assert Client().get(second).status_code == 404
    assert browser.post("/calendar/feed/end/").status_code == 404


def test_is_made_read_and_taken_back_over_the_api(session: Session) -> None:
    api = Api(player(session))
    assert api.get("me/calendar-feed").status_code == 404
    made = api.post("me/calendar-feed")
    assert made.status_code == 201
    address = body_of(made)["address"]
    assert len(events(Client().get(address))) == 1
    shown = body_of(api.get("me/calendar-feed"))
    assert (shown["id"], shown["read_at"] is None) == (body_of(made)["feed"]["id"], False)
    assert address.split("/")[-1].split(".")[0] not in str(shown)
    assert api.send("DELETE", "me/calendar-feed").status_code == 204
    assert Client().get(address).status_code == 404
    assert api.send("DELETE", "me/calendar-feed").status_code == 404


def test_ends_with_its_owners_account(session: Session) -> None:
    user = player(session)
    address = address_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert Client().get(address).status_code == 404
