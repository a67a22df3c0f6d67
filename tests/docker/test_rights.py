"""Web and worker have a database role that owns nothing: made and granted as `docker/entrypoint migrate` does it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import errors, sql

from callboard.embedded import addresses
from tests.architecture.test_production import STRONG
from tests.database import clone, drop, ensure_template
from tests.processes import PROJECT

pytestmark = pytest.mark.slow
BIN = str(Path(sys.executable).parent)


APPENDED_TO = (
    "accounts_auditevent",
    "accounts_auditseal",
    "payments_entry",
    "payments_posting",
    "payments_earning",
)


class House:
    """A database whose owner migrates it, and the role of the others."""

    def __init__(self, owner: str) -> None:
        self.owner, self.role = owner, f"house_{os.getpid()}"
        self.url = urlsplit(owner)._replace(netloc=f"{self.role}@").geturl()

    def runs(self, *words: str, **environment: str) -> str:
        """What the entrypoint says with the words, under production's settings. AssertionError when it fails."""
        told = STRONG | {"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": str(PROJECT)} | environment
        done = subprocess.run(
            [PROJECT / "docker" / "entrypoint", *words],
            cwd=PROJECT, env=told, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def migrates(self) -> str:
        own = {name: value for name, value in STRONG.items() if name == "DJANGO_SETTINGS_MODULE"}
        return self.runs("migrate", **own, DATABASE_URL=self.owner, APP_DATABASE_URL=self.url)

    def refuses(self, statement: str) -> bool:
        with psycopg.connect(self.url, autocommit=True) as connection:
            try:
                connection.execute(statement)
            except errors.InsufficientPrivilege:
                return True
        return False


@pytest.fixture
def house(django_db_setup: None) -> Iterator[House]:
    name = f"test_{os.getpid()}_rights"
    clone(ensure_template(), name)
    found = House(addresses.database_url(name=name, user="postgres"))
    yield found
    with psycopg.connect(found.owner, autocommit=True) as connection:
        role = sql.Identifier(found.role)
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [found.role]).fetchone():
            connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
            connection.execute(sql.SQL("DROP ROLE {}").format(role))
    drop(name)


def test_of_the_house_appends_where_it_only_appends_and_owns_nothing(house: House) -> None:
    assert f"{house.role} reads and writes rows, and owns nothing." in house.migrates()
    assert house.runs("audit", DATABASE_URL=house.url)
    for table in APPENDED_TO:
        for act in ("DELETE FROM {}", "UPDATE {} SET id = id"):
            assert house.refuses(act.format(table)), (act, table)
    for statement in (
        "CREATE TABLE theirs (id int)",
        "DROP TABLE accounts_auditevent",
        "TRUNCATE accounts_user CASCADE",
        "ALTER TABLE accounts_auditevent DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
        "DELETE FROM marketplace_terms",
        "UPDATE marketplace_presencedelivery SET body = ''",
        "CREATE ROLE theirs",
    ):
        assert house.refuses(statement), statement
    for statement in (
        "INSERT INTO accounts_auditevent (at, actor, verb, thing, from_state, to_state, reason, facts)"
        " VALUES (now(), 'a', 'b', 'c', '', '', '', '{}')",
        "UPDATE accounts_user SET name = name",
        "DELETE FROM marketplace_presencedelivery",
        "SELECT presence_make_day('2031-05-01')",
        "SELECT audit_wait_for_writers()",
    ):
        assert not house.refuses(statement), statement
    assert house.migrates()  # once more changes nothing
    assert house.refuses("DELETE FROM payments_entry")
