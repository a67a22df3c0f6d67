"""Keeps this home's Postgres and Valkey up for as long as some process uses them, and not a second longer.

Every user holds a shared lock on `users.lock`, which the kernel gives up for it however it ends. One small
detached process, the keeper, has the servers as its children; when it can take that lock for itself alone,
nobody is left: it stops the servers and ends. Should the keeper be killed, the kernel stops its servers, and
the next `ensure` starts anew.
"""

import argparse
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from callboard.embedded import addresses, postgres, valkey

log = logging.getLogger("callboard.keeper")
_POLL_S = 0.25
_MOST_RESTARTS = 3
_held: dict[Path, int] = {}
_holding = threading.Lock()


class ServersNotStarted(RuntimeError):
    """The embedded servers could not be started; the message says where to look."""


def ensure(
    *, postgres: bool = True, valkey: bool = True, durable: bool = True, timeout_s: float = 180.0
) -> None:
    """Return when this home's servers answer; they stay up until this process and every other user has ended.

    Safe to call from many processes at once and any number of times. `durable=False` is for the tests' own
    home: it gives up fsync. Raises ServersNotStarted.
    """
    home = addresses.home()
    deadline = time.monotonic() + timeout_s
    _become_user(home, deadline)
    wanted = [name for name, asked in (("postgres", postgres), ("valkey", valkey)) if asked]
    (home / "wanted").mkdir(exist_ok=True)
    for name in wanted:
        (home / "wanted" / name).touch()
    starts = 0
    while not (_keeper_lives(home) and all(_is_up(home, name) for name in wanted)):
        if time.monotonic() > deadline:
            raise ServersNotStarted(f"No answer within {timeout_s:.0f} s.\n{_last_words(home)}")
        if not _keeper_lives(home):
            if starts == _MOST_RESTARTS:
                raise ServersNotStarted(_last_words(home))
            starts += 1
            _start_keeper(home, durable=durable)
        time.sleep(0.05)


def release() -> None:
    """Stop being a user of this home before the process ends; the servers stop when nobody else uses them."""
    with _holding:
        descriptor = _held.pop(addresses.home(), None)
        if descriptor is not None:
            os.close(descriptor)


def is_running() -> bool:
    """Whether this home has a keeper."""
    return _keeper_lives(addresses.home())


def _become_user(home: Path, deadline: float) -> None:
    with _holding:
        if home in _held and _same_file(_held[home], home / "users.lock"):
            return
        home.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise ServersNotStarted(
                f"{home} belongs to another user: name a folder in CALLBOARD_HOME."
            ) from error
        # A keeper that is just leaving holds it alone: wait until it has stopped its servers.
        while not _take(descriptor, fcntl.LOCK_SH):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise ServersNotStarted(f"The keeper of {home} does not finish stopping its servers.")
            time.sleep(0.05)
        _held[home] = descriptor


def _start_keeper(home: Path, *, durable: bool) -> None:
    """Returns once some keeper holds `keeper.lock`: the command ends only after it forked the real one."""
    command = [sys.executable, "-m", "callboard.embedded.keeper", "--home", str(home)]
    if not durable:
        command.append("--forgetful")
    with (home / "keeper.log").open("ab") as output:
        subprocess.run(  # noqa: S603 -- every word is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=addresses.PROJECT,
            env={**os.environ, "CALLBOARD_HOME": str(home), "PYTHONWARNINGS": "default"},
            check=False,
        )


def _keeper_lives(home: Path) -> bool:
    """Whether `keeper.lock` is taken."""
    descriptor = os.open(home / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return not _take(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_up(home: Path, name: str) -> bool:
    # Asked of its keeper first: one that a dead keeper left behind still answers while it stops.
    return (home / "running" / name).exists() and _ANSWERS[name]()


def _same_file(descriptor: int, path: Path) -> bool:
    """False when the folder was removed under us: the lock then guards nothing any more."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _last_words(home: Path) -> str:
    path = home / "keeper.log"
    words = path.read_text(errors="replace").splitlines()[-15:] if path.exists() else []
    return "\n".join([f"The embedded servers did not start. The end of {path}:", *words])


_ANSWERS = {"postgres": postgres.answers, "valkey": valkey.answers}


class Keeper:
    """The detached process. One for each home, by `keeper.lock`."""

    def __init__(self, *, home: Path, durable: bool) -> None:
        self.home = home
        self.users = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.servers: dict[str, postgres.Postgres | valkey.Valkey] = {
            "postgres": postgres.Postgres(home=home, durable=durable),
            "valkey": valkey.Valkey(home=home, durable=durable),
        }
        self.failures = 0
        self.told_to_stop = False

    def run(self) -> None:
        """Keep what is wanted running until nobody is left, the home is gone, or a signal says so."""
        signal.signal(signal.SIGTERM, self._note_stop)
        try:
            while not self._is_over():
                self._start_wanted()
                time.sleep(_POLL_S)
        finally:
            for name, server in self.servers.items():
                server.stop()
                for marks in ("wanted", "running"):
                    (self.home / marks / name).unlink(missing_ok=True)
            log.info("stopped")

    def _is_over(self) -> bool:
        if self.told_to_stop or not _same_file(self.users, self.home / "users.lock"):
            return True
        return _take(self.users, fcntl.LOCK_EX)

    def _start_wanted(self) -> None:
        for name, server in self.servers.items():
            if server.is_running() or not (self.home / "wanted" / name).exists():
                continue
            running = self.home / "running" / name
            running.unlink(missing_ok=True)
            try:
                server.start()
                running.touch()
            except (postgres.PostgresNotStarted, valkey.ValkeyNotStarted):
                # After a kill its children may hold its shared memory for a moment longer.
                self.failures += 1
                if self.failures > _MOST_RESTARTS:
                    raise
                time.sleep(self.failures * 0.5)
            else:
                self.failures = 0
                log.info("started %s", name)

    def _note_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep the embedded servers of one home; `ensure` starts it.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--forgetful", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    descriptor = os.open(given.home / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not _take(descriptor, fcntl.LOCK_EX):
        return
    shutil.rmtree(given.home / "running", ignore_errors=True)
    (given.home / "running").mkdir()
    if os.fork():
        os._exit(0)
    os.setsid()
    log.info("keeper %d", os.getpid())
    try:
        Keeper(home=given.home, durable=not given.forgetful).run()
    except Exception:
        log.exception("gave up")
        sys.exit(1)
    finally:
        # Before `users.lock`: who takes that next must find no keeper.
        os.close(descriptor)


if __name__ == "__main__":
    main()
