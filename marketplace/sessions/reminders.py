"""A day before its call, everyone who is booked for it is reminded once, and whoever books for the company."""

from datetime import datetime, timedelta

from django.db.models import F
from django.urls import reverse

from accounts.notifications.news import About
from accounts.notifications.session_kinds import SessionKind as Kind
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.sessions.entries import Method
from marketplace.sessions.models import Session
from marketplace.sessions.operations import locked, tell, tell_its_company
from marketplace.sessions.room import DOORS_OPEN
from marketplace.sessions.states import BEFORE

REMINDED = timedelta(hours=24)


def remind_of_calls(*, at: datetime) -> int:
    """The tick: returns of how many sessions. Whoever was booked within the last day before a call has just read of it."""
    near = Session.objects.filter(
        reminded_at=None, cancelled_at=None, state__in=BEFORE, call_at__gt=at, call_at__lte=at + REMINDED
    ).filter(created_at__lt=F("call_at") - REMINDED)
    return retries.each(
        near.order_by("pk"),
        lambda session: _remind(session, at=at),
        job=Job.REMIND_OF_CALL,
        page=_page,
        at=at,
    )


def _page(session: Session) -> str:
    return reverse("session_detail", args=[session.public_id])


def _remind(session: Session, *, at: datetime) -> bool:
    session = locked(session.pk)
    if session.reminded_at is not None or session.state not in BEFORE or at >= session.call_at:
        return False
    session.reminded_at = at
    session.save(update_fields=["reminded_at"])
    about: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "doors_at": session.call_at - DOORS_OPEN,
    }
    what = f"reminder:{session.revision}"
    for seat in session.seats.filter(released_at=None).select_related("performer__user"):
        seat.session = session
        tell(seat, kind=Kind.REMINDER, about=about, what=what, calendar=Method.REQUEST, at=at)
    tell_its_company(session, kind=Kind.REMINDER_TO_COMPANY, about=about, what=what, at=at)
    return True
