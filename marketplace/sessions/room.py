"""The platform's own room: who enters, is there, leaves, stops. It tells of itself as LiveKit would.

With LiveKit configured, the video is there and the evidence comes from its webhooks; entering gives a token.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from livekit.api import AccessToken, VideoGrants

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import DomainError, NotFound
from kit.instants import length_in_words
from kit.ranges import epoch_s
from marketplace.presence.evidence import OWN_ROOM, Joined, Left, Poll
from marketplace.sessions import arrivals, deliveries, directing, suspended, video_rooms
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import PresenceDelivery, RoomLine, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY

DOORS_OPEN = timedelta(minutes=30)
BEAT_S = 15
# A beat and what it may take to arrive; after it a page says that nothing is heard.
STEADY_S = BEAT_S + 5
# Three beats missed: the connection is gone, whatever its browser would say.
GONE_AFTER_S = 3 * BEAT_S
Kind = PresenceDelivery.Kind


class DoorsClosed(DomainError):
    """Come back when the doors open; the refusal says how long before the call that is."""

    code = "doors_closed"
    title = "The room is not open"


class UnknownConnection(DomainError):
    """Enter the room first; the answer carries the connection's id."""

    code = "unknown_connection"
    title = "Enter the room first"


class ComeInFirst(DomainError):
    """Come in, then press again: what is played out of the room is not counted as worked."""

    code = "come_in_first"
    title = "You are not in the room"


@dataclass(frozen=True)
class Entrance:
    """How to be in the room: by beats under `sid`, or at LiveKit by `url` and `token`."""

    sid: str = ""
    url: str = ""
    token: str = ""


def enter(*, session: Session, by: Actor, at: datetime) -> Entrance:
    """A performer comes in, or somebody from the company. A performer before a door that is shut has come all the same.

    Raises DoorsClosed (409) but from DOORS_OPEN before the call to the end, Suspended (409), NotFound (404).
    """
    try:
        place = require_place(session, by, at=at)
    except DoorsClosed:
        if (seat := _own_seat(session, by)) is not None:
            arrivals.knock(seat=seat, by=by, at=at)
        raise
    return _come_in(session, place, by=by, at=at)


def require_place(session: Session, by: Actor, *, at: datetime) -> Place:
    """The actor's place in a room that is open to them. Raises DoorsClosed, Suspended (409), Forbidden (403), NotFound (404)."""
    place = _place_of(session, by)
    if not _is_open(session, at=at) or (place.seat is not None and place.seat.released_at):
        raise DoorsClosed(
            f"It opens {length_in_words(DOORS_OPEN)} before the call and closes with the session."
        )
    if place.seat is not None:
        suspended.refuse_unanswered(place.seat)
    return place


@transaction.atomic
def _come_in(session: Session, place: Place, *, by: Actor, at: datetime) -> Entrance:
    if place.seat is None:
        audit.record(verb="session.company_came", thing=session, by=by, at=at)
    if settings.LIVEKIT_URL:
        # Whether the provider lets them in is not known here; that they came is.
        if place.seat is not None:
            arrivals.knock(seat=place.seat, by=by, at=at)
        return Entrance(url=settings.LIVEKIT_URL, token=_token(session, place))
    sid = f"{place.own}.{secrets.token_hex(6)}"
    _tell(session, [_event("participant_joined", session.room, sid, place.identity, at_s=epoch_s(at))], at=at)
    RoomLine.objects.create(session=session, seat=place.seat, sid=sid, identity=place.identity, seen_at=at)
    deliveries.follow(session=session, at=at)
    return Entrance(sid=sid)


def beat(*, session: Session, sid: str, by: Actor, at: datetime) -> None:
    """They are still there.

    Raises UnknownConnection (409) for a connection that is not theirs, has left, or was silent for too long: then it
    ended with its last beat, as it would at any provider, and they enter again.
    """
    place = _place_of(session, by)
    _require_own(sid, place)
    time_out(session=session, at=at)
    with transaction.atomic():
        line = _beats(session, sid, at=at)
        body = {
            "room": session.room,
            "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "participants": [{"sid": sid, "identity": line.identity}],
        }
        deliveries.receive(room=session.room, kind=Kind.POLL, body=json.dumps(body).encode(), at=at)


def _beats(session: Session, sid: str, *, at: datetime) -> RoomLine:
    """Its row, with this beat in it."""
    rows = RoomLine.objects.select_for_update().filter(session=session, sid=sid)
    line = rows.first()
    if line is None:
        # Of a house that wrote none yet, or whose rows were lost: they are made from the evidence.
        _adopt(session)
        line = rows.first()
    if line is None or line.left_at is not None:
        raise UnknownConnection("Your connection was lost; enter again. What you worked is kept.")
    line.seen_at = max(line.seen_at, at)
    line.save(update_fields=["seen_at"])
    return line


