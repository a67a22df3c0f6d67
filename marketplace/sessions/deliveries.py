"""Evidence of who was in the room: stored raw as it arrives, folded later. Arrival order means nothing."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import structlog
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.access.actors import Actor
from kit.jobs import next_try
from kit.ranges import epoch_s
from marketplace.presence import evidence as parsing
from marketplace.presence.evidence import Joined, Left, MalformedEvidence, RoomFinished
from marketplace.presence.policy import TimePolicy
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import PresenceDelivery, RoomToReckon, Session
from marketplace.sessions.states import BEFORE, TO_RECKON, UNDER_WAY

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("presence")
# Deliveries of one room come in bursts; folding waits for the burst to end.
SETTLE = timedelta(seconds=5)


@transaction.atomic
def receive(*, room: str, kind: PresenceDelivery.Kind, body: bytes, at: datetime, event_id: str = "") -> None:
    """Store one delivery and ring for its room: one transaction before the acknowledgement."""
    receive_many(
        [PresenceDelivery(room=room, kind=kind, body=body, event_id=event_id, received_at=at)], at=at
    )


@transaction.atomic
def receive_many(deliveries: Iterable[PresenceDelivery], *, at: datetime) -> int:
    """Store a batch in one statement; returns how many."""
    stored = PresenceDelivery.objects.bulk_create(list(deliveries), batch_size=1000)
    ring({delivery.room for delivery in stored}, at=at)
    return len(stored)


def ring(rooms: Iterable[str], *, at: datetime) -> None:
    """These rooms have news. In the order of their names, so that two who ring never deadlock.

    A row that is being worked on gets no tries again, by which `done_with` sees that there is something newer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO marketplace_roomtoreckon AS row (room, due_at, tries)
            SELECT room, %(due_at)s, 0 FROM unnest(%(rooms)s::text[]) AS room ORDER BY room
            ON CONFLICT (room) DO UPDATE SET due_at = least(row.due_at, excluded.due_at), tries = 0
            """,
            {"rooms": sorted(set(rooms)), "due_at": at + SETTLE},
        )


def evidence_of(session: Session) -> Iterator[parsing.Evidence]:
    """Everything that arrived about the session's room, parsed; what cannot be read is logged and passed over."""
    for kind, body in (
        PresenceDelivery.objects.filter(room=session.room)
        .values_list("kind", "body")
        .order_by("id")
        .iterator()
    ):
        try:
            data = json.loads(bytes(body))
            found = (
                parsing.parse_poll(data)
                if kind == PresenceDelivery.Kind.POLL
                else parsing.parse_webhook(data)
            )
        except (ValueError, MalformedEvidence) as error:
            log.warning("presence_unreadable", room=session.room, error=type(error).__name__)
            continue
        if found is not None:
            yield found


def follow(*, session: Session, at: datetime) -> Session:
    """Move a session by what its room says: check-in, live from the call on, wrapped when it finished or time ran out."""
    if session.state not in (*BEFORE, *UNDER_WAY):
        return session
    found = list(evidence_of(session))
    # Word of a join can be lost: who left was there.
    arrivals = any(isinstance(event, Joined | Left) for event in found)
    if arrivals and at < session.call_at:
        return sessions.check_in(session=session, by=SYSTEM, at=at)
    if arrivals and session.state in BEFORE:
        session = sessions.go_live(session=session, by=SYSTEM, at=at)
    finished = _finished_at(session, found, at=at)
    policy = TimePolicy.from_json(session.policy)
    over = epoch_s(at) >= epoch_s(session.scheduled_end_at) + policy.overrun_limit_s
    if over and not arrivals:
        return sessions.performer_no_show(session=session, by=SYSTEM, at=at)
    if over or finished is not None:
        ended_at = datetime.fromtimestamp(finished, UTC) if finished is not None else None
        session = sessions.wrap(session=session, finished_at=ended_at, by=SYSTEM, at=at)
    return session


def _finished_at(session: Session, found: Sequence[parsing.Evidence], *, at: datetime) -> int | None:
    """When the room finished for good: after the call, and nobody came back within the grace.

    A room also finishes when everyone tried it out early, or when all lost their connection for a moment.
    """
    last = max((event.at for event in found if isinstance(event, RoomFinished)), default=None)
    if last is None or last < epoch_s(session.call_at):
        return None
    back = any(isinstance(event, Joined) and event.at > last for event in found)
    grace_s = TimePolicy.from_json(session.policy).grace_gap_s
    return None if back or epoch_s(at) < last + grace_s else last


@transaction.atomic
def claim_room(*, at: datetime) -> RoomToReckon | None:
    """The next room with news; it is pushed on, so that a crash delays it and nobody else takes it meanwhile."""
    rows = RoomToReckon.objects.select_for_update(skip_locked=True).filter(due_at__lte=at)
    row = rows.order_by("due_at").first()
    if row is None:
        return None
    row.tries += 1
    row.due_at = next_try(at=at, tries=row.tries)
    row.save(update_fields=["tries", "due_at"])
    return row


def done_with(claimed: RoomToReckon) -> None:
    """Forget the doorbell, unless it rang again since `claimed` was."""
    RoomToReckon.objects.filter(pk=claimed.pk, tries=claimed.tries).delete()


def ring_overdue(*, at: datetime, at_most: int = 500) -> int:
    """Ring for sessions whose time has run out without a word from the room: a lost `room_finished` must not strand pay.

    And for those that were called off, whose time is known already. Returns how many.
    """
    over = Session.objects.filter(state__in=(*BEFORE, *UNDER_WAY), scheduled_end_at__lte=at)
    ended = Session.objects.filter(state__in=TO_RECKON)
    rooms = {
        session.room
        for rows in (over, ended)
        for session in rows.order_by("scheduled_end_at", "pk")[:at_most]
    }
    ring(rooms, at=at)
    return len(rooms)


def ensure_partitions(*, at: datetime, days: int = 7) -> int:
    """A partition for today and each of the next `days`, in UTC; returns how many are new.

    Rows of a day without one go to the partition for the rest, so a tick that did not come loses nothing.
    """
    made = 0
    today = at.astimezone(UTC).date()
    for day in (today + timedelta(days=ahead) for ahead in range(days + 1)):
        made += _make_partition(day)
    return made


def _make_partition(day: date) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT presence_make_day(%s)", [day])
            return bool(cursor.fetchone()[0])
    except (IntegrityError, ProgrammingError) as error:
        # Another worker made it, or rows of that day lie in the rest already: they are found there as well.
        log.info("presence_partition_not_made", day=str(day), error=type(error).__name__)
        return False
