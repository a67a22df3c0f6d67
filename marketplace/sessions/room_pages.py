"""The room: a dark stage with the clock, the prompt, who is here, Break and Stop. Nothing else."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.errors import Invalid
from marketplace.presence.policy import TimePolicy
from marketplace.rights import queries as rights
from marketplace.sessions import arrivals, directing, live, marks, queries, room
from marketplace.sessions.models import Mark, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY

# In the place of a connection of our own: LiveKit itself says who is in its room.
AT_LIVEKIT = "livekit"
# Which camera and microphone were chosen at the check, for the page that meets the others.
DEVICES = "devices"
LONGEST_DEVICE = 200
EVERYONE = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("room")
@require_POST
def enter(request: HttpRequest, session_id: str) -> HttpResponse:
    """Come in, or come back in after the connection was lost."""
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    entrance = room.enter(session=session, by=actor, at=clock.now())
    request.session[_key(session)] = entrance.sid or AT_LIVEKIT
    request.session[DEVICES] = {
        name: request.POST.get(name, "")[:LONGEST_DEVICE] for name in ("camera", "microphone")
    }
    return redirect("session_room", session_id=session_id)


@allow(*EVERYONE)
def stage(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    return render(
        request,
        "marketplace/room.html",
        {**_context(request, session, actor), **_video(request, session, actor)},
    )


def _video(request: HttpRequest, session: Session, actor: Actor) -> dict[str, Any]:
    """Who is in meets the others, page to page or at LiveKit; who is still before the door checks their devices."""
    seat, is_open = queries.own_seat(session, actor), session.state in (*BEFORE, *UNDER_WAY)
    is_in = bool(request.session.get(_key(session))) if seat else _is_of_company(session, actor)
    return {
        "meets": is_open and is_in,
        "checks": is_open and seat is not None and not is_in,
        "livekit": bool(settings.LIVEKIT_URL),
        "granted": rights.active_purposes(seat.engagement.application_id) if seat else [],
        "my_name": seat.performer.stage_name if seat else session.company.name,
        "devices": request.session.get(DEVICES, {}),
    }


@allow(*EVERYONE)
@paced("room")
@require_POST
def here(request: HttpRequest, session_id: str) -> HttpResponse:
    """The page's own poll: it says that one is still there and brings the room's news.

    Who has the room open for the company is in it: nobody has to press anything to be there.
    """
    actor, now = actor_of(request), clock.now()
    session = queries.get_session(actor, session_id)
    sid = request.session.get(_key(session), "")
    if not sid and queries.own_seat(session, actor) is None and _is_of_company(session, actor):
        sid = _come_in_quietly(request, session, actor)
    if sid and session.state in (*BEFORE, *UNDER_WAY) and not settings.LIVEKIT_URL:
        try:
            room.beat(session=session, sid=sid, by=actor, at=now)
        except room.UnknownConnection:
            # Shown in the room as not connected, with the button to come back in.
            del request.session[_key(session)]
    return render(request, "marketplace/room_now.html", _context(request, session, actor))


def _come_in_quietly(request: HttpRequest, session: Session, actor: Actor) -> str:
    try:
        entrance = room.enter(session=session, by=actor, at=clock.now())
    except room.DoorsClosed:
        return ""
    request.session[_key(session)] = entrance.sid or AT_LIVEKIT
    return entrance.sid


def _is_of_company(session: Session, actor: Actor) -> bool:
    return session.company_id in actor.company_ids


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("room")
@require_POST
def leave(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    sid = request.session.pop(_key(session), "")
    if sid and sid != AT_LIVEKIT:
        room.leave(session=session, sid=sid, by=actor, at=clock.now())
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER)
@paced("room")
@require_POST
def knock(request: HttpRequest, session_id: str) -> HttpResponse:
    """A performer says that they are here, though the room is shut."""
    actor, now = actor_of(request), clock.now()
    session = queries.get_session(actor, session_id)
    seat = room.seat_of(session, actor)
    in_time = arrivals.is_expected(seat, at=now)
    arrivals.arrive(session=session, seat=seat, by=actor, at=now)
    said = "you came in time, so the minimum call is yours." if in_time else "you were here."
    messages.success(request, f"Noted: {said}")
    return redirect("session_detail", session_id=session_id)


@allow(*EVERYONE)
@paced("room")
@require_POST
def mark(request: HttpRequest, session_id: str) -> HttpResponse:
    """Start a break or a hold, or end the one that runs (`kind=end`): one's own as a performer, everyone's as the company."""
    actor, now = actor_of(request), clock.now()
    session = queries.get_session(actor, session_id)
    seat, kind = queries.own_seat(session, actor), request.POST.get("kind", "")
    if kind == "end":
        marks.end_mark(session=session, seat=seat, by=actor, at=now)
    elif kind in Mark.Kind.values:
        marks.start_mark(session=session, kind=Mark.Kind(kind), seat=seat, by=actor, at=now)
    else:
        raise Invalid.field("kind", "A rest, a meal or a hold.", code="not_a_choice")
    return redirect("session_room", session_id=session_id)


@allow(*EVERYONE)
@paced("room")
@require_POST
def stop(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    room.stop(session=session, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    messages.success(request, "Stopped. What was worked is paid, and the minimum call holds.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("room")
@require_POST
def end(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    room.end(session=session, by=actor, at=clock.now())
    messages.success(request, "Ended. The time is being worked out.")
    return redirect("session_detail", session_id=session_id)


def _context(request: HttpRequest, session: Session, actor: Actor) -> dict[str, Any]:
    now = clock.now()
    seat, running = queries.own_seat(session, actor), queries.open_marks(session)
    silent = room.silent_s(session=session, at=now)
    steady = {identity for identity, silent_s in silent.items() if silent_s <= room.STEADY_S}
    is_here = seat is not None and seat.performer.public_id in steady
    own_mark = next((each for each in running if seat is not None and each.seat_id == seat.pk), None)
    all_mark = next((each for each in running if each.seat_id is None), None)
    return {
        "session": session,
        "seat": seat,
        "is_company": _is_of_company(session, actor),
        "directs": directing.is_directing(session, actor),
        "company_is_here": any(identity.startswith(session.company.public_id) for identity in steady),
        "is_live": session.state in UNDER_WAY,
        "is_open": session.state in (*BEFORE, *UNDER_WAY),
        "is_here": is_here,
        "people": [
            (each, each.performer.public_id in steady, silent.get(each.performer.public_id))
            for each in session.seats.all()
            if each.released_at is None
        ],
        "now": live.now_for(seat, session=session, marks=running, is_here=is_here, at=now),
        "own_mark": own_mark,
        "all_mark": all_mark,
        "beat_s": room.BEAT_S,
        "grace": timedelta(seconds=TimePolicy.from_json(session.policy).grace_gap_s),
    }


def _key(session: Session) -> str:
    return f"room:{session.public_id}"


ROOM = "sessions/<str:session_id>/room/"
urlpatterns = [
    path(ROOM, stage, name="session_room"),
    path(f"{ROOM}enter/", enter, name="session_enter"),
    path(f"{ROOM}here/", here, name="session_here"),
    path(f"{ROOM}knock/", knock, name="session_knock"),
    path(f"{ROOM}leave/", leave, name="session_leave"),
    path(f"{ROOM}mark/", mark, name="session_mark"),
    path(f"{ROOM}stop/", stop, name="session_stop"),
    path(f"{ROOM}end/", end, name="session_end"),
]
