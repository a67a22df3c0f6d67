"""Copies of every row, kept beside the rows themselves: how a story begins where the last one did, in milliseconds,
and how a backup is restored while its house stands still."""

import psycopg
from psycopg import sql

from callboard.embedded import addresses
from tests import database

ROWS = ("accounts", "marketplace", "payments")
TABLES = """
    SELECT class.relname, array_agg(attribute.attname::text ORDER BY attribute.attnum)
    FROM pg_class class JOIN pg_attribute attribute ON attribute.attrelid = class.oid
    WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r' AND split_part(class.relname, '_', 1) = ANY(%s)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    GROUP BY class.relname ORDER BY class.relname
"""
KEEP = "DELETE FROM {kept}; INSERT INTO {kept} ({columns}) SELECT {columns} FROM {live};"
BRING_BACK = (
    "DELETE FROM {live}; INSERT INTO {live} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {kept};"
)
KEEP_NUMBERS = """
    DROP TABLE IF EXISTS {numbers};
    CREATE TABLE {numbers} AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
"""
BRING_BACK_NUMBERS = """
    SELECT setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
    FROM {numbers};
"""


class Kept:
    """Named copies of the rows of the database that Django points at. Nobody may be in a transaction meanwhile."""

    def __init__(self) -> None:
        address = addresses.database_url(name=database.current(), user="postgres")
        self._line = psycopg.connect(address, autocommit=True)
        # The ledger and the audit trail refuse to forget: their triggers sleep on this line, and on no other.
        self._line.execute("SET session_replication_role = replica")
        self._tables: dict[str, list[str]] = dict(self._line.execute(TABLES, [list(ROWS)]).fetchall())
        self._names: set[str] = set()

    def close(self) -> None:
        self._line.close()

    def keep(self, name: str) -> None:
        """Copy every row under `name`, in place of an older copy of that name."""
        if name not in self._names:
            self._line.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
            self._each(name, "CREATE TABLE {kept} (LIKE {live});")
            self._names.add(name)
        self._each(name, KEEP)
        self._line.execute(sql.SQL(KEEP_NUMBERS).format(numbers=sql.Identifier(name, "numbers")))

    def bring_back(self, name: str) -> None:
        """Every row as it was when it was kept; what happened since is forgotten."""
        self._each(name, BRING_BACK)
        self._line.execute(sql.SQL(BRING_BACK_NUMBERS).format(numbers=sql.Identifier(name, "numbers")))

    def tidy(self) -> None:
        """Sweep up the rows that are dead."""
        self._line.execute("VACUUM")

    def _each(self, name: str, statement: str) -> None:
        parts = [
            sql.SQL(statement).format(
                kept=sql.Identifier(name, table),
                live=sql.Identifier("public", table),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
            for table, columns in self._tables.items()
        ]
        self._line.execute(sql.SQL("").join(parts))
