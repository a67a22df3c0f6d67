"""People and companies whose story was played before the first test, and which a test that needs one finds ready as rows.

Half the time of all tests went into vetting somebody once more. What is kept is what the real operations wrote, to the byte,
in a transaction that was rolled back; it is laid into a test's own transaction, where triggers have nothing to say since they
had their say. A test whose database is its own plays the story, and so does whoever needs more than there are, or anybody
but the usual.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from django.db import connection, models, transaction
from psycopg import sql

from tests import database

AS_ROLE = "SET LOCAL session_replication_role = {}"
M = TypeVar("M", bound=models.Model)
Rows = Mapping[str, int]


@dataclass(frozen=True)
class Kept:
    """What a story returned, and one statement that brings back every row that it wrote."""

    told: models.Model
    rows: str


_kept: dict[type[models.Model], list[Kept]] = {}
_of: list[str] = []


def fill(stories: Mapping[Callable[[], models.Model], int]) -> None:
    """Play each so often, in Django's database. From then on `one` knows them, in that database alone."""
    database.lets_lay_rows()
    _of[:] = [database.current()]
    _kept.clear()
    with transaction.atomic():
        for story, times in stories.items():
            for _ in range(times):
                told, rows = _played(story)
                _kept.setdefault(type(told), []).append(Kept(told, rows))
        transaction.set_rollback(True)


def empty() -> None:
    """Every story is played from now on: where the code of the stories is what is being tried."""
    _kept.clear()


def one(kind: type[M]) -> M | None:
    """One that this transaction has not seen yet; None where there is none, and the story has to be played."""
    stock = _kept.get(kind, [])
    if not stock or not connection.in_atomic_block or [database.current()] != _of:
        return None
    taken = set(
        kind._default_manager.filter(pk__in=[each.told.pk for each in stock]).values_list("pk", flat=True)
    )
    free = next((each for each in stock if each.told.pk not in taken), None)
    if free is None:
        return None
    _asks(free.rows)
    told = deepcopy(free.told)
    assert isinstance(told, kind)
    return told


def _played(story: Callable[[], M]) -> tuple[M, str]:
    last, before = _last_rows(), written()
    told = story()
    came = {table: count - before.get(table, 0) for table, count in written().items()}
    rows = sql.SQL("; ").join(
        [
            sql.SQL(AS_ROLE).format(sql.SQL("replica")),
            *(_brings_back(table, after=last[table], count=count) for table, count in came.items() if count),
            sql.SQL(AS_ROLE).format(sql.SQL("origin")),
        ]
    )
    return told, rows.as_string(_raw())


def _brings_back(table: str, *, after: int, count: int) -> sql.Composed:
    """The statement that inserts what was written into a table. RuntimeError where a row is not there that was inserted."""
    name = sql.Identifier(table)
    found = _asks(
        sql.SQL("SELECT array_agg(t)::text, count(*) FROM {} t WHERE id > {}").format(
            name, sql.Literal(after)
        )
    )
    ((rows, there),) = found
    if there != count:
        raise RuntimeError(
            f"{count} rows came into {table}, and {there} are there: such a story cannot be kept"
        )
    return sql.SQL("INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT r.* FROM unnest({1}::{0}[]) r").format(
        name, sql.Literal(rows)
    )


def written() -> Rows:
    """How many rows this transaction has inserted into each table by now."""
    return dict(_asks("SELECT relname, n_tup_ins FROM pg_stat_xact_user_tables WHERE n_tup_ins > 0"))


def _last_rows() -> Rows:
    """The last id of each table that has one of its own making."""
    tables = _asks(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'id' AND data_type IN ('bigint', 'integer')"
    )
    each = [
        sql.SQL("SELECT {}, coalesce(max(id), 0) FROM {}").format(sql.Literal(table), sql.Identifier(table))
        for (table,) in tables
    ]
    return dict(_asks(sql.SQL(" UNION ALL ").join(each)))


def _asks(statement: str | sql.Composable) -> list[Any]:
    """Past Django, so that no test counts it."""
    with _raw().cursor() as cursor:
        cursor.execute(statement)  # type: ignore[arg-type]  # put together above
        return cursor.fetchall() if cursor.description else []


def _raw() -> "psycopg.Connection[tuple[Any, ...]]":
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    return raw
