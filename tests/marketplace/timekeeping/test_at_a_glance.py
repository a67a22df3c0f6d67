"""The week at a glance: two hundred lines in a few presses, and each exception with what it rests on."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest

from accounts.identity.models import User
from accounts.performers.models import Performer
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests import stories
from tests.accounts.browsing import logs_in

pytestmark = pytest.mark.django_db
PEOPLE, OF_EACH = 50, 4
PRESSES, SECONDS = 20, 120


@pytest.fixture
def busy() -> Session:
    """Two hundred lines of one week, copied from one that was played; six of them ask for a decision."""
    session = stories.a_pair_booked(stories.a_company("Northlight"))
    line = stories.they_play(session)[0]
    session.refresh_from_db()
    sheet, seat = line.timesheet, line.seat
    assert seat is not None
    for number in range(PEOPLE):
        user = User.objects.create_user(f"busy{number}@example.org", stories.PASSWORD, name=f"Busy {number}")
        performer = Performer.objects.create(user=user, stage_name=f"Busy {number}")
        own = Timesheet.objects.create(performer=performer, company=sheet.company, week=sheet.week)
        for day in range(OF_EACH):
            at = session.call_at + timedelta(days=day)
            other = _copied(session, call_at=at, scheduled_end_at=at + timedelta(minutes=90))
            theirs = _copied(seat, session=other, performer=performer, during=(at, other.scheduled_end_at))
            _copied(line, timesheet=own, seat=theirs, inferred=number * OF_EACH + day < 6)
    stories.everyone_confirms()
    return session


def _copied(row: Any, **changes: Any) -> Any:
    fields = {
        each.attname: getattr(row, each.attname)
        for each in row._meta.concrete_fields
        if not each.primary_key and each.name != "public_id"
    }
    for name, value in changes.items():
        fields.pop(f"{name}_id", None)
        fields[name] = value
    return type(row).objects.create(**fields)


def test_two_hundred_lines_are_approved_in_a_few_presses(busy: Session) -> None:
    us = logs_in(stories.person(stories.owner_of(busy.company)))
    began, presses = time.monotonic(), 0
    week = f"/company/{busy.company.public_id}/week/{stories.MONDAY}/"
    page = us.get(week).content.decode()
    presses += 1
    assert "6 need a decision" in page
    section = page[page.index('id="exceptions"') : page.index('id="people"')]
    asked = re.findall(r'href="(/week/line/[^"]+/)"', section)
    assert len(asked) == 6
    for line in asked:
        assert us.get(line).status_code == 200
        assert "What it rests on" in us.get(f"{line}evidence/").content.decode()
        presses += 1
    (approve,) = set(re.findall(r'action="([^"]+/approve/)"', page))
    assert "202 lines approved." in us.post(approve, follow=True).content.decode()
    presses += 1
    assert presses <= PRESSES
    assert time.monotonic() - began < SECONDS
    assert not TimeLine.objects.filter(state="recorded").exists()


def test_an_exception_shows_each_source_by_itself(busy: Session) -> None:
    line = TimeLine.objects.filter(seat__session=busy).select_related("seat__performer").order_by("id")[0]
    assert line.seat is not None
    us = logs_in(stories.person(stories.owner_of(busy.company)))
    shown = us.get(f"/week/line/{line.public_id}/evidence/").content.decode()
    # By New York's clock, as the owner reads it.
    for said in (
        "Came 10:00:00, left 11:30:00",
        "Nobody looked",
        "No break, no hold.",
        "Nothing that you may play.",
    ):
        assert said in shown
    stranger = logs_in(stories.person(stories.owner_of(stories.a_company("B"))))
    assert stranger.get(f"/week/line/{line.public_id}/evidence/").status_code == 404
