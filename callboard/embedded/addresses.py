"""Where this checkout's own Postgres and Valkey are.

A lookup only: `keeper.ensure` is what starts them. Each checkout has a home of its own, the folder
`.callboard` in the project or what `CALLBOARD_HOME` names, and so two checkouts never share a server.
"""

import fcntl
import hashlib
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from callboard.embedded import private_file

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "callboard"
POSTGRES_PORT = 5432  # names the socket file only; Postgres listens on no TCP port
# Linux allows 107 bytes for a socket's path and macOS 103; Postgres adds ".s.PGSQL.5432.lock" to the folder.
_LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432.lock")
# Below the range from which systems take the ports of outgoing connections.
_PORTS = range(20_000, 32_000)
_held: dict[int, int] = {}


def home() -> Path:
    """The folder that holds everything the embedded parts write."""
    given = os.environ.get("CALLBOARD_HOME")
    return Path(given).resolve() if given else PROJECT / ".callboard"


def use_test_home() -> None:
    """From now on, for this process and its children, the tests' own servers."""
    if home().name != "test":
        os.environ["CALLBOARD_HOME"] = str(home() / "test")


def database_url(*, name: str = DATABASE, user: str = DATABASE) -> str:
    """Address of the embedded Postgres, over a Unix socket in a folder that only its owner can enter."""
    return f"postgresql://{user}@/{name}?host={quote(str(socket_folder()), safe='/')}"


def redis_url(*, number: int = 0) -> str:
    """Address of the embedded Valkey: loopback, with a password. Number 0 is the broker's, 1 the cache's."""
    services = _services()
    return f"redis://:{services['valkey_password']}@127.0.0.1:{services['valkey_port']}/{number}"


def socket_folder() -> Path:
    """Where Postgres puts its socket: in the home, or under /tmp where the home's path is too long."""
    folder = home() / "run"
    # A comma or quote would be read as a list by Postgres.
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER and not re.search(r"[,'\"\\]", str(folder)):
        return folder
    digest = hashlib.sha256(os.fsencode(home())).hexdigest()[:16]
    return Path(f"/tmp/callboard-{os.geteuid()}-{digest}")  # noqa: S108 -- its owner is checked before use


def port(name: str) -> int:
    """The loopback port kept for one of `valkey`, `web`, `sandbox`, `video`; 0 where none was kept yet."""
    return int(_services().get(f"{name}_port", 0))


def settle_port(name: str, *, preferred: int | None = None) -> int:
    """A port that is free now: the preferred one, else the one kept, else another which is then kept.

    It is this process's until it ends, from before anything listens on it: of two checkouts that start at once, each gets
    its own. The web's server would share a port, and answer half of the other's people.
    """
    kept = port(name)
    wanted = (candidate for candidate in (preferred, kept) if candidate and _is_free(candidate))
    chosen = next(candidate for candidate in chain(wanted, _free_ports(name)) if _becomes_ours(candidate))
    if chosen != kept:
        private_file.change(_services_path(), {f"{name}_port": chosen})
    return chosen


def valkey_password() -> str:
    return str(_services()["valkey_password"])


def _services_path() -> Path:
    return home() / "services.json"


def _services() -> private_file.Content:
    return private_file.load(_services_path(), missing=_first_services)


def _first_services() -> private_file.Content:
    ports: private_file.Content = {
        f"{name}_port": next(_free_ports(name)) for name in ("valkey", "web", "sandbox")
    }
    return ports | {"valkey_password": secrets.token_urlsafe(24)}


def _free_ports(name: str) -> Iterator[int]:
    """Starts from a place of this home's own, so that two checkouts rarely try the same port. Raises OSError at the end."""
    start = int.from_bytes(hashlib.sha256(f"{home()}:{name}".encode()).digest()[:4])
    for step in range(len(_PORTS)):
        candidate = _PORTS[(start + step) % len(_PORTS)]
        if _is_free(candidate):
            yield candidate
    raise OSError(f"No free port on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop}.")


def _becomes_ours(candidate: int) -> bool:
    """Whether no other process of this user's holds the port; the kernel lets go of it when this one ends."""
    if candidate in _held:
        return True
    path = Path(tempfile.gettempdir(), f"callboard-{os.geteuid()}-port-{candidate}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held[candidate] = descriptor
    return True


def _is_free(candidate: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", candidate))
        except OSError:
            return False
    return True
