"""The whole platform on one laptop: Postgres, Valkey, Stripe sandbox, web, worker and beat; LiveKit's stand-in when asked.

Whatever the caller's environment names (DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY, STRIPE_API_BASE, LIVEKIT_URL) is used
instead of the embedded part, which is then not started.
"""

import contextlib
import functools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callboard.embedded import addresses, environment, keeper
from callboard.embedded.supervisor import Process, Supervisor

_BIN = Path(sys.executable).parent
_QUEUES = "money,webhooks,mail,bulk,celery"


class MigrationFailed(RuntimeError):
    """The database could not be brought up to date; the message is what `migrate` said."""


@dataclass(frozen=True)
class Site:
    """The running platform: where it answers, and its processes `sandbox`, `video`, `web`, `worker` and `beat`."""

    web_url: str
    sandbox_url: str | None
    video_url: str | None
    environment: Mapping[str, str]
    supervisor: Supervisor

    def start_beat(self) -> None:
        """Start the clockwork, where `running(beat=False)` left it out."""
        self.supervisor.add(beat_process(self.environment))

    def start_video(self) -> str:
        """Start LiveKit's stand-in beside the house and say where it answers. It sends its webhooks; the house itself is not
        told of it and keeps to its own room."""
        port = addresses.settle_port("video")
        self.supervisor.add(_video(self.environment, port=port, web_url=self.web_url))
        url = environment.video_url()
        self.supervisor.wait_ready("video", url)
        return url


@contextlib.contextmanager
def running(
    *, web_port: int | None = None, worker: bool = True, beat: bool = True, video: bool = False
) -> Iterator[Site]:
    """Bring everything up, migrated and answering, and take it down at the block's end.

    `web_port` is preferred, where free, to the port that this home keeps. With `video`, sessions are played at LiveKit's
    stand-in, and not in the platform's own room. Raises ServersNotStarted,
    MigrationFailed, ProcessNotReady.
    """
    upkeep = ensure_servers()
    web_port = addresses.settle_port("web", preferred=web_port)
    embedded_stripe = not os.environ.keys() & {"STRIPE_SECRET_KEY", "STRIPE_API_BASE"}
    sandbox_port = addresses.settle_port("sandbox") if embedded_stripe else None
    video_port = addresses.settle_port("video") if video and "LIVEKIT_URL" not in os.environ else None
    told = environment.child_environment(web_port=web_port, sandbox_port=sandbox_port, video_port=video_port)
    migrate(told)
    processes = [web_process(told, web_port)]
    processes += [worker_process(told)] if worker else []
    processes += [beat_process(told)] if beat else []
    if sandbox_port is not None:
        processes.insert(0, _sandbox(told, port=sandbox_port, web_port=web_port))
    if video_port is not None:
        processes.insert(0, _video(told, port=video_port, web_url=f"http://127.0.0.1:{web_port}"))
    supervisor = Supervisor(processes, addresses.home() / "logs", upkeep=upkeep)
    sandbox_url = None if sandbox_port is None else told["STRIPE_API_BASE"]
    with supervisor:
        if sandbox_url is not None:
            supervisor.wait_ready("sandbox", f"{sandbox_url}/_sandbox/books")
        supervisor.wait_ready("web", f"http://127.0.0.1:{web_port}/healthz")
        if video_port is not None:
            supervisor.wait_ready("video", told["LIVEKIT_URL"])
        video_url = None if video_port is None else told["LIVEKIT_URL"]
        yield Site(f"http://localhost:{web_port}", sandbox_url, video_url, told, supervisor)


def ensure_servers() -> functools.partial[None]:
    """Start the servers that the environment does not name; returns the call that makes sure of them."""
    ensure = functools.partial(
        keeper.ensure, postgres="DATABASE_URL" not in os.environ, valkey="REDIS_URL" not in os.environ
    )
    ensure()
    return ensure


def migrate(told: Mapping[str, str]) -> None:
    """Bring the database up to date."""
    done = subprocess.run(  # noqa: S603 -- every word is ours
        [sys.executable, addresses.PROJECT / "manage.py", "migrate", "--noinput", "--verbosity", "0"],
        env=dict(told),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MigrationFailed(f"{done.stdout}{done.stderr}")


def web_process(told: Mapping[str, str], port: int) -> Process:
    """The web on loopback. One worker, four threads: a page waits for Postgres most of its time."""
    few = {"WEB_WORKERS": "1", "WEB_THREADS": "4", **told} | {"WEB_HOST": "127.0.0.1", "PORT": str(port)}
    return Process("web", [sys.executable, "-m", "callboard.server"], few)


def worker_process(told: Mapping[str, str], *, name: str = "worker", app: str = "callboard") -> Process:
    """A worker of all queues. `app` is the module that holds the Celery app."""
    options = ["-Q", _QUEUES, "--concurrency", "2", "--loglevel", "INFO", "--hostname", f"{name}@%h"]
    alone = ["--without-gossip", "--without-mingle"]
    command: list[str | Path] = [_BIN / "celery", "-A", app, "worker", *options, *alone]
    # Longer than Celery's own soft shutdown: a transfer in flight is recorded, not cut off.
    return Process(name, command, told, stop_s=40)


def beat_process(told: Mapping[str, str], *, name: str = "beat") -> Process:
    """The clockwork. A second one needs another name; ticks are idempotent, so it does no harm."""
    options = ["--schedule", str(addresses.home() / name), "--pidfile="]
    return Process(name, [_BIN / "celery", "-A", "callboard", "beat", *options], told)


def _sandbox(told: Mapping[str, str], *, port: int, web_port: int) -> Process:
    # Stripe's own pace belongs to the tests; here the house keeps the pace itself.
    options = ["--port", str(port), "--data", str(addresses.home() / "sandbox"), "--rate-limit", "0"]
    for kind in ("platform", "connect", "thin"):
        secret = told[f"STRIPE_WEBHOOK_SECRET_{kind.upper()}"]
        url = f"http://127.0.0.1:{web_port}/webhooks/stripe/{kind}"
        options += ["--endpoint", f"url={url},secret={secret},kind={kind}"]
    return Process("sandbox", [sys.executable, "-m", "payments.sandbox", *options], told)


def _video(told: Mapping[str, str], *, port: int, web_url: str) -> Process:
    options = ["--port", str(port), "--webhook", f"{web_url}/webhooks/livekit"]
    return Process("video", [sys.executable, "-m", "marketplace.video_sandbox", *options], told)
