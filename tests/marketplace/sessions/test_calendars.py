"""What a mail says to a calendar: the call is kept, moved with it, and taken out, by one UID and a rising SEQUENCE."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from django.core import mail
from icalendar import Calendar

from accounts.notifications.models import Notification
from accounts.notifications.operations import send_due_mail
from marketplace.sessions import calling_off, moving, reminders
from marketplace.sessions.models import Session
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[object], Caller]
ItIs = Callable[[datetime], None]
AT = CALL - timedelta(days=3)


@pytest.fixture
def session(it_is: ItIs) -> Session:
    it_is(AT)
    gig = stories.a_gig(stories.a_company("Northlight"), title="Two, three; a lift")
    pair = [
        stories.an_active_engagement(gig, stories.a_performer("Ada Quill", zone="Europe/Berlin")),
        stories.an_active_engagement(gig, stories.a_performer("Bo Lane")),
    ]
    return stories.a_booked_session(*pair, at=AT)


def received(to: str) -> list[tuple[str, Any]]:
    """Of each mail that has one, the METHOD that it says in its type and in its object, and the event."""
    send_due_mail(at=AT + timedelta(days=30))
    found = []
    for sent in mail.outbox:
        message = sent.message()
        for part in message.walk():
            if part.get_content_type() == "text/calendar" and to in sent.to:
                calendar = Calendar.from_ical(cast("bytes", part.get_payload(decode=True)))
                (event,) = calendar.walk("VEVENT")
                assert part.get_param("method") == str(calendar["METHOD"])
                found.append((str(calendar["METHOD"]), event))
        files = [part.get_filename() for part in message.walk() if part.get_filename()]
        assert files in ([], ["call.ics"])
    return found


def mail_of(session: Session, name: str) -> str:
    return (
        session.seats.select_related("performer__user").get(performer__stage_name=name).performer.user.email
    )


def test_a_booking_is_kept_under_its_own_name_with_both_clocks(session: Session) -> None:
    ((method, event),) = received(mail_of(session, "Ada Quill"))
    assert (method, str(event["UID"]), event["SEQUENCE"]) == ("REQUEST", f"{session.public_id}@callboard", 0)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (CALL, CALL + timedelta(seconds=5400))
    assert (str(event["SUMMARY"]), str(event["STATUS"])) == ("Two, three; a lift", "CONFIRMED")
    assert "16:00 CET (Tue 10 Nov, 10:00 EST by the gig's clock)" in str(event["DESCRIPTION"])
    assert str(event["ATTENDEE"]) == f"mailto:{mail_of(session, 'Ada Quill')}"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["ORGANIZER"]) == "mailto:callboard@localhost"


def test_each_booking_is_a_mail_of_its_own(session: Session) -> None:
    """A calendar takes one object from a mail, and two bookings of a day are news of one kind."""
    seat = session.seats.select_related("engagement__gig__company").order_by("id")[0]
    stories.a_booked_session(seat.engagement, call_at=CALL + timedelta(days=1), at=AT)
    assert [event["DTSTART"].dt for _, event in received(mail_of(session, "Ada Quill"))] == [
        CALL,
        CALL + timedelta(days=1),
    ]


def test_a_move_rises_in_both_calendars_also_of_who_said_the_last_yes(
    session: Session, as_someone: AsSomeone
) -> None:
    owner, ada, bo = people(session, as_someone)
    new = CALL + timedelta(days=1)
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": f"{new:%Y-%m-%dT%H:%M:%SZ}"})[1]
    ada.post(f"moves/{move['id']}/agree")
    assert bo.post(f"moves/{move['id']}/agree")[1]["state"] == "agreed"
    for name in ("Ada Quill", "Bo Lane"):
        mail.outbox.clear()
        Notification.objects.update(mailed_at=None, mail_due_at=AT)
        rows = [
            (method, event["SEQUENCE"], event["DTSTART"].dt)
            for method, event in received(mail_of(session, name))
        ]
        assert rows == [("REQUEST", 0, CALL), ("REQUEST", 1, new)]


@pytest.mark.parametrize("who", ["the company", "herself", "her seat alone"])
def test_is_taken_out_whoever_calls_it_off(session: Session, as_someone: AsSomeone, who: str) -> None:
    owner, ada, _ = people(session, as_someone)
    seat = session.seats.get(performer__stage_name="Ada Quill")
    path = f"sessions/{session.public_id}"
    caller = ada if who == "herself" else owner
    door = f"{path}/seats/{seat.public_id}/release" if who == "her seat alone" else f"{path}/cancel"
    assert caller.post(door, {"reason": "No studio."})[0] == 200
    rows = [
        (method, event["SEQUENCE"], str(event["STATUS"]))
        for method, event in received(mail_of(session, "Ada Quill"))
    ]
    assert rows == [("REQUEST", 0, "CONFIRMED"), ("CANCEL", 1, "CANCELLED")]
    mail.outbox.clear()
    Notification.objects.update(mailed_at=None, mail_due_at=AT)
    others = [method for method, _ in received(mail_of(session, "Bo Lane"))]
    assert others == (["REQUEST", "CANCEL"] if who == "the company" else ["REQUEST"])


def test_everyone_is_reminded_once_a_day_before(session: Session, it_is: ItIs) -> None:
    due = CALL - timedelta(hours=24)
    assert reminders.remind_of_calls(at=due - timedelta(seconds=1)) == 0
    assert (reminders.remind_of_calls(at=due), reminders.remind_of_calls(at=due)) == (1, 0)
    assert told("Your call is coming up") == 2
    assert told("A session is coming up") == 1
    rows = [(method, event["SEQUENCE"]) for method, event in received(mail_of(session, "Ada Quill"))]
    assert rows == [("REQUEST", 0), ("REQUEST", 0)]


def test_is_reminded_of_the_call_that_it_was_moved_to(session: Session) -> None:
    due = CALL - timedelta(hours=24)
    reminders.remind_of_calls(at=due)
    owner = stories.owner_of(session.company)
    move = moving.propose_move(session=session, call_at=CALL + timedelta(days=3), by=owner, at=due)
    for seat in session.seats.select_related("performer__user"):
        moving.agree_to_move(move=move, by=stories.acting(seat.performer), at=due)
    assert reminders.remind_of_calls(at=due + timedelta(days=1)) == 0
    assert reminders.remind_of_calls(at=due + timedelta(days=3)) == 1
    assert told("Your call is coming up") == 4


def test_nobody_is_reminded_of_what_they_were_booked_for_that_day_or_of_what_is_off(session: Session) -> None:
    seat = session.seats.select_related("engagement__gig__company").order_by("id")[0]
    late = CALL + timedelta(hours=4)
    stories.a_booked_session(seat.engagement, call_at=late, at=late - timedelta(hours=23))
    calling_off.cancel_session(
        session=session, reason="No.", by=stories.owner_of(session.company), at=CALL - timedelta(hours=30)
    )
    assert reminders.remind_of_calls(at=CALL - timedelta(hours=1)) == 0


def told(title: str) -> int:
    return Notification.objects.filter(title=title).count()


def people(session: Session, as_someone: AsSomeone) -> tuple[Caller, Caller, Caller]:
    ada, bo = (seat.performer for seat in session.seats.select_related("performer").order_by("id"))
    return as_someone(stories.person(stories.owner_of(session.company))), as_someone(ada), as_someone(bo)
