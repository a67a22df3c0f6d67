"""The platform's own room: who enters, is there, leaves, stops. It tells of itself as LiveKit would.

With LiveKit configured, the video is there and the evidence comes from its webhooks; entering gives a token.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from livekit.api import AccessToken, VideoGrants

from accounts.access.actors import Actor
from accounts.access.acts import Act
from kit.errors import DomainError, NotFound
from kit.instants import length_in_words
from kit.ranges import epoch_s
from marketplace.presence.evidence import Joined, Left, Poll
from marketplace.sessions import deliveries, suspended, video_rooms
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import PresenceDelivery, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY

DOORS_OPEN = timedelta(minutes=30)
BEAT_S = 15
# A beat and what it may take to arrive; after it a page says that nothing is heard.
STEADY_S = BEAT_S + 5
# Three beats missed: the connection is gone, whatever its browser would say.
GONE_AFTER_S = 3 * BEAT_S
# Connections of our own room are named after their seat.
OWN = "sea_"
Kind = PresenceDelivery.Kind


class DoorsClosed(DomainError):
    """Come back when the doors open; the refusal says how long before the call that is."""

    code = "doors_closed"
    title = "The room is not open"


class UnknownConnection(DomainError):
    """Enter the room first; the answer carries the connection's id."""

    code = "unknown_connection"
    title = "Enter the room first"


@dataclass(frozen=True)
class Entrance:
    """How to be in the room: by beats under `sid`, or at LiveKit by `url` and `token`."""

    sid: str = ""
    url: str = ""
    token: str = ""


@transaction.atomic
def enter(*, session: Session, by: Actor, at: datetime) -> Entrance:
    """A performer comes in. Raises DoorsClosed (409) but from DOORS_OPEN before the call to the end, Suspended (409),
    NotFound (404)."""
    seat = seat_of(session, by)
    if session.state not in (*BEFORE, *UNDER_WAY) or at < session.call_at - DOORS_OPEN or seat.released_at:
        raise DoorsClosed(
            f"It opens {length_in_words(DOORS_OPEN)} before the call and closes with the session."
        )
    suspended.refuse_unanswered(seat)
    if settings.LIVEKIT_URL:
        return Entrance(url=settings.LIVEKIT_URL, token=_token(session, seat))
    sid = f"{seat.public_id}.{secrets.token_hex(6)}"
    joined = _event("participant_joined", session.room, sid, seat.performer.public_id, at_s=epoch_s(at))
    _tell(session, [joined], at=at)
    deliveries.follow(session=session, at=at)
    return Entrance(sid=sid)


def beat(*, session: Session, sid: str, by: Actor, at: datetime) -> None:
    """The performer is still there.

    Raises UnknownConnection (409) for a connection that is not theirs, has left, or was silent for too long: then it
    ended with its last beat, as it would at any provider, and they enter again.
    """
    seat = seat_of(session, by)
    _require_own(sid, seat)
    time_out(session=session, at=at)
    if sid not in _open(session):
        raise UnknownConnection("Your connection was lost; enter again. What you worked is kept.")
    body = {
        "room": session.room,
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "participants": [{"sid": sid, "identity": seat.performer.public_id}],
    }
    deliveries.receive(room=session.room, kind=Kind.POLL, body=json.dumps(body).encode(), at=at)


def leave(*, session: Session, sid: str, by: Actor, at: datetime) -> None:
    """The performer goes out; they may come in again."""
    seat = seat_of(session, by)
    _require_own(sid, seat)
    left = _event("participant_left", session.room, sid, seat.performer.public_id, at_s=epoch_s(at))
    _tell(session, [left], at=at)


@transaction.atomic
def end(*, session: Session, by: Actor, at: datetime) -> Session:
    """The company ends the session: the room closes and the time is worked out. Raises Forbidden (403), DoorsClosed (409)."""
    by.require(Act.BOOK, company_id=session.company_id)
    if session.state not in UNDER_WAY:
        raise DoorsClosed("Only a session that is live can be ended.")
    _close(session, at=at)
    return sessions.wrap(session=session, finished_at=at, by=by, at=at)


