"""`python -m marketplace.video_sandbox --port PORT --key KEY --webhook URL`: the stand-in as its own process."""

import argparse
import logging
import os
import signal
import sys

from marketplace.video_sandbox.clock import read_instant
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.server import Server


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m marketplace.video_sandbox",
        description="A stand-in for a LiveKit server: its room service, tokens, webhooks, signalling and media.",
        epilog="The secret of the key is read from LIVEKIT_API_SECRET.",
    )
    parser.add_argument("--port", type=int, default=7880, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--key", default=os.environ.get("LIVEKIT_API_KEY", "devkey"))
    parser.add_argument("--webhook", default="", metavar="URL", help="where webhooks go")
    parser.add_argument("--seed", help="makes ids, faults and disturbances the same every time")
    parser.add_argument("--now", help="where the clock starts, ISO 8601")
    parser.add_argument(
        "--revokes", action="store_true", help="removing someone ends their tokens, as on Cloud"
    )
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    given = read_arguments(arguments)
    logging.basicConfig(level=logging.DEBUG if given.verbose else logging.WARNING, stream=sys.stderr)
    secret = os.environ.get("LIVEKIT_API_SECRET", "")
    if not secret:
        sys.stderr.write("LIVEKIT_API_SECRET must hold the secret of the key.\n")
        return 2
    try:
        now = read_instant(given.now) if given.now else None
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sandbox = Sandbox(
        key=given.key,
        secret=secret,
        webhook_url=given.webhook,
        seed=given.seed,
        now=now,
        revokes=given.revokes,
    )
    server = Server(sandbox, host=given.host, port=given.port)
    # Waited for, not handled: a handler that sets an event can meet itself when two signals come at once, and hang.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server.start()
    sys.stdout.write(f"LiveKit sandbox ready at {server.url}\n")
    sys.stdout.flush()
    signal.sigwait(ends)
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
