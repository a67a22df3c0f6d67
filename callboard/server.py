"""The web server's command, the same on a laptop and in production. Why this server: decisions/0006.

usage: python -m callboard.server      (by the environment: WEB_HOST, PORT, WEB_WORKERS, WEB_THREADS)
"""

import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

# Threads of one worker that run Django: as many as its pool has connections to Postgres.
THREADS = 8
WORKERS = 2
# Sockets of one worker, those that only wait included: each costs some kB and a descriptor.
SOCKETS = 4096
HEADERS_WITHIN_MS = 10_000  # also how long a connection may idle between two requests
STOPS_WITHIN_S = 30


def command(environment: Mapping[str, str]) -> list[str]:
    """granian with this house's limits."""
    options = {
        "--interface": "asginl",
        "--http": "1",
        "--host": environment.get("WEB_HOST", "127.0.0.1"),
        "--port": environment.get("PORT", "8000"),
        "--workers": environment.get("WEB_WORKERS", str(WORKERS)),
        "--backlog": str(SOCKETS),
        "--backpressure": str(SOCKETS),
        "--http1-header-read-timeout": str(HEADERS_WITHIN_MS),
        "--workers-kill-timeout": str(STOPS_WITHIN_S),
        "--respawn-interval": "1",
    }
    flags = ["--no-ws", "--respawn-failed-workers"]
    program = str(Path(sys.executable).parent / "granian")
    return [
        program,
        *(word for pair in options.items() for word in pair),
        *flags,
        "callboard.asgi:application",
    ]


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SOCKETS + 1024 if hard == resource.RLIM_INFINITY else min(SOCKETS + 1024, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    words = command(os.environ)
    os.execv(words[0], words)  # noqa: S606 -- every word is ours


if __name__ == "__main__":
    main()
