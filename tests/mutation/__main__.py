"""`make mutate ARGS="--rooms marketplace/timekeeping,accounts/access --sample 60 --seed 1 --minutes 30"`

Changes the code one place at a time and runs the tests that reach it: what no test notices is listed. Exit 1 where a
room's tests notice less than 85 % of the mutants tried, or where `accepted.toml` is stale or too long.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

import pytest

from tests.mutation import accepted, mutants, report
from tests.mutation.trying import Trying

ROOMS = (
    "marketplace/timekeeping,marketplace/sessions,marketplace/engagements,marketplace/casting,accounts/access"
)


def main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make mutate", description="What would no test notice?")
    parser.add_argument("--rooms", default=ROOMS, help="folders or files, with commas between")
    parser.add_argument("--sample", type=int, default=0, help="so many of each room; all without it")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--minutes", type=float, default=600, help="none is begun after so long")
    parser.add_argument("--at", default="", help="only those whose file:line begins so")
    parser.add_argument("--tests", nargs="*", default=[], help="instead of those of the rooms' apps")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--verbose", action="store_true", help="say of each mutant what became of it")
    options = parser.parse_args(given)
    until = time.monotonic() + options.minutes * 60
    rooms = options.rooms.split(",")
    changes = {
        room: [one for one in mutants.of_room(room) if one.name.startswith(options.at)] for room in rooms
    }
    chosen = {
        room: mutants.sample(found, size=options.sample, seed=options.seed) for room, found in changes.items()
    }
    trying = Trying(
        [mutant for found in chosen.values() for mutant in found],
        jobs=options.jobs,
        until=until,
        say=report.say if options.verbose else report.say_in_place,
    )
    tests = options.tests or sorted({f"tests/{room.partition('/')[0]}" for room in rooms})
    code = pytest.main(
        [
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:xdist",
            "--no-header",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
            *tests,
        ],
        plugins=[trying],
    )
    if code != pytest.ExitCode.OK:
        return int(code)
    return report.told(rooms, changes=changes, tried=trying.tried, accepted=accepted.read())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
