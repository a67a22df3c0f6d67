"""One session with what was recorded of it: the page joins the booking with its time lines."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from marketplace.sessions import arrivals, booking, queries, room
from marketplace.sessions.forms import MoveForm
from marketplace.sessions.models import Session
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.timekeeping.queries import lines_of

EVERYONE = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(*EVERYONE)
def session_detail(request: HttpRequest, session_id: str) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    session = queries.get_session(actor, session_id)
    seat = queries.own_seat(session, actor)
    lines = lines_of(actor).filter(seat__session=session)
    if seat is not None:
        lines = lines.filter(seat=seat)
    context = {
        "session": session,
        "seat": seat,
        "lines": list(lines.order_by("id")),
        "is_company": session.company_id in actor.company_ids,
        "can_enter": session.state in (*BEFORE, *UNDER_WAY) and now >= session.call_at - room.DOORS_OPEN,
        "can_arrive": seat is not None and arrivals.is_expected(seat, at=now),
        "to_fill": [
            (each.public_id, each.performer.stage_name)
            for each in (booking.who_could_play(session) if _books(session, actor, now=now) else [])
        ],
        "move": queries.open_move(session),
        "can_move": now < session.call_at
        and session.state in BEFORE
        and (_books(session, actor, now=now) or (seat is not None and seat.released_at is None)),
        "move_form": MoveForm(),
        "can_release": _books(session, actor, now=now),
        "can_fail": actor.is_talent and session.state in (*BEFORE, *UNDER_WAY) and now >= session.call_at,
        "can_cancel": session.state in BEFORE and now < session.call_at,
        "now": now,
    }
    return render(request, "marketplace/session_detail.html", context)


def _books(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Whether the reader may call a seat off, or give it to another."""
    ahead = session.state in BEFORE and now < session.call_at
    return ahead and actor.may(Act.BOOK, company_id=session.company_id)


urlpatterns = [path("sessions/<str:session_id>/", session_detail, name="session_detail")]