@transaction.atomic
def stop(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """A performer, or the company, stops for safety. The room closes at once; it never costs the performers pay."""
    stopped = sessions.stop_for_safety(session=session, reason=reason, by=by, at=at)
    _close(session, at=at)
    return stopped


@transaction.atomic
def nobody_came(*, session: Session, by: Actor, at: datetime) -> Session:
    """The company did not come: the room closes, and whoever showed is paid the whole slot."""
    closed = sessions.company_no_show(session=session, by=by, at=at)
    _close(session, at=at)
    return closed


def time_out(*, session: Session, at: datetime) -> None:
    """Connections of the platform's own room that fell silent have left, at the second of their last beat."""
    silent = {sid: line for sid, line in _open(session).items() if line.seen_s < epoch_s(at) - GONE_AFTER_S}
    if silent:
        _tell(session, _leaving(session, silent, reason="CONNECTION_TIMEOUT"), at=at)


def silent_s(*, session: Session, at: datetime) -> dict[str, int]:
    """The identities in the room, and since how many seconds nothing was heard of each; at LiveKit, which would say, none."""
    if settings.LIVEKIT_URL:
        found = list(deliveries.evidence_of(session))
        gone = {event.sid for event in found if isinstance(event, Left)}
        return {event.identity: 0 for event in found if isinstance(event, Joined) and event.sid not in gone}
    now_s, lines = epoch_s(at), _open(session).values()
    seen = {
        line.identity: max(each.seen_s for each in lines if each.identity == line.identity) for line in lines
    }
    return {identity: now_s - at_s for identity, at_s in seen.items() if now_s - at_s <= GONE_AFTER_S}


def seat_of(session: Session, by: Actor) -> Seat:
    """One's own seat. Raises NotFound (404)."""
    seats = Seat.objects.filter(session=session).select_related("performer", "session")
    seat = seats.filter(performer_id=by.performer_id).first() if by.is_performer else None
    if seat is None:
        raise NotFound
    return seat


def _close(session: Session, *, at: datetime) -> None:
    video_rooms.close(session=session, at=at)
    """What a provider tells when it closes a room: everyone still there leaves, then it has finished."""
    time_out(session=session, at=at)
    there = {sid: replace(line, seen_s=epoch_s(at)) for sid, line in _open(session).items()}
    bodies = _leaving(session, there, reason="ROOM_CLOSED")
    _tell(session, [*bodies, _event("room_finished", session.room, at_s=epoch_s(at))], at=at)


@dataclass(frozen=True)
class _Line:
    """An open connection of our own room and when it last spoke."""

    identity: str
    seen_s: int


def _open(session: Session) -> dict[str, _Line]:
    seen: dict[str, _Line] = {}
    gone: set[str] = set()
    for event in deliveries.evidence_of(session):
        match event:
            case Joined():
                spoke = [(event.sid, event.identity)]
            case Poll():
                spoke = list(event.participants)
            case Left():
                gone.add(event.sid)
                continue
            case _:
                continue
        for sid, identity in spoke:
            before = seen.get(sid)
            seen[sid] = _Line(identity, max(event.at, before.seen_s if before else 0))
    return {sid: line for sid, line in seen.items() if sid.startswith(OWN) and sid not in gone}


def _leaving(session: Session, lines: dict[str, _Line], *, reason: str) -> list[dict[str, Any]]:
    return [
        _event("participant_left", session.room, sid, line.identity, at_s=line.seen_s)
        | {"participant": {"sid": sid, "identity": line.identity, "disconnectReason": reason}}
        for sid, line in sorted(lines.items())
    ]


def _require_own(sid: str, seat: Seat) -> None:
    if not sid.startswith(f"{seat.public_id}.") or len(sid) > 64 or not sid.isascii():
        raise UnknownConnection("Your page has lost its place in the room; reload it.")


def _event(kind: str, room: str, sid: str = "", identity: str = "", *, at_s: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event": kind,
        "id": f"CB_{secrets.token_hex(12)}",
        "createdAt": str(at_s),
        "room": {"name": room},
    }
    return body | ({"participant": {"sid": sid, "identity": identity}} if sid else {})


def _tell(session: Session, bodies: Iterable[dict[str, Any]], *, at: datetime) -> None:
    rows = [
        PresenceDelivery(
            room=session.room,
            kind=Kind.ROOM,
            body=json.dumps(body).encode(),
            event_id=body["id"],
            received_at=at,
        )
        for body in bodies
    ]
    deliveries.receive_many(rows, at=at)


def _token(session: Session, seat: Seat) -> str:
    grants = VideoGrants(room_join=True, room=session.room)
    token = AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    token = token.with_identity(seat.performer.public_id).with_name(seat.performer.stage_name)
    return str(token.with_grants(grants).with_ttl(video_rooms.TOKEN_LASTS).to_jwt())
