"""A week laid down by room in a temporary file, since what arrived comes with all rooms mixed."""

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from marketplace.timekeeping.reading import Malformed
from marketplace.timekeeping.terms import SessionTerms

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE session (room BLOB NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE delivery (room BLOB NOT NULL, body BLOB NOT NULL);
"""

UNKNOWN_ROOMS = """
SELECT room, count(*) FROM delivery WHERE room NOT IN (SELECT room FROM session) GROUP BY room ORDER BY room
"""


class SessionTwice(Malformed):
    """A session's id stands twice in one week: one of the two would be paid wrongly."""

    code = "session_twice"


class Spool:
    """Sessions in the order in which they were added; deliveries by room."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.executescript(SCHEMA)

    def add_session(self, *, terms: SessionTerms, data: Any) -> None:
        """Raises SessionTwice where its id is already there."""
        row = (terms.room.encode(), terms.session, json.dumps(data))
        try:
            self._db.execute("INSERT INTO session (room, id, body) VALUES (?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise SessionTwice(f"session {terms.session} stands here a second time") from error

    def add_deliveries(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Rows of (room, delivery as it came)."""
        self._db.executemany("INSERT INTO delivery VALUES (?, ?)", rows)

    def index(self) -> None:
        """Once, after the last delivery: an index kept up row by row costs three times as much."""
        self._db.execute("CREATE INDEX delivery_by_room ON delivery (room)")

    def sessions(self) -> Iterator[Any]:
        for (body,) in self._db.execute("SELECT body FROM session ORDER BY rowid"):
            yield json.loads(body)

    def deliveries_of(self, room: str) -> Iterator[bytes]:
        for (body,) in self._db.execute("SELECT body FROM delivery WHERE room = ?", (room.encode(),)):
            yield body

    def unknown_rooms(self) -> dict[str, int]:
        """How many deliveries came for each room that no session names."""
        return {room.decode(): count for room, count in self._db.execute(UNKNOWN_ROOMS)}


@contextmanager
def open_spool() -> Iterator[Spool]:
    """A spool that is gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="callboard-week-") as folder:
        with closing(sqlite3.connect(Path(folder) / "week.sqlite3")) as connection:
            yield Spool(connection)
