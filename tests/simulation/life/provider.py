"""The video provider of a life: it says who was in a room, and says it wrong in every way that providers do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from kit.instants import for_machines
from marketplace.sessions.models import PresenceDelivery, Session
from tests.simulation.life.life import Life

POLL_EVERY_S = 300
Kind = PresenceDelivery.Kind
Json = dict[str, Any]
_numbers = count()


@dataclass(frozen=True)
class Stay:
    """One connection as it truly was, in epoch seconds. `reason`: why it ended, where that is said."""

    identity: str
    start: int
    end: int
    reason: str = ""

    @property
    def sid(self) -> str:
        return f"PA_{self.identity[-12:]}_{self.start}"


@dataclass(frozen=True)
class Weather:
    """How the provider is to one room: shares of its webhooks, and by how many seconds its clock runs ahead."""

    lost: float
    doubled: float
    late: float
    ahead_s: int
    polled: bool
    finishes_early: bool
    restarts: bool


def weather(life: Life) -> Weather:
    chance = life.chance
    bad = chance.random() < 0.5
    return Weather(
        lost=0.15 if bad else 0.0,
        doubled=0.2 if bad else 0.0,
        late=0.25 if bad else 0.0,
        ahead_s=chance.choice([0, 0, 45, 300]) if bad else chance.choice([0, 0, 20]),
        polled=chance.random() < 0.8,
        finishes_early=chance.random() < 0.15,
        restarts=chance.random() < 0.15,
    )


def tells(life: Life, session: Session, stays: Sequence[Stay], sky: Weather) -> None:
    """All that arrives of those who were in the room, each when it arrives."""
    stays = _restarted(stays) if sky.restarts else list(stays)
    bodies = [body for stay in stays for body in _of_stay(session, stay)]
    over = max((stay.end for stay in stays), default=0)
    if stays:
        bodies.append(_event("room_finished", session, over))
    if stays and sky.finishes_early:
        bodies.append(_event("room_finished", session, (min(stay.start for stay in stays) + over) // 2))
    for body in bodies:
        _sends(life, session, body, sky)
    if sky.polled:
        _polls(life, session, stays)


def _sends(life: Life, session: Session, body: Json, sky: Weather) -> None:
    true_s = int(body["createdAt"])
    told = _ahead(body, sky.ahead_s)
    for _ in range(1 + life.is_likely(sky.doubled)):
        if life.is_likely(sky.lost):
            continue
        wait_s = life.chance.randrange(1, 30_000) if life.is_likely(sky.late) else life.chance.randrange(3)
        life.sends(_row(session, Kind.LIVEKIT, told, at_s=true_s + wait_s))


def _polls(life: Life, session: Session, stays: Sequence[Stay]) -> None:
    if not stays:
        return
    first, last = min(stay.start for stay in stays), max(stay.end for stay in stays)
    for at_s in range(first + 60, last + POLL_EVERY_S, POLL_EVERY_S):
        if life.is_likely(0.15):
            continue
        there = [stay for stay in stays if stay.start <= at_s < stay.end and stay.reason != "JOIN_FAILURE"]
        people = [{"sid": stay.sid, "identity": stay.identity} for stay in there]
        body = {"room": session.room, "at": for_machines(_instant(at_s, session)), "participants": people}
        life.sends(_row(session, Kind.POLL, body, at_s=at_s))


def _restarted(stays: Sequence[Stay]) -> list[Stay]:
    """The node is lost in the middle: all are thrown out and come back under new sids."""
    found = []
    for stay in stays:
        middle = (stay.start + stay.end) // 2
        if stay.reason or stay.end - stay.start < 120:
            found.append(stay)
        else:
            found += [replace(stay, end=middle, reason="SERVER_SHUTDOWN"), replace(stay, start=middle + 20)]
    return found


def _of_stay(session: Session, stay: Stay) -> list[Json]:
    who: Json = {"sid": stay.sid, "identity": stay.identity, "joinedAt": str(stay.start)}
    gone = who | ({"disconnectReason": stay.reason} if stay.reason else {})
    if stay.reason == "ABORTED":
        return [_event("participant_connection_aborted", session, stay.start) | {"participant": who}]
    return [
        _event("participant_joined", session, stay.start) | {"participant": who},
        _event("participant_left", session, stay.end) | {"participant": gone},
    ]


def _ahead(body: Json, by_s: int) -> Json:
    told = body | {"createdAt": str(int(body["createdAt"]) + by_s)}
    if "participant" in body:
        who = body["participant"]
        told["participant"] = who | {"joinedAt": str(int(who["joinedAt"]) + by_s)}
    return told


def _event(kind: str, session: Session, at_s: int) -> Json:
    return {
        "event": kind,
        "id": f"EV_{next(_numbers)}",
        "createdAt": str(at_s),
        "room": {"name": session.room},
    }


def _row(session: Session, kind: PresenceDelivery.Kind, body: Json, *, at_s: int) -> PresenceDelivery:
    return PresenceDelivery(
        room=session.room,
        kind=kind,
        body=json.dumps(body).encode(),
        event_id=body.get("id", ""),
        received_at=_instant(at_s, session),
    )


def _instant(at_s: int, session: Session) -> datetime:
    return session.call_at + timedelta(seconds=at_s - int(session.call_at.timestamp()))
