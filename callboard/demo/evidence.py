"""What the video provider and our own polls would say of a session: LiveKit's bodies, with the faults of real networks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from callboard.demo.plan import Turn

POLL_EVERY_S = 300


@dataclass(frozen=True)
class Stay:
    """One connection of one performer: seconds since the epoch, half-open."""

    identity: str
    sid: str
    start: int
    end: int


@dataclass(frozen=True)
class Happened:
    """Everything that is sent about one session."""

    webhooks: list[dict[str, Any]]
    polls: list[dict[str, Any]]


def of_session(
    *,
    room: str,
    call_at: datetime,
    end_at: datetime,
    who: list[str],
    company: str,
    turn: Turn,
    chance: random.Random,
) -> Happened:
    """The deliveries of one session, out of order and some twice."""
    call, end = int(call_at.timestamp()), int(end_at.timestamp())
    stays = list(_stays(room, (call, end), who, turn, chance))
    if turn != Turn.COMPANY_NO_SHOW:
        stays.append(Stay(f"{company}.1", f"PA_{room[-6:]}_c", call - chance.randint(0, 60), end))
    webhooks = list(_webhooks(room, stays, turn, chance))
    webhooks += [webhook for webhook in webhooks if chance.random() < 0.08]
    chance.shuffle(webhooks)
    return Happened(webhooks=webhooks, polls=list(_polls(room, stays, call, end)))


def _stays(
    room: str, between: tuple[int, int], who: list[str], turn: Turn, chance: random.Random
) -> Iterator[Stay]:
    call, end = between
    for seat, identity in enumerate(who):
        hit = seat == 0
        if turn == Turn.NO_SHOW and hit:
            continue
        start = call + chance.randint(-150, 20) + (660 if turn == Turn.LATE and hit else 0)
        finish = end + chance.randint(-40, 200)
        if turn == Turn.RECONNECT and hit:
            drop = call + chance.randint(900, 3600)
            back = drop + chance.randint(20, 200)
            yield Stay(identity, f"PA_{room[-6:]}_{seat}a", start, drop)
            yield Stay(identity, f"PA_{room[-6:]}_{seat}b", back, finish)
        else:
            yield Stay(identity, f"PA_{room[-6:]}_{seat}", start, finish)


def _webhooks(room: str, stays: list[Stay], turn: Turn, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number, stay in enumerate(stays):
        who = {"sid": stay.sid, "identity": stay.identity, "joinedAt": str(stay.start)}
        if not (turn == Turn.LOST_JOIN and number == 0):
            yield _event("participant_joined", room, stay.start, f"{stay.sid}_j", who)
        if not (turn == Turn.LOST_LEFT and number == 0):
            left = who | {"disconnectReason": "CLIENT_INITIATED"}
            yield _event("participant_left", room, stay.end, f"{stay.sid}_l", left)
    if stays:
        yield _event(
            "room_finished",
            room,
            max(stay.end for stay in stays) + chance.randint(1, 5),
            f"{room[-6:]}_f",
            None,
        )


def _event(kind: str, room: str, at: int, key: str, who: dict[str, Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event": kind,
        "room": {"sid": f"RM_{room[-8:]}", "name": room},
        "id": f"EV_{key}",
    }
    return body | ({"participant": who} if who else {}) | {"createdAt": str(at)}


def _polls(room: str, stays: list[Stay], call: int, end: int) -> Iterator[dict[str, Any]]:
    for at in range(call, end, POLL_EVERY_S):
        present = [
            {"sid": stay.sid, "identity": stay.identity} for stay in stays if stay.start <= at < stay.end
        ]
        yield {"room": room, "at": _rfc3339(at), "participants": present}


def _rfc3339(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
