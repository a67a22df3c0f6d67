"""A week laid down by room in a temporary file, since what arrived comes with all rooms mixed."""

import pickle
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from marketplace.presence.agreed import Mark, SessionTerms
from marketplace.presence.evidence import Evidence
from marketplace.presence.reading import Malformed

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE session (room BLOB NOT NULL, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE evidence (room BLOB NOT NULL, body BLOB NOT NULL);
"""

UNKNOWN_ROOMS = """
SELECT room, count(*) FROM evidence WHERE room NOT IN (SELECT room FROM session) GROUP BY room ORDER BY room
"""


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

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        rows = ((item.room.encode(), pickle.dumps(item, pickle.HIGHEST_PROTOCOL)) for item in evidence)
        self._db.executemany("INSERT INTO evidence VALUES (?, ?)", rows)

    def index(self) -> None:
        """Once, after the last evidence: an index kept up row by row costs three times as much."""
        self._db.execute("CREATE INDEX evidence_by_room ON evidence (room)")

    def sessions(self) -> Iterator[tuple[SessionTerms, tuple[Mark, ...]]]:
        for (body,) in self._db.execute("SELECT body FROM session ORDER BY rowid"):
            yield _own(body)

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
