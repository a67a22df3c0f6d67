"""Jobs and checks that have nothing to do, skipped by one question for all of them.

Whoever found no row by any of its questions does nothing where all of them find none again. So what it asked is kept as it
was asked, with the instant left open, and put to the database together with what the others asked; it runs where any
question finds a row. The questions are its own: no rule of the product stands here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from django.db import connection

Do = Callable[[], object]
# They ask nothing and change nothing.
AROUND = ("SAVEPOINT", "RELEASE", "SET CONSTRAINTS", "SET LOCAL")
# Who asks otherwise each time is not worth remembering.
MOST_CHANGES = 8


@dataclass
class _Known:
    """What one of them asked: SQL over `$1`, the instant. `heard_at`: at which times of day it asked just that."""

    questions: tuple[str, ...]
    heard_at: set[time] = field(default_factory=set)
    changes: int = 0

    def holds_at(self, at: datetime) -> bool:
        """An instant that is reckoned by the clock's face, as a midnight, would show between two times of day."""
        return bool(self.questions) and (len(self.heard_at) > 1 or at.time() in self.heard_at)


class Quiet:
    """What is known of jobs by name. `outside`: a count of calls to others than the database, which are never skipped."""

    def __init__(self, outside: Callable[[], int]) -> None:
        _all.add(self)
        self._outside = outside
        self._known: dict[str, _Known] = {}

    def run(self, jobs: Mapping[str, Do], *, at: datetime) -> None:
        """Each that has something to do, in their order; what one has done may bring something for those after it."""
        due = self._due(jobs, at=at)
        for n, (name, do) in enumerate(jobs.items(), start=1):
            if name in due and not self._listens(name, do, at=at) and n < len(jobs):
                due = self._due(jobs, at=at)

    def _listens(self, name: str, do: Do, *, at: datetime) -> bool:
        """Do it; whether it found nothing to do."""
        heard, called = _Heard(at), self._outside()
        try:
            with connection.execute_wrapper(heard):
                do()
        except BaseException:
            self._known.pop(name, None)
            raise
        if not heard.nothing or not heard.questions or self._outside() != called:
            return False
        known = self._known.setdefault(name, _Known(()))
        if known.questions != tuple(heard.questions):
            known.changes += 1
            known.questions = tuple(heard.questions) if known.changes < MOST_CHANGES else ()
            known.heard_at.clear()
        known.heard_at.add(at.time())
        return True

    def _due(self, names: Iterable[str], *, at: datetime) -> list[str]:
        """Those for whom there may be something to do at the instant."""
        known = {name: self._known[name] for name in names if name in self._known}
        asked = [name for name, each in known.items() if each.holds_at(at)]
        if not asked:
            return list(names)
        answers = [" OR ".join(map(_finds, known[name].questions)) for name in asked]
        sql = "SELECT " + ", ".join(f"({answer})" for answer in answers)
        with connection.cursor() as cursor:
            cursor.execute(f"EXECUTE {self._named(sql)} (%s)", [at])
            row = cursor.fetchone() or ()
        idle = {name for name, anything in zip(asked, row, strict=True) if not anything}
        return [name for name in names if name not in idle]

    def _named(self, sql: str) -> str:
        """The statement by its name, prepared on this connection; planned once."""
        name = f"quiet_{sha256(sql.encode()).hexdigest()[:20]}"
        prepared = _prepared.setdefault(connection.connection, set())
        if name not in prepared:
            with connection.cursor() as cursor:
                cursor.execute("SET plan_cache_mode TO force_generic_plan")
                cursor.execute(f"PREPARE {name} (timestamptz) AS {sql}", None)
            prepared.add(name)
        return name


_all: WeakSet[Quiet] = WeakSet()
# By connection, the names of what is prepared there.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def forget_all() -> None:
    """The product is another from now on: what its jobs asked before says nothing."""
    for each in _all:
        each._known.clear()


class _Heard:
    """Listens to what is put to the database. `nothing`: only questions were asked, and none found a row."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.nothing = True
        self.questions: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if self.nothing and not sql.startswith(AROUND):
            question = None if many or context["cursor"].rowcount else _left_open(sql, params, self.at)
            self.nothing = question is not None
            if question is not None and question not in self.questions:
                self.questions.append(question)
        return found


def _left_open(sql: str, params: Any, at: datetime) -> str | None:
    """The question with its values written in, and instants as distances from `$1`; None for what is no question."""
    if not sql.lstrip().startswith("SELECT"):
        return None
    given = params.values() if isinstance(params, Mapping) else params or ()
    if not all(isinstance(each, (str, int, bool, timedelta, datetime, list, type(None))) for each in given):
        return None
    instants = {each for each in given if isinstance(each, datetime)}
    text: str = psycopg.ClientCursor(connection.connection).mogrify(sql, params or None)
    for each in instants:
        literal = psycopg.sql.Literal(each).as_string(connection.connection)
        apart = (each - at) // timedelta(microseconds=1)
        text = text.replace(literal, f"($1 + interval '{apart} microseconds')")
    return text


def _finds(question: str) -> str:
    """Counted: of an EXISTS Postgres plans for the first row, and here there is nearly always none."""
    return f"(SELECT count(*) FROM ({question}) AS found) > 0"  # noqa: S608 -- as the house asked it
