"""A call as a calendar keeps it: one event, whose UID stays and whose SEQUENCE rises with each change (RFC 5545, RFC 5546)."""

from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vDatetime, vText

from accounts.notifications.news import CalendarMail
from kit.instants import in_words
from marketplace.sessions.models import Seat, Session

PRODID = "-//Callboard//Callboard//EN"


class Method(StrEnum):
    """What a mail asks of a calendar: keep the event as it is now, or take it out."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def mail_of(seat: Seat, *, method: Method, at: datetime) -> CalendarMail:
    """What goes with a mail to whoever has the seat. Nobody answers it by mail: a seat is confirmed on its page."""
    reader = seat.performer.user
    event = entry(seat.session, zone=reader.time_zone, is_off=method == Method.CANCEL, stamped_at=at)
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = vText(seat.session.company.name)
    attendee = vCalAddress(f"mailto:{reader.email}")
    attendee.params["CN"] = vText(seat.performer.stage_name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED" if seat.confirmed_at else "NEEDS-ACTION")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("organizer", organizer)
    event.add("attendee", attendee)
    return CalendarMail(method=str(method), text=calendar_of([event], method=str(method)))


def entry(session: Session, *, zone: str, is_off: bool, stamped_at: datetime) -> Event:
    """The session as an event; its times in words for a reader in `zone`, and by the gig's own clock."""
    event = Event()
    # No host's name in it: a house that moves would make every call a second time.
    event.add("uid", f"{session.public_id}@callboard")
    event.add("sequence", session.revision)
    event["DTSTAMP"] = vDatetime(stamped_at)
    event["DTSTART"] = vDatetime(session.call_at)
    event["DTEND"] = vDatetime(session.scheduled_end_at)
    event.add("summary", session.gig.title)
    address = f"{settings.PUBLIC_URL}{reverse('session_detail', args=[session.public_id])}"
    event.add("location", address)
    event.add("url", address)
    event.add("description", _words(session, zone=zone))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    return event


def calendar_of(events: list[Event], *, method: str, name: str = "") -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _words(session: Session, *, zone: str) -> str:
    """Both clocks, where they differ."""
    here = in_words(session.call_at, zone)
    there = in_words(session.call_at, session.gig.time_zone)
    said = here if here == there else f"{here} ({there} by the gig's clock)"
    return f"{session.company.name}. {said}. The room opens on its page."
