"""A week laid down by room in a temporary file, since what arrived comes with all rooms mixed."""

import pickle
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from marketplace.presence.agreed import Mark, Outcome, Seat, SessionTerms
from marketplace.presence.evidence import Evidence
from marketplace.presence.reading import Malformed

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE session (room BLOB NOT NULL, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE seat (performer BLOB NOT NULL, session TEXT NOT NULL, call_at INTEGER NOT NULL);
CREATE TABLE evidence (room BLOB NOT NULL, body BLOB NOT NULL);
"""

UNKNOWN_ROOMS = """
SELECT room, count(*) FROM evidence WHERE room NOT IN (SELECT room FROM session) GROUP BY room ORDER BY room
"""
NEXT_CALL = "SELECT min(call_at) FROM seat WHERE performer = ? AND call_at >= ? AND session != ?"


class SessionTwice(Malformed):
    """A session's id stands twice in one week: one of the two would be paid wrongly."""

    code = "session_twice"


class Spool:
    """Sessions in the order in which they were added; evidence by room."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.executescript(SCHEMA)

    def add_session(self, *, terms: SessionTerms, marks: tuple[Mark, ...]) -> None:
        """Raises SessionTwice where its id is already there."""
        row = (terms.room.encode(), terms.session, pickle.dumps((terms, marks)))
        try:
            self._db.execute("INSERT INTO session (room, id, body) VALUES (?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise SessionTwice(f"session {terms.session} stands here a second time") from error
        if terms.outcome is not Outcome.CANCELLED:
            seats = [(seat.performer.encode(), terms.session, terms.call_at) for seat in terms.seats]
            self._db.executemany("INSERT INTO seat VALUES (?, ?, ?)", seats)

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        rows = ((item.room.encode(), pickle.dumps(item, pickle.HIGHEST_PROTOCOL)) for item in evidence)
        self._db.executemany("INSERT INTO evidence VALUES (?, ?)", rows)

    def index(self) -> None:
        """Once, after the last evidence: an index kept up row by row costs three times as much."""
        self._db.execute("CREATE INDEX evidence_by_room ON evidence (room)")
        self._db.execute("CREATE INDEX seat_by_call ON seat (performer, call_at)")

    def sessions(self) -> Iterator[tuple[SessionTerms, tuple[Mark, ...]]]:
        for (body,) in self._db.execute("SELECT body FROM session ORDER BY rowid"):
            terms, marks = _own(body)
            yield (
                replace(terms, seats=tuple(self._with_next_call(seat, terms) for seat in terms.seats)),
                marks,
            )

    def _with_next_call(self, seat: Seat, terms: SessionTerms) -> Seat:
        """Rule 4: whoever is called elsewhere by then is paid for it there."""
        row = (seat.performer.encode(), terms.scheduled_end_at, terms.session)
        (at,) = self._db.execute(NEXT_CALL, row).fetchone()
        return replace(seat, next_call_at=at)

    def evidence_of(self, room: str) -> Iterator[Evidence]:
        for (body,) in self._db.execute("SELECT body FROM evidence WHERE room = ?", (room.encode(),)):
            yield _own(body)

    def unknown_rooms(self) -> dict[str, int]:
        """How many deliveries came for each room that no session names."""
        return {room.decode(): count for room, count in self._db.execute(UNKNOWN_ROOMS)}


@contextmanager
def open_spool() -> Iterator[Spool]:
    """A spool that is gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="callboard-week-") as folder:
        with closing(sqlite3.connect(Path(folder) / "week.sqlite3")) as connection:
            yield Spool(connection)


def _own(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301 -- this process wrote it, into a folder that only it can enter
