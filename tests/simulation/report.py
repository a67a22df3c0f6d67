"""Playing many stories on all cores, and what is printed about them."""

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache

from callboard.embedded import keeper
from tests import database
from tests.simulation.points import POINTS
from tests.simulation.set_up import set_up
from tests.simulation.stage import Stage, a_stage
from tests.simulation.story import Told, tell

AT_LEAST = 100
CHUNK = 10
_open = ExitStack()


def one(seed: int) -> int:
    """Play one story and print what happened in it."""
    keeper.ensure(durable=False)
    with a_stage() as stage:
        told = tell(stage, seed)
    print(*told.steps, sep="\n")
    print(f"seed {seed}: {told.violation or told.ending}")
    return 1 if told.violation else 0


def many(seeds: Sequence[int], *, jobs: int) -> int:
    """Play all; the table of crash points, and every seed that broke something."""
    began = time.monotonic()
    reached: Counter[str] = Counter()
    died: Counter[str] = Counter()
    met: Counter[str] = Counter()
    broken: list[Told] = []
    paid = held = done = 0
    for told in play(seeds, jobs=jobs):
        done += 1
        reached, died, met = reached + told.reached, died + told.died, met + told.met
        if told.violation:
            broken.append(told)
            print(
                f"seed {told.seed}: {told.violation}\n  again: python -m tests.simulation --story {told.seed}"
            )
        elif told.ending:
            paid, held = paid + told.ending.paid, held + sum(told.ending.held.values())
        if done % 100 == 0:
            print(
                f"{done} of {len(seeds)}, {done / (time.monotonic() - began):.1f} a second", file=sys.stderr
            )
    _table(reached, died)
    print(f"\nOn the line: {', '.join(f'{fate} {n}' for fate, n in sorted(met.items()))}")
    print(
        f"{done} stories in {time.monotonic() - began:.0f} s: {paid} items paid once, {held} held and told."
    )
    print(f"{len(broken)} violations.")
    return 1 if broken else 0


def _table(reached: Counter[str], died: Counter[str]) -> None:
    print(f"\n{'crash point':28}{'reached':>9}{'died there':>12}")
    for point in sorted(POINTS):
        print(f"{point:28}{reached[point]:>9}{died[point]:>12}")
    strangers = sorted(reached.keys() - set(POINTS))
    if strangers:
        print(f"Not in the table of points: {strangers}")


def play(seeds: Sequence[int], *, jobs: int) -> Iterator[Told]:
    """The stories of the seeds, in no order, on that many processes."""
    keeper.ensure(durable=False)
    database.ensure_template()
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=set_up) as processes:
        for stories in processes.map(_chunk, chunks):
            yield from stories


@cache
def _stage() -> Stage:
    """This process's stage, until the process ends; its databases go with the next run that finds them abandoned."""
    return _open.enter_context(a_stage())


def _chunk(seeds: Iterable[int]) -> list[Told]:
    return [tell(_stage(), seed) for seed in seeds]
