"""`make kill`: a payday of real processes, and everything that can end them, ends them.

Postgres, the broker, the sandbox over HTTP, web, two workers and two beats run in a home of their own. Workers are
killed, at named points and at any moment; the servers end; the database comes back from a snapshot. In the end the
sandbox's books must show one transfer per item.
"""

import argparse
import contextlib
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callboard.embedded import addresses, keeper, site
from tests.faults.amount import Amount

if TYPE_CHECKING:
    from tests.faults.verdict import Finding
    from tests.faults.violence import Violence

# A short lease and a slow pace, so that there is time for everything.
SETTINGS = {"PAYOUT_LEASE_S": "10", "STRIPE_REQUESTS_PER_S": "6"}
# What would lead us to a house that is not ours to break.
ELSEWHERE = (
    "DATABASE_URL",
    "REDIS_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_ACCOUNT_ID",
    "PUBLIC_URL",
)


def main() -> int:
    given = _read_arguments()
    _take_a_home_of_our_own(given.home or addresses.home() / "kill")
    began = time.monotonic()

    def say(sentence: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {sentence}\n")

    say(f"seed {given.seed}; starting Postgres, the broker, the sandbox and web in {addresses.home()}")
    with site.running(worker=False, beat=False) as up:
        import django  # noqa: PLC0415 -- the servers first

        django.setup()
        # They say what we did to them.
        for name in ("psycopg.pool", "callboard.supervisor"):
            logging.getLogger(name).setLevel(logging.ERROR)
        violence, findings = _play(up, given, say=say)
        say("stopping")
    seconds = time.monotonic() - began
    _tell(violence, findings, seconds=seconds, as_json=given.json)
    return 0 if all(finding.ok for finding in findings) else 1


def _play(
    up: site.Site, given: argparse.Namespace, *, say: Callable[[str], None]
) -> tuple["Violence", list["Finding"]]:
    from django.conf import settings  # noqa: PLC0415 -- Django is set up by now

    from tests.faults import machines, verdict  # noqa: PLC0415
    from tests.faults.stage import Stage, Stripe, patiently  # noqa: PLC0415
    from tests.faults.violence import WORKERS, Violence, is_drained  # noqa: PLC0415

    settings.STRIPE_API_BASE = str(up.sandbox_url)
    stripe = Stripe(settings.STRIPE_API_BASE)
    stage = Stage(stripe, performers=given.performers, late=given.performers // 12, never=2, seed=given.seed)
    say(f"{given.performers} performers have their accounts at the sandbox")
    for name in WORKERS:
        worker = site.worker_process(up.environment, name=name, app="tests.faults.worker")
        up.supervisor.add(replace(worker, longest_pause_s=0.5, stop_s=0))
    for name in ("beat-1", "beat-2"):
        up.supervisor.add(site.beat_process(up.environment, name=name))
    stripe.disturb()
    amount = Amount(**{field.name: getattr(given, field.name) for field in fields(Amount)})
    violence = Violence(stage, up.supervisor, amount, say=say)
    violence.happens()
    stripe.calm_down()
    say("the violence is over; waiting until all is drained")

    def drained() -> bool:
        patiently(stage.release_refused)
        patiently(stage.who_waits_looks_again)
        return patiently(is_drained)

    ended = time.monotonic()
    with contextlib.suppress(TimeoutError):
        machines.wait_until("all is drained", drained, at_most_s=verdict.DRAIN_S)
    drained_s = time.monotonic() - ended
    return violence, verdict.judge(violence, drained_s=drained_s, environment=up.environment)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=74)
    parser.add_argument("--home", type=Path, help="the folder for everything; it is emptied first")
    parser.add_argument("--performers", type=int, default=80)
    for field in fields(Amount):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int, default=field.default)
    parser.add_argument("--json", action="store_true", help="the outcome as one JSON object")
    return parser.parse_args()


def _take_a_home_of_our_own(home: Path) -> None:
    """An empty folder, and nothing in the environment that leads elsewhere."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    os.environ |= SETTINGS | {
        "CALLBOARD_HOME": str(home.resolve()),
        "DJANGO_SETTINGS_MODULE": "callboard.settings.local",
    }
    if home.exists() and keeper.is_running():
        raise SystemExit(f"Something runs in {home} already: one at a time.")
    shutil.rmtree(home, ignore_errors=True)


def _tell(violence: "Violence", findings: list["Finding"], *, seconds: float, as_json: bool) -> None:
    outcome: dict[str, Any] = {
        "seed": violence.stage.seed,
        "done": dict(violence.done),
        "died_at": sorted(violence.deaths),
        "forgotten_payments": violence.forgotten,
        "findings": [asdict(finding) for finding in findings],
        "seconds": round(seconds),
    }
    if as_json:
        sys.stdout.write(json.dumps(outcome) + "\n")
        return
    say = sys.stdout.write
    say(f"\nWhat was done to it, with seed {outcome['seed']}\n")
    for name, count in outcome["done"].items():
        say(f"  {count:>5}  {name.replace('_', ' ')}\n")
    say(f"  {len(violence.deaths):>5}  of the kills at named points: {', '.join(outcome['died_at'])}\n")
    say(f"  {violence.forgotten:>5}  payments forgotten by the restore\n")
    say("\nWhat was found\n")
    for finding in findings:
        say(f"  {'ok ' if finding.ok else 'NOT'}  {finding.claim}: {finding.found}\n")
    say(f"\n  {seconds:.0f} s\n")


if __name__ == "__main__":
    sys.exit(main())
