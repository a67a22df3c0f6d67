"""`python -m payments.sandbox --port PORT --data DIR`: the sandbox as its own process."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from payments.sandbox.clock import read_instant
from payments.sandbox.sandbox import Sandbox
from payments.sandbox.server import Server
from payments.sandbox.webhooks.endpoints import add_configured
from payments.sandbox.world import Options

_TEST_RATE_PER_S = 25.0


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m payments.sandbox", description="A stateful Stripe Connect sandbox."
    )
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the books")
    parser.add_argument("--seed", help="makes ids, faults and disturbances the same every time")
    parser.add_argument("--now", help="where the clock of new books starts, ISO 8601")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument(
        "--rate-limit", type=float, default=_TEST_RATE_PER_S, help="requests a second; 0 is no limit"
    )
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        help="url=…,secret=whsec_…,kind=platform|connect|thin; may be given several times",
    )
    parser.add_argument("--strict-source-types", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(arguments)


def read_endpoint(text: str) -> dict[str, str]:
    """`url=…,secret=…,kind=…` as a dictionary; raises ValueError when one of them is missing."""
    values = dict(part.partition("=")[::2] for part in text.split(","))
    if values.keys() != {"url", "secret", "kind"}:
        raise ValueError(f"An endpoint needs url, secret and kind: {text}")
    return values


def main(arguments: list[str] | None = None) -> int:
    given = read_arguments(arguments)
    logging.basicConfig(level=logging.DEBUG if given.verbose else logging.WARNING, stream=sys.stderr)
    options = Options(
        rate_per_s=given.rate_limit,
        latency_s=given.latency_ms / 1000,
        strict_source_types=given.strict_source_types,
    )
    try:
        endpoints = [read_endpoint(text) for text in given.endpoint]
        now = read_instant(given.now) if given.now else None
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    sandbox = Sandbox(given.data, seed=given.seed, options=options, now=now)
    with sandbox.lock, sandbox.transaction():
        for endpoint in endpoints:
            add_configured(
                sandbox.world, url=endpoint["url"], secret=endpoint["secret"], kind=endpoint["kind"]
            )
    server = Server(sandbox, host=given.host, port=given.port)
    # Waited for, not handled: a handler that sets an event can meet itself when two signals come at once, and hang.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server.start()
    sys.stdout.write(f"Stripe sandbox ready at {server.url}\n")
    sys.stdout.flush()
    signal.sigwait(ends)
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
