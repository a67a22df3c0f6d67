"""Real Postgres and Valkey for the tests: servers of their own, migrated once, cloned for each process.

- `db`, `@pytest.mark.django_db`: the usual test in a transaction that is rolled back, in this process's clone.
- `committed_db`: the test gets a fresh clone to itself and commits for real, so threads and other connections see
  what it did. Use it for locks, races and crashes. `transactional_db`, `live_server` and
  `@pytest.mark.django_db(transaction=True)` mean the same here: nothing is ever flushed, since the ledger and the
  audit trail refuse to forget.
- `as_the_house`: as `committed_db`, through a role that owns nothing, as web and worker have one.
- `empty_db`: a database to itself before any migration.
- `database`: the address of an empty one, for a script or a process of its own.
- `broker_url`: an empty Valkey database of this process's own, which Celery uses from then on.
- `together(calls)`: run the calls in threads at the same moment and get their results or refusals.

The template is built from the migrations, under a lock, and kept between runs until a migration changes.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg
import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg import sql
from pytest_django import DjangoDbBlocker

from callboard import rights
from callboard.embedded import addresses, keeper, private_file

_TEMPLATES_KEPT = 6
_HOUSE = "callboard_tests_house"
_NUMBERS = range(2, 64)  # 0 and 1 are the broker's and the cache's
_sequence = count()
T = TypeVar("T")
_template: list[str] = []


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replaces pytest-django's: a clone of the migrated template instead of running the migrations."""
    keeper.ensure(durable=False)
    with django_db_blocker.unblock():
        name = f"test_{os.getpid()}_shared"
        _template[:] = [ensure_template()]
        clone(_template[0], name)
        point_django_at(name)
        yield
        point_django_at(_template[0])
        drop(name)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database for this test alone, where commits are real. See the module's first lines."""
    with django_db_blocker.unblock(), _to_itself(_template[0]):
        yield


@pytest.fixture
def as_the_house(committed_db: None) -> Iterator[None]:
    """The same, through a role with the rights of web and worker alone."""
    with _superuser() as admin, contextlib.suppress(psycopg.errors.DuplicateObject):
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(_HOUSE)))
    rights.grant(rights.rights(), url=f"postgresql://{_HOUSE}@/")
    _django_as(_HOUSE)
    yield
    _django_as(addresses.DATABASE)


@pytest.fixture
def empty_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database in which nothing was migrated yet."""
    with django_db_blocker.unblock(), _to_itself("template1"):
        yield


@pytest.fixture
def database() -> Iterator[str]:
    """The address of an empty database that is not Django's: for a script or a process of its own."""
    keeper.ensure(durable=False)
    name = f"test_{os.getpid()}_{next(_sequence)}"
    with _superuser() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield addresses.database_url(name=name, user="postgres")
    drop(name)


@contextlib.contextmanager
def _to_itself(template: str) -> Iterator[None]:
    shared = settings.DATABASES["default"]["NAME"]
    name = f"test_{os.getpid()}_{next(_sequence)}"
    opened: list[BaseDatabaseWrapper] = []

    def note(*, connection: BaseDatabaseWrapper, **_: object) -> None:
        opened.append(connection)

    clone(template, name)
    point_django_at(name)
    connection_created.connect(note)
    try:
        yield
    finally:
        connection_created.disconnect(note)
        for wrapper in opened:
            _close_from_here(wrapper)
        point_django_at(shared)
        drop(name)


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest) -> None:
    """Wraps pytest-django's, by which `db` and the mark work: committing tests get their own database instead."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"committed_db", "transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))):
        request.getfixturevalue("committed_db")
    else:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """Address of an empty Valkey database of this process's own; Django's settings and Celery use it from now on."""
    keeper.ensure(durable=False)
    with _claimed_number() as number:
        url = addresses.redis_url(number=number)
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            client.flushdb()
        from callboard.celery import app  # noqa: PLC0415 -- Celery reads the settings when imported

        settings.REDIS_URL = url
        app.conf.update(broker_url=url)
        yield url


def together(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Call each in a thread of its own, all released at once; the result or the exception of each, in order."""
    barrier = threading.Barrier(len(calls))

    def call(do: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return do()
        except Exception as error:  # what the test looks at
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def ensure_template() -> str:
    """The name of a database in which every migration has run."""
    name = f"template_{_migrations_digest()}"
    with private_file.locked(addresses.home() / "template"), _superuser() as admin:
        names = [row[0] for row in admin.execute("SELECT datname FROM pg_database ORDER BY oid")]
        for stale in filter(_is_abandoned, names):
            drop(stale)
        if name not in names:
            draft = f"draft_{os.getpid()}"
            drop(draft)
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    *map(sql.Identifier, (draft, addresses.DATABASE))
                )
            )
            point_django_at(draft)
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            # Renamed when whole: a run that dies meanwhile leaves a draft, never half a template.
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (draft, name)))
            )
            templates = [old for old in names if old.startswith("template_")]
            for old in templates[: -_TEMPLATES_KEPT or None]:
                drop(old)
    return name


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    for app in sorted(apps.get_app_configs(), key=lambda config: config.label):
        folder = Path(app.path)
        own = [] if "site-packages" in folder.parts else folder.rglob("*.sql")
        for path in sorted([*folder.glob("migrations/*.py"), *own]):
            digest.update(f"{app.label}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _is_abandoned(name: str) -> bool:
    """Whether it was a test process's, and that process is gone."""
    found = re.fullmatch(r"(?:test|draft)_(\d+)(?:_\w+)?", name)
    return found is not None and not psutil.pid_exists(int(found[1]))


def clone(template: str, name: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY")
    with _superuser() as admin:
        admin.execute(statement.format(*map(sql.Identifier, (name, template, addresses.DATABASE))))


def drop(name: str) -> None:
    with _superuser() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _superuser() -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(addresses.database_url(name="postgres", user="postgres"), autocommit=True)


def lets_lay_rows() -> None:
    """Django's role may say that triggers are not to look: for rows that they have seen once, in tests alone."""
    role = sql.Identifier(addresses.DATABASE)
    with _superuser() as admin:
        admin.execute(sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(role))


def current() -> str:
    """The database that Django's connections go to."""
    return str(settings.DATABASES["default"]["NAME"])


def point_django_at(name: str) -> None:
    """Every thread's next connection goes to this database: Django's wrappers share one dictionary of settings."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connections.settings["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _django_as(role: str) -> None:
    """Every thread's next connection is this role's."""
    connections.close_all()
    for kept in (settings.DATABASES["default"], connections.settings["default"], connection.settings_dict):
        kept["USER"] = role


def _close_from_here(wrapper: BaseDatabaseWrapper) -> None:
    """Close a connection that another thread opened and left."""
    wrapper.inc_thread_sharing()
    try:
        wrapper.close()
    finally:
        wrapper.dec_thread_sharing()


@contextlib.contextmanager
def _claimed_number() -> Iterator[int]:
    """A Valkey database that no other test process uses at the same time."""
    for number in _NUMBERS:
        descriptor = os.open(
            addresses.home() / f"valkey-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield number
        finally:
            os.close(descriptor)
        return
    raise RuntimeError("Every Valkey database is taken: more than sixty test processes run here.")
