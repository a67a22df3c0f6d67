"""Evidence of who was in the room: stored raw as it arrives, folded later. Arrival order means nothing."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import structlog
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, IntegerField, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.access.actors import Actor
from kit.jobs import next_try
from kit.ranges import epoch_s
from marketplace.presence import evidence as parsing
from marketplace.presence.connections import read_room
from marketplace.presence.evidence import MalformedEvidence
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Mark, PresenceDelivery, RoomToReckon, Seat, Session
from marketplace.sessions.states import BEFORE, TO_RECKON, UNDER_WAY

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("presence")
# Deliveries of one room come in bursts; folding waits for the burst to end.
SETTLE = timedelta(seconds=5)
FAILS_FROM_TRIES = 5
# The doors open half an hour before the call; what came before this is about nothing that is paid, and lies in other days.
HEARD_BEFORE_THE_CALL = timedelta(days=1)
# New York Labor Law 198 (3) and 195 (4): six years, the longest that a claim for wages can be made in.
KEPT_FOR = timedelta(days=6 * 366)


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

    A row that is being worked on, or fails, keeps its own time: `done_with` sees by the rings that there is something newer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO marketplace_roomtoreckon AS row (room, due_at, tries)
            SELECT room, %(due_at)s, 0 FROM unnest(%(rooms)s::text[]) AS room ORDER BY room
            ON CONFLICT (room) DO UPDATE SET rings = row.rings + 1,
              due_at = CASE WHEN row.tries = 0 THEN least(row.due_at, excluded.due_at) ELSE row.due_at END
            """,
            {"rooms": sorted(set(rooms)), "due_at": at + SETTLE},
        )


def arrived(session: Session) -> QuerySet[PresenceDelivery]:
    """What was heard of the session's room. No day is opened that was over before its doors were."""
    since = session.call_at - HEARD_BEFORE_THE_CALL
    return PresenceDelivery.objects.filter(room=session.room, received_at__gte=since)


def evidence_of(session: Session) -> Iterator[parsing.Evidence]:
    """Everything that arrived about the session's room, parsed; what cannot be read is logged and passed over."""
    rows = arrived(session).values_list("kind", "body", "received_at").order_by("id")
    for kind, body, received_at in rows.iterator():
        try:
            data = json.loads(bytes(body))
            found = (
                parsing.parse_poll(data)
                if kind == PresenceDelivery.Kind.POLL
                else parsing.parse_webhook(data, received_at=epoch_s(received_at))
            )
        except (ValueError, MalformedEvidence) as error:
            log.warning("presence_unreadable", room=session.room, error=type(error).__name__)
            continue
        if found is not None:
            yield found


def follow(*, session: Session, at: datetime) -> Session:
    """Move a session by who came: check-in, live from the call on; wrapped once its window is over.

    A room that finishes ends nothing: it also does when all are out for a paid rest, or when a node is lost.
    """
    if session.state not in (*BEFORE, *UNDER_WAY):
        return session
    came = _someone_came(session)
    if came and at < session.call_at:
        return sessions.check_in(session=session, by=SYSTEM, at=at)
    if came and session.state in BEFORE:
        session = sessions.go_live(session=session, by=SYSTEM, at=at)
    if epoch_s(at) < epoch_s(sessions.window_ends_at(session)):
        return session
    if came or session.marks.filter(kind=Mark.Kind.ARRIVED).exists():
        return sessions.wrap(session=session, by=SYSTEM, at=at)
    return sessions.performer_no_show(session=session, by=SYSTEM, at=at)


def _someone_came(session: Session) -> bool:
    """Whether a performer was in the room, by any source. Word of a join can be lost: who left was there."""
    room = read_room(evidence_of(session))
    seated = Seat.objects.filter(session=session, released_at=None).select_related("performer")
    return any(
        seat.performer.public_id in room.connections or seat.performer.public_id in room.only_polled
        for seat in seated
    )


@transaction.atomic
def claim_room(*, at: datetime) -> RoomToReckon | None:
    """The next room with news; it is pushed on, so that a crash delays it and nobody else takes it meanwhile."""
    rows = RoomToReckon.objects.select_for_update(skip_locked=True).filter(due_at__lte=at)
    row = rows.order_by("due_at").first()
    if row is None:
        return None
    row.tries += 1
    row.due_at = next_try(at=at, tries=row.tries)
    row.failing_since = row.failing_since or at
    row.save(update_fields=["tries", "due_at", "failing_since"])
    return row


def failing() -> QuerySet[RoomToReckon]:
    """Rooms that were tried again and again, and whose time could not be worked out."""
    return RoomToReckon.objects.filter(tries__gte=FAILS_FROM_TRIES, failing_since__isnull=False)


def done_with(claimed: RoomToReckon, *, at: datetime) -> None:
    """Forget the doorbell, unless it rang again since `claimed` was: then it is due once more, as from the start."""
    row = RoomToReckon.objects.filter(pk=claimed.pk)
    heard, _ = row.filter(rings=claimed.rings).delete()
    if not heard:
        row.update(tries=0, failing_since=None, due_at=at + SETTLE)


def ring_overdue(*, at: datetime) -> int:
    """Ring for sessions whose window is over without a word from the room, and for those that were called off, whose time
    is known already. Returns how many rang anew; a room that is being tried already keeps its own time.
    """
    waiting = Session.objects.filter(state__in=(*BEFORE, *UNDER_WAY), scheduled_end_at__lte=at)
    limit_s = Cast(KT("policy__overrun_limit_s"), IntegerField())
    over_at = ExpressionWrapper(
        F("scheduled_end_at") + limit_s * Value(timedelta(seconds=1)), output_field=DateTimeField()
    )
    over = waiting.annotate(over_at=over_at).filter(over_at__lte=at)
    ended = Session.objects.filter(state__in=TO_RECKON)
    rooms = {session.room for rows in (over, ended) for session in rows.only("public_id").iterator()}
    return _ring_where_quiet(rooms, at=at) if rooms else 0


def _ring_where_quiet(rooms: Iterable[str], *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO marketplace_roomtoreckon (room, due_at, tries)
            SELECT room, %(due_at)s, 0 FROM unnest(%(rooms)s::text[]) AS room ORDER BY room
            ON CONFLICT (room) DO NOTHING
            """,
            {"rooms": sorted(rooms), "due_at": at},
        )
        return int(cursor.rowcount)


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


def drop_days(*, at: datetime) -> int:
    """Drop the days that are kept no longer, a month of them at a time; returns how many. Rows are never looked at one by one.

    The database drops no day that is younger by its own clock. A day that is being read is dropped at the next tick.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT presence_drop_days(%s)", [(at - KEPT_FOR).astimezone(UTC).date()])
            return int(cursor.fetchone()[0])
    except OperationalError as error:
        log.info("presence_days_not_dropped", error=type(error).__name__)
        return 0
