"""The protocol alone, in memory, over many seeds.

python -m tests.simulation.model --seeds 100000 [--from N] [--jobs 2]     every story must end well; else exit 1
python -m tests.simulation.model --mutants                                which seed catches each planted bug
python -m tests.simulation.model --story 4711 [--of NeverLooksUp]         one story, step by step
"""
# ruff: noqa: T201 -- this is its report

import argparse
import re
import sys
import time
from collections.abc import Sequence
from multiprocessing import Pool
from os import cpu_count

from tests.simulation.model.mutants import MUTANTS
from tests.simulation.model.rules import Rules
from tests.simulation.model.story import told, violation_of

WITHIN = 200
CHUNK = 500


def main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.model")
    parser.add_argument("--seeds", type=int, default=100_000, help="how many stories")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--jobs", type=int, default=cpu_count(), help="processes")
    parser.add_argument("--mutants", action="store_true", help="say which seed catches each planted bug")
    parser.add_argument("--story", type=int, help="tell one seed's story")
    parser.add_argument("--of", default="Rules", help="the planted bug in that story")
    options = parser.parse_args(given)
    if options.story is not None:
        kinds: tuple[type[Rules], ...] = (Rules, *MUTANTS)
        rules = next(kind for kind in kinds if kind.__name__ == options.of)
        print("\n".join(told(options.story, rules())))
        return 0
    if options.mutants:
        return _mutants()
    return _many(range(options.first, options.first + options.seeds), jobs=options.jobs)


def violations(seeds: range) -> list[tuple[int, str]]:
    """The seeds among them that break a promise of the protocol, and which."""
    rules = Rules()
    return [(seed, broken) for seed in seeds if (broken := violation_of(seed, rules))]


def first_caught(rules: Rules, within: int) -> tuple[int, str] | None:
    """The first seed that catches a planted bug."""
    return next(
        ((seed, broken) for seed in range(within) if (broken := violation_of(seed, rules))),
        None,
    )


def _many(seeds: range, *, jobs: int) -> int:
    began = time.monotonic()
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    with Pool(jobs) as pool:
        broken = [found for chunk in pool.imap(violations, chunks) for found in chunk]
    took_s = time.monotonic() - began
    for seed, what in broken:
        print(f"seed {seed}: {what}\n  again: python -m tests.simulation.model --story {seed}")
    if broken:
        print("\n".join(told(broken[0][0], Rules())))
    print(
        f"{len(seeds)} stories in {took_s:.0f} s, {len(seeds) / took_s:.0f} a second: {len(broken)} violations."
    )
    return 1 if broken else 0


def _mutants() -> int:
    missed = 0
    for planted in MUTANTS:
        caught = first_caught(planted(), WITHIN)
        missed += caught is None
        seed, broken = caught or ("—", "NOT CAUGHT")
        print(f"{_words(planted.__name__):<44} seed {seed:>3}  {broken}")
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} planted bugs caught within {WITHIN} seeds.")
    return 1 if missed else 0


def _words(name: str) -> str:
    return re.sub(
        r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=A)(?=\d)|(?<=\d)(?=[A-Z])", " ", name
    ).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
