"""The books on disk: one SQLite database in which an effect, its events and its idempotency record commit together.

WAL with synchronous=NORMAL: a killed process loses nothing that was answered; only a power cut may lose the last
moments, and never half of a transaction.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from payments.sandbox.wire import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
  created INTEGER NOT NULL, grp TEXT, ref TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_account ON object (account, kind, seq);
CREATE INDEX IF NOT EXISTS object_grp ON object (grp, kind, seq) WHERE grp IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_ref ON object (ref, kind, seq) WHERE ref IS NOT NULL;
CREATE TABLE IF NOT EXISTS posting (
  seq INTEGER PRIMARY KEY, entry TEXT NOT NULL, ledger TEXT NOT NULL, currency TEXT NOT NULL,
  amount INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS balance (
  ledger TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY (ledger, currency)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS idempotency (
  scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
  body BLOB NOT NULL, request TEXT NOT NULL, expires_at REAL NOT NULL,
  PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS due (
  seq INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, ref TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due_at ON due (at, seq);
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, event TEXT NOT NULL, event_type TEXT NOT NULL,
  first_at REAL NOT NULL, due_at REAL NOT NULL, rank REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL, status INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """Objects, postings and records of one sandbox. Not safe by itself for threads: the sandbox holds one lock."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._snapshots: dict[str, sqlite3.Connection] = {}
        self.db = self._open(directory / "sandbox.sqlite3" if directory else None)
        self.db.executescript(_SCHEMA)

    @staticmethod
    def _open(path: Path | None) -> sqlite3.Connection:
        db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA busy_timeout = 5000")
        return db

    def close(self) -> None:
        for snapshot in self._snapshots.values():
            snapshot.close()
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; within another transaction it is a savepoint of it."""
        nested = self.db.in_transaction
        self.db.execute("SAVEPOINT step" if nested else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO step" if nested else "ROLLBACK")
            if nested:
                self.db.execute("RELEASE step")
            raise
        self.db.execute("RELEASE step" if nested else "COMMIT")

    def add(self, document: Json, *, account: str, group: str | None = None, ref: str | None = None) -> Json:
        """Keep a new object under its own `object` and `id`."""
        self.db.execute(
            "INSERT INTO object (kind, id, account, created, grp, ref, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                document["object"],
                document["id"],
                account,
                int(document.get("_created") or document["created"]),
                group,
                ref,
                json.dumps(document, separators=(",", ":")),
            ),
        )
        return document

    def save(self, document: Json, *, group: str | None = None) -> Json:
        """Write back an object that was changed; `group` also changes what it is listed under."""
        body = json.dumps(document, separators=(",", ":"))
        if group is None:
            self.db.execute("UPDATE object SET body = ? WHERE id = ?", (body, document["id"]))
        else:
            self.db.execute("UPDATE object SET body = ?, grp = ? WHERE id = ?", (body, group, document["id"]))
        return document

    def remove(self, object_id: str) -> None:
        self.db.execute("DELETE FROM object WHERE id = ?", (object_id,))

    def find(self, object_id: str, *, kind: str | None = None, account: str | None = None) -> Json | None:
        """The object of that id, if it is of that kind and belongs to that account."""
        row = self.db.execute("SELECT kind, account, body FROM object WHERE id = ?", (object_id,)).fetchone()
        if (
            row is None
            or (kind is not None and row[0] != kind)
            or (account is not None and row[1] != account)
        ):
            return None
        document: Json = json.loads(row[2])
        return document

    def hand_over(self, object_id: str, *, account: str) -> None:
        """Make it another account's; whoever had it does not find it any more."""
        self.db.execute("UPDATE object SET account = ? WHERE id = ?", (account, object_id))

    def owner(self, object_id: str) -> str | None:
        row = self.db.execute("SELECT account FROM object WHERE id = ?", (object_id,)).fetchone()
        return None if row is None else str(row[0])

    def select(self, where: str, values: Sequence[Any] = (), *, tail: str = "ORDER BY seq") -> list[Json]:
        """Objects by an SQL condition of this package's own making; values are always bound."""
        # The condition is written in this package; everything from outside arrives as a bound value.
        rows = self.db.execute(f"SELECT body FROM object WHERE {where} {tail}", values)  # noqa: S608
        return [json.loads(row[0]) for row in rows]

    def position(self, object_id: str, *, kind: str, account: str) -> int | None:
        row = self.db.execute(
            "SELECT seq FROM object WHERE id = ? AND kind = ? AND account = ?", (object_id, kind, account)
        ).fetchone()
        return None if row is None else int(row[0])

    def schedule(self, *, at: float, what: str, ref: str) -> None:
        """Have `what` happen to `ref` when the sandbox's clock reaches `at`."""
        self.db.execute("INSERT INTO due (at, what, ref) VALUES (?, ?, ?)", (at, what, ref))

    def unschedule(self, *, what: str, ref: str) -> None:
        self.db.execute("DELETE FROM due WHERE what = ? AND ref = ?", (what, ref))

    def next_due(self, *, until: float) -> tuple[int, float, str, str] | None:
        """The earliest thing due by `until`: its number, time, what and to which object."""
        row = self.db.execute(
            "SELECT seq, at, what, ref FROM due WHERE at <= ? ORDER BY at, seq LIMIT 1", (until,)
        ).fetchone()
        return None if row is None else (int(row[0]), float(row[1]), str(row[2]), str(row[3]))

    def note(self, name: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def snapshot(self, name: str) -> None:
        """A copy of everything under `name`: a file beside the books, or memory when the books are in memory."""
        copy = self._snapshots.get(name) or self._open(self._snapshot_path(name))
        self.db.backup(copy)
        self._snapshots[name] = copy

    def restore(self, name: str) -> bool:
        """Everything as it was at the snapshot; False when there is none of that name."""
        path = self._snapshot_path(name)
        if name not in self._snapshots:
            if path is None or not path.exists():
                return False
            self._snapshots[name] = self._open(path)
        self._snapshots[name].backup(self.db)
        return True

    def _snapshot_path(self, name: str) -> Path | None:
        if self.directory is None:
            return None
        folder = self.directory / "snapshots"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.sqlite3"
