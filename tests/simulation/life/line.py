"""The line on which a life speaks to Postgres: nothing is asked otherwise, and it costs less than half there.

What is put the same way again is planned once, for good: most of a life's statements are short ones, of which planning is the
greater part. And a savepoint is sent together with what follows it: of most nothing follows but their release.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast
from unittest.mock import patch

from django.db import connection
from psycopg._preparing import PrepareManager
from psycopg.pq import TransactionStatus

from tests import database

# Distinct statements are some hundreds; a list of keys of another length is another.
MOST_PREPARED = 3_000
OPTIONS = {"server_side_binding": True, "prepare_threshold": 1}


class _Kept(PrepareManager):
    """psycopg forgets all that it has prepared with every rollback, for tables may have been made anew since. Here are none
    made, and people are refused all day long."""

    prepare_threshold = 1
    prepared_max = MOST_PREPARED

    def _should_discard(self, *_: Any, **__: Any) -> bool:
        return False

    def clear(self) -> bool:
        return False


class _Savepoints:
    """Those of Django's, waiting until something follows."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str]] = []

    def begin(self, sid: str) -> None:
        self._waiting.append(("SAVEPOINT", sid))

    def release(self, sid: str) -> None:
        if ("SAVEPOINT", sid) in self._waiting:
            self._forget_from(sid)
        else:
            self._waiting.append(("RELEASE SAVEPOINT", sid))

    def roll_back(self, sid: str) -> None:
        if ("SAVEPOINT", sid) in self._waiting:
            # Django releases it then, of which nothing is to be sent either.
            at = self._waiting.index(("SAVEPOINT", sid))
            del self._waiting[at + 1 :]
        else:
            self._waiting.append(("ROLLBACK TO SAVEPOINT", sid))
            self.send()

    def send(self) -> None:
        if self._waiting:
            words = "; ".join(f'{verb} "{sid}"' for verb, sid in self._waiting)
            self._waiting.clear()
            pgconn = connection.connection.pgconn
            if pgconn.transaction_status == TransactionStatus.IDLE:
                words = f"BEGIN; {words}"
            result = pgconn.exec_(words.encode())
            if result.error_message:
                raise RuntimeError(f"{words}: {result.error_message.decode()}")

    def forget(self) -> None:
        """The transaction around them is over."""
        self._waiting.clear()

    def _forget_from(self, sid: str) -> None:
        del self._waiting[self._waiting.index(("SAVEPOINT", sid)) :]

    def before(self, execute: Any, *given: Any) -> Any:
        self.send()
        return execute(*given)


@contextmanager
def short_line() -> Iterator[None]:
    """Within, Django's connection of this thread is such a one. Nobody may be in a transaction on it."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(connection.settings_dict["OPTIONS"], OPTIONS))
        database.point_django_at(database.current())
        waiting, own = _Savepoints(), cast("Any", connection)
        commit, roll_back, init = own._commit, own._rollback, own.init_connection_state

        def opened() -> None:
            init()
            connection.connection.execute("SET plan_cache_mode TO force_generic_plan")
            connection.connection._prepared = _Kept()
            waiting.forget()

        def committed() -> None:
            waiting.forget()
            commit()

        def rolled_back() -> None:
            waiting.forget()
            roll_back()

        for name, stand_in in {
            "init_connection_state": opened,
            "_savepoint": waiting.begin,
            "_savepoint_commit": waiting.release,
            "_savepoint_rollback": waiting.roll_back,
            "_commit": committed,
            "_rollback": rolled_back,
        }.items():
            stack.enter_context(patch.object(connection, name, stand_in))
        stack.enter_context(connection.execute_wrapper(waiting.before))
        yield
    database.point_django_at(database.current())
