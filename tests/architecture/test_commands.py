"""Each command of ours says in one sentence what it cannot do without, and ends with an error."""

import io
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import connection

from kit.command import HouseCommand
from payments.gateway.command import StripeCommand

ROOMS = ("kit", "accounts", "marketplace", "payments", "callboard")
# With what they need; the others read no database of ours, or start one for themselves.
READING: dict[str, list[str]] = {
    "audit": [],
    "close_week": [],
    "first_administrator": ["root@example.org"],
    "encrypt_anew": [],
    "grant_rights": [],
    "explain": ["itm_01m82r9snme6qtqv39y2ysh3c4"],
    "pay_run": ["status"],
    "reconcile": [],
    "restate": [],
    "verify_receipt": ["README.md"],
}
SANDBOXES = ["livekit_sandbox", "stripe_sandbox"]
NO_DATABASE = {"demo", "fold_presence", "house_clock", "write_schema", *SANDBOXES}


def ours() -> dict[str, type[Any]]:
    homes = {name: home for name, home in get_commands().items() if home in ROOMS}
    return {name: import_module(f"{home}.management.commands.{name}").Command for name, home in homes.items()}


def says(name: str, *arguments: str) -> str:
    """What the command says where it refuses."""
    with pytest.raises(CommandError) as refused:
        call_command(name, *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    return str(refused.value)


def test_all_of_them_speak_so_but_the_sandboxes_which_know_no_django() -> None:
    assert set(ours()) == set(READING) | NO_DATABASE
    assert sorted(name for name, kind in ours().items() if not issubclass(kind, HouseCommand)) == SANDBOXES
    for name in ("reconcile", "pay_run", "close_week"):
        assert issubclass(ours()[name], StripeCommand)


class TestBeforeMigrations:
    @pytest.mark.parametrize("name", READING)
    @pytest.mark.usefixtures("empty_db")
    def test_names_what_to_run_first(self, name: str) -> None:
        here = Path(sys.executable).relative_to(Path.cwd())
        first = f"The database has no tables yet: run `{here} manage.py migrate` first."
        assert says(name, *READING[name]) == first

    @pytest.mark.usefixtures("committed_db")
    def test_an_older_database_is_not_an_empty_one(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE payments_payrun DROP COLUMN paid_at CASCADE")
        assert says("pay_run", "status").startswith("The database lacks what this version adds: run `")

    @pytest.mark.usefixtures("committed_db")
    @pytest.mark.parametrize("name", ["audit"])
    def test_afterwards_they_run(self, name: str) -> None:
        call_command(name, stdout=io.StringIO())