def leave(*, session: Session, sid: str, by: Actor, at: datetime) -> None:
    """They go out; they may come in again. Raises UnknownConnection (409) for a connection that is not theirs."""
    _require_own(sid, _place_of(session, by))
    with transaction.atomic():
        _adopt(session)
        line = RoomLine.objects.select_for_update().filter(session=session, sid=sid, left_at=None).first()
        if line is not None:
            line.left_at = at
            line.save(update_fields=["left_at"])
            event = _event("participant_left", session.room, sid, line.identity, at_s=epoch_s(at))
            _tell(session, [event], at=at)


@transaction.atomic
def end(*, session: Session, by: Actor, at: datetime) -> Session:
    """The company ends the session, or the performer who directs it alone, in the room: it closes and the time is worked out.

    Raises Forbidden (403), DoorsClosed, ComeInFirst (409), NotFound (404).
    """
    directing.require_to_end(session, by=by)
    session = deliveries.follow(session=session, at=at)
    if session.state not in UNDER_WAY:
        raise DoorsClosed("Only a session that is live can be ended.")
    require_director_here(session, by)
    _close(session, at=at)
    return sessions.wrap(session=session, wrapped_at=at, by=by, at=at)


@transaction.atomic
def stop(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """A performer, or the company, stops for safety. The room closes at once; it never costs the performers pay."""
    # Whoever is in there may stop, though no sweep has looked since they came.
    session = deliveries.follow(session=session, at=at)
    stopped = sessions.stop_for_safety(session=session, reason=reason, by=by, at=at)
    _close(session, at=at)
    return stopped


@transaction.atomic
def fail(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """A fault of the house's ends the session: the room closes, and it counts against nobody."""
    failed = sessions.fail(session=session, reason=reason, by=by, at=at)
    _close(session, at=at)
    return failed


@transaction.atomic
def nobody_came(*, session: Session, by: Actor, at: datetime) -> Session:
    """The company did not come: the room closes, and whoever showed is paid the whole slot."""
    closed = sessions.company_no_show(session=session, by=by, at=at)
    _close(session, at=at)
    return closed


def time_out(*, session: Session, at: datetime) -> None:
    """Connections of the platform's own room that fell silent have left, at the second of their last beat."""
    rows = RoomLine.objects.filter(session=session, left_at=None)
    silent = [line for line in rows if epoch_s(line.seen_at) < epoch_s(at) - GONE_AFTER_S]
    if silent:
        _leave(session, silent, reason="CONNECTION_TIMEOUT", at=at)


def look_through(*, session: Session, at: datetime) -> None:
    """The sweep's look: rows that the evidence has and we have not are made, and who fell silent has left."""
    _adopt(session)
    time_out(session=session, at=at)


def silent_s(*, session: Session, at: datetime) -> dict[str, int]:
    """The identities in the room, and since how many seconds nothing was heard of each; at LiveKit, which would say, none."""
    if settings.LIVEKIT_URL:
        return dict.fromkeys(_in_at_livekit(session), 0)
    now_s, seen = epoch_s(at), dict[str, int]()
    for line in RoomLine.objects.filter(session=session, left_at=None):
        seen[line.identity] = max(epoch_s(line.seen_at), seen.get(line.identity, 0))
    return {identity: now_s - at_s for identity, at_s in seen.items() if now_s - at_s <= GONE_AFTER_S}


def who_is_in(session: Session) -> set[str]:
    """The identities of those who came and of whose leaving nothing was heard."""
    if settings.LIVEKIT_URL:
        return set(_in_at_livekit(session))
    events = list(deliveries.evidence_of(session))
    gone = {event.sid for event in events if isinstance(event, Left)}
    return {event.identity for event in events if isinstance(event, Joined) and event.sid not in gone}


def require_director_here(session: Session, by: Actor) -> None:
    """Whoever directs alone is in the room when they record, begin a take or wrap: nobody else is there to see that their time
    does not count. Raises ComeInFirst (409)."""
    if not directing.is_directing(session, by):
        return
    if seat_of(session, by).performer.public_id not in who_is_in(session):
        raise ComeInFirst(
            "Come in, and press again: what you play while you are not connected is not counted."
        )


def _in_at_livekit(session: Session) -> list[str]:
    """Who is in by what was heard last, in the order in which it came: a poll makes up for word of a coming or a leaving
    that was lost."""
    there: dict[str, str] = {}
    gone: set[str] = set()
    for event in deliveries.evidence_of(session):
        match event:
            case Joined() if event.sid not in gone:
                there[event.sid] = event.identity
            case Left():
                gone.add(event.sid)
                there.pop(event.sid, None)
            case Poll():
                there = {sid: identity for sid, identity in event.participants if sid not in gone}
    return sorted(set(there.values()))


def seat_of(session: Session, by: Actor) -> Seat:
    """One's own seat. Raises NotFound (404)."""
    seat = _own_seat(session, by)
    if seat is None:
        raise NotFound
    return seat


def _own_seat(session: Session, by: Actor) -> Seat | None:
    seats = Seat.objects.filter(session=session).select_related("performer", "session")
    return seats.filter(performer_id=by.performer_id).first() if by.is_performer else None


@dataclass(frozen=True)
class Place:
    """Who one is in the room: one's seat, or somebody from the company. `own` begins the names of one's connections."""

    seat: Seat | None
    own: str
    identity: str
    name: str


def _place_of(session: Session, by: Actor) -> Place:
    """Raises NotFound (404) for whom neither a seat nor the company brings here."""
    seat = _own_seat(session, by)
    if seat is not None:
        return Place(seat, seat.public_id, seat.performer.public_id, seat.performer.stage_name)
    if session.company_id not in by.company_ids:
        raise NotFound
    by.require(Act.ATTEND, company_id=session.company_id)
    company = session.company
    # A new one each time: a provider throws out who comes a second time under the same.
    identity = f"{company.public_id}.{secrets.token_hex(4)}"
    return Place(None, company.public_id, identity, company.name)


def _is_open(session: Session, *, at: datetime) -> bool:
    return session.state in (*BEFORE, *UNDER_WAY) and at >= session.call_at - DOORS_OPEN


def _close(session: Session, *, at: datetime) -> None:
    video_rooms.close(session=session, at=at)
    """What a provider tells when it closes a room: everyone still there leaves, then it has finished."""
    look_through(session=session, at=at)
    open_ones = list(RoomLine.objects.filter(session=session, left_at=None))
    for line in open_ones:
        line.seen_at = at
    _leave(session, open_ones, reason="ROOM_CLOSED", at=at)
    _tell(session, [_event("room_finished", session.room, at_s=epoch_s(at))], at=at)


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
    return {sid: line for sid, line in seen.items() if sid.startswith(OWN_ROOM) and sid not in gone}


@transaction.atomic
def _leave(session: Session, lines: Sequence[RoomLine], *, reason: str, at: datetime) -> None:
    """They have left at the second at which they were seen last; whoever says so first says it alone."""
    seen_at = {line.pk: line.seen_at for line in lines}
    rows = RoomLine.objects.select_for_update().filter(pk__in=seen_at, left_at=None).order_by("sid")
    bodies = []
    for line in rows:
        line.left_at = max(line.seen_at, seen_at[line.pk])
        if reason == "CONNECTION_TIMEOUT" and epoch_s(line.seen_at) >= epoch_s(at) - GONE_AFTER_S:
            continue  # it spoke while we looked
        line.save(update_fields=["left_at"])
        event = _event("participant_left", session.room, line.sid, line.identity, at_s=epoch_s(line.left_at))
        told = {"sid": line.sid, "identity": line.identity, "disconnectReason": reason}
        bodies.append(event | {"participant": told})
    _tell(session, bodies, at=at)


def _adopt(session: Session) -> None:
    """Rows for the open connections that only the evidence knows."""
    known = set(RoomLine.objects.filter(session=session).values_list("sid", flat=True))
    missing = {sid: line for sid, line in _open(session).items() if sid not in known}
    if not missing:
        return
    seats = {seat.performer.public_id: seat for seat in session.seats.select_related("performer")}
    rows = [
        RoomLine(
            session=session,
            seat=seats.get(line.identity),
            sid=sid,
            identity=line.identity,
            seen_at=datetime.fromtimestamp(line.seen_s, UTC),
        )
        for sid, line in missing.items()
    ]
    RoomLine.objects.bulk_create(rows, ignore_conflicts=True)


def _require_own(sid: str, place: Place) -> None:
    if not sid.startswith(f"{place.own}.") or len(sid) > 64 or not sid.isascii():
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


def _token(session: Session, place: Place) -> str:
    grants = VideoGrants(room_join=True, room=session.room)
    token = AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    token = token.with_identity(place.identity).with_name(place.name)
    return str(token.with_grants(grants).with_ttl(video_rooms.TOKEN_LASTS).to_jwt())
