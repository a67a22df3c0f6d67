"""`make bench`: every comparison, side by side in one run; ARGS="--only under_load" takes one of them. Prints each beside its goal,
writes benchmarks.json, and ends with 1 where a goal is missed."""

import argparse
import os
import sys
from collections.abc import Iterator
from importlib import import_module

from callboard.embedded import addresses, keeper
from tests.benchmarks.row import Row, write

COMPARISONS = (
    "posting",
    "intake",
    "slow_sockets",
    "under_load",
    "payday",
    "large_run",
    "sweeps",
    "room",
    "presence_days",
    "board",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=COMPARISONS, metavar="NAME", help=", ".join(COMPARISONS)
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=60,
        help="how long the payday is measured; ten minutes is the goal's own",
    )
    given = parser.parse_args()
    only = given.only or COMPARISONS
    os.environ["DJANGO_SETTINGS_MODULE"] = "callboard.settings.test"
    os.environ["CALLBOARD_HOME"] = str(addresses.home() / "bench" / "test")
    keeper.ensure(durable=True)
    import django  # noqa: PLC0415 -- the servers first

    django.setup()
    found = []
    for row in _measured(only, seconds=given.seconds):
        print(row, flush=True)  # noqa: T201 -- the report
        found.append(row)
    write(found, addresses.PROJECT / "benchmarks.json")
    return 0 if all(row.met for row in found) else 1


def _measured(only: tuple[str, ...] | list[str], *, seconds: int) -> Iterator[Row]:
    """Each comparison's rows, in a database of its own."""
    from tests import database  # noqa: PLC0415 -- Django first

    template = database.ensure_template()
    for name in COMPARISONS:
        if name in only:
            own = f"test_{os.getpid()}_{name}"
            database.clone(template, own)
            database.point_django_at(own)
            how = {"seconds": seconds} if name == "payday" else {}
            yield from import_module(f"tests.benchmarks.{name}").rows(**how)
            database.point_django_at(template)
            database.drop(own)


if __name__ == "__main__":
    sys.exit(main())
