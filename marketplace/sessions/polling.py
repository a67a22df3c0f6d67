"""The poller: asks LiveKit who is in each open room, as the platform's own room asks its pages, and closes what is over.

A room whose answer fails is no poll: unknown is not empty. It is asked again.
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from google.protobuf.json_format import MessageToDict
from livekit.protocol.models import ParticipantInfo

from kit.instants import for_machines
from marketplace.sessions import deliveries, livekit, video_rooms
from marketplace.sessions.livekit import NOT_FOUND, Failure
from marketplace.sessions.models import PresenceDelivery, Seat, Session, VideoRoom
from marketplace.sessions.room import DOORS_OPEN

log = structlog.get_logger(__name__)
# One round of calls, all at once: so long after the asking an answer is still of that second.
BATCH = livekit.AT_ONCE
LONGEST_TICK_S = 20.0
KEPT = ("sid", "identity", "joinedAtMs", "kind")
People = list[ParticipantInfo]


def sweep(*, at: datetime) -> int:
    """Look into the rooms that are due and close those to be closed, BATCH by BATCH; returns for how many LiveKit answered.

    Several may sweep at once. Where nobody answers, the next tick goes on.
    """
    if not settings.LIVEKIT_URL:
        return 0
    watch_open_sessions(at=at)
    began_s, answered = time.monotonic(), 0
    while (passed_s := time.monotonic() - began_s) < LONGEST_TICK_S:
        now = at + timedelta(seconds=passed_s)
        rows = video_rooms.claim(at=now, at_most=BATCH)
        done = look_into([row for row in rows if row.closing_since is None], at=now)
        done += close([row for row in rows if row.closing_since is not None], at=now)
        if not done:
            break
        answered += done
    return answered


def watch_open_sessions(*, at: datetime, at_most: int = 1000) -> None:
    """A row for each session whose doors are open; those whose session is over are to be closed."""
    open_ones = Session.objects.filter(
        state__in=video_rooms.OPEN_STATES, call_at__lte=at + DOORS_OPEN, video_room=None
    )
    rows = [
        VideoRoom(session=session, due_at=at) for session in open_ones.order_by("call_at", "pk")[:at_most]
    ]
    VideoRoom.objects.bulk_create(rows, ignore_conflicts=True)
    over = VideoRoom.objects.filter(closing_since=None).exclude(session__state__in=video_rooms.OPEN_STATES)
    over.update(closing_since=at, due_at=at)


def look_into(rows: Sequence[VideoRoom], *, at: datetime) -> int:
    """Ask who is in each of these and keep it as a poll; put out whoever may not be there. Returns how many answered."""
    answers = livekit.call_all({row: livekit.participants(row.session.room) for row in rows})
    seen: dict[VideoRoom, People] = {}
    for row, answer in answers.items():
        if not isinstance(answer, Failure):
            seen[row] = answer
        elif answer.code == NOT_FOUND:
            seen[row] = []
        else:
            _failed(row, answer, at=at)
    with transaction.atomic():
        polls = [_poll(row.session.room, people, at=at) for row, people in seen.items()]
        deliveries.receive_many(polls, at=at)
        video_rooms.was_seen(list(seen), at=at)
    _put_out(seen)
    return len(seen)


def close(rows: Sequence[VideoRoom], *, at: datetime) -> int:
    """Have these closed; returns how many are."""
    answers = livekit.call_all({row: livekit.delete_room(row.session.room) for row in rows})
    closed = []
    for row, answer in answers.items():
        if isinstance(answer, Failure) and answer.code != NOT_FOUND:
            _failed(row, answer, at=at)
        else:
            closed.append(row)
    video_rooms.was_closed(closed, at=at)
    return len(closed)


def _poll(room: str, people: People, *, at: datetime) -> PresenceDelivery:
    listed = [_listed(who) for who in people if who.state == ParticipantInfo.State.ACTIVE]
    body = {"room": room, "at": for_machines(at), "participants": listed}
    kind, raw = PresenceDelivery.Kind.POLL, json.dumps(body).encode()
    return PresenceDelivery(room=room, kind=kind, body=raw, received_at=at)


def _listed(who: ParticipantInfo) -> dict[str, Any]:
    """As LiveKit writes it: 64 bits as text, and what is zero, a person's kind, left out."""
    written = MessageToDict(who)
    return {name: written[name] for name in KEPT if name in written}


def _put_out(seen: Mapping[VideoRoom, People]) -> None:
    """Whose seat was released may still hold a token: they are put out whenever they are found."""
    there = {(row.session_id, who.identity) for row, people in seen.items() for who in people}
    seats = Seat.objects.filter(session__in=[row.session_id for row in seen]).exclude(released_at=None)
    released = [
        (seat.session.room, seat.performer.public_id)
        for seat in seats.select_related("session", "performer")
        if (seat.session_id, seat.performer.public_id) in there
    ]
    answers = livekit.call_all({pair: livekit.remove(*pair) for pair in released})
    for (room, identity), answer in answers.items():
        log.info("put_out_of_room", room=room, identity=identity, failure=_words(answer))


def _failed(row: VideoRoom, answer: Failure, *, at: datetime) -> None:
    log.warning("livekit_gave_no_answer", room=row.session.room, failure=answer.words, tries=row.tries)
    video_rooms.failed(row, answer.words, at=at)


def _words(answer: object) -> str:
    return answer.words if isinstance(answer, Failure) else ""
