"""Days of presence: six years of them make nothing slower; one goes whole. One is 1,430 sessions of 150 polls, 10,000 a week."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from marketplace.sessions import deliveries
from marketplace.sessions.models import Session
from tests import stories
from tests.benchmarks.row import Row

ROUNDS, READS = 5, 40
SESSIONS_A_DAY, POLLS = 1_430, 150
# Older than is kept, by the database's own clock too.
OVER = date(2018, 3, 1)


def rows() -> Iterator[Row]:
    session = stories.a_pair_booked()
    deliveries.ensure_partitions(at=session.call_at)
    _has_heard(session.call_at.date(), rooms=SESSIONS_A_DAY, room=session.room)
    few = [_reads(session) for _ in range(ROUNDS)]
    began = time.perf_counter()
    first = session.call_at - deliveries.KEPT_FOR
    deliveries.ensure_partitions(at=first, days=deliveries.KEPT_FOR.days + 7)
    made_s = time.perf_counter() - began
    many = [_reads(session) for _ in range(ROUNDS)]
    at_last, at_first = statistics.median(many), statistics.median(few)
    said = (
        f"of {POLLS} polls among {SESSIONS_A_DAY * POLLS:,}: in 8 days {at_first * 1000:.1f} ms  in {_days():,} days "
        f"{at_last * 1000:.1f} ms  (made in {made_s:.1f} s)"
    )
    yield Row("a session's evidence after six years", at_last / at_first, 1.5, said, at_most=True)
    yield _going()


def _going() -> Row:
    deliveries.ensure_partitions(at=_at(OVER), days=1)
    for day in (OVER, OVER + timedelta(days=1)):
        _has_heard(day, rooms=SESSIONS_A_DAY, room="")
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM marketplace_presencedelivery WHERE received_at < %s", [_at(OVER) + timedelta(days=1)]
        )
    by_rows = time.perf_counter() - began
    began = time.perf_counter()
    assert deliveries.drop_days(at=_at(OVER) + timedelta(days=2) + deliveries.KEPT_FOR) == 2
    whole = time.perf_counter() - began
    said = f"two days, of {SESSIONS_A_DAY * POLLS:,} rows one: {whole * 1000:.0f} ms  its rows alone {by_rows * 1000:.0f} ms"
    return Row("days that go", whole / by_rows, 0.5, said, at_most=True)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _has_heard(day: date, *, rooms: int, room: str) -> None:
    """Every thirty seconds, each room in turn; the first of them under its name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO marketplace_presencedelivery (received_at, kind, room, event_id, body)
            SELECT %s + make_interval(secs => 57600 + poll * 30), 'poll',
              CASE room WHEN 1 THEN %s ELSE 'ses_' || room END, '',
              convert_to('{"room": "ses", "at": "2026-11-10T16:00:00Z", "participants": []}', 'UTF8')
            FROM generate_series(1, %s) AS poll, generate_series(1, %s) AS room ORDER BY poll
            """,
            [_at(day), room, POLLS, rooms],
        )
        cursor.execute("ANALYZE marketplace_presencedelivery")


def _reads(session: Session) -> float:
    """All that was heard of it once, in seconds."""
    began = time.perf_counter()
    for _ in range(READS):
        assert deliveries.arrived(session).count() == POLLS
    return (time.perf_counter() - began) / READS


def _days() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'marketplace_presencedelivery'::regclass"
        )
        return int(cursor.fetchone()[0]) - 1
