"""`make simulate SEEDS=3000`: play that many stories on real Postgres, and say what was hit and what broke.

python -m tests.simulation --seeds 3000 --from 0               every story must end well; exit 1 when one does not
python -m tests.simulation --mutants                           every planted bug must be caught
python -m tests.simulation --story 4711                        one story, step by step
python -m tests.simulation --life …                            the same of thirty days of work instead of a payday
python -m tests.simulation --life --from 10000 --minutes 60 --note    an hour of lives, written down beside those before
python -m tests.simulation --life --noted                      all that was written down: lives, acts of each kind, violations
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tests.simulation.set_up import set_up


def main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make simulate", description="A payday under every fault.")
    parser.add_argument("--seeds", type=int, default=300, help="how many stories")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    # One more than cores: a story that waits for Postgres leaves a core to another.
    parser.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1, help="processes")
    parser.add_argument("--mutants", action="store_true", help="plant bugs, and say which seed caught each")
    parser.add_argument("--story", type=int, help="play one seed and print its steps")
    parser.add_argument("--life", action="store_true", help="lives of a small house instead of paydays")
    parser.add_argument("--minutes", type=float, help="of lives: begin no more of them after so many minutes")
    parser.add_argument("--note", action="store_true", help="of lives: write down what was played")
    parser.add_argument("--noted", action="store_true", help="of lives: what was written down, added up")
    options = parser.parse_args(given)
    set_up()
    module = "tests.simulation.life.report" if options.life else "tests.simulation.report"
    report = import_module(module)  # now, since it needs Django
    if options.story is not None:
        return int(report.one(options.story))
    if options.mutants:
        return int(report.mutants(jobs=options.jobs))
    seeds = range(options.first, options.first + options.seeds)
    if options.life:
        if options.noted:
            return int(report.noted())
        return int(report.many(seeds, jobs=options.jobs, minutes=options.minutes, note=options.note))
    return int(report.many(seeds, jobs=options.jobs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
