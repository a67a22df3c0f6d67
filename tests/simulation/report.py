"""Playing many stories on all cores, and what is printed about them."""

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from multiprocessing.util import Finalize
from typing import Protocol

from callboard.embedded import keeper
from tests import database
from tests.simulation.mutants import MUTANTS, planted
from tests.simulation.points import POINTS
from tests.simulation.set_up import set_up
from tests.simulation.stage import Stage, a_stage
from tests.simulation.story import Told, tell

AT_LEAST = 100
CHUNK = 10
HUNT = 200
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


def mutants(*, jobs: int) -> int:
    """Play each planted bug until a story catches it; the table of which seed caught which."""
    return hunted(hunt, MUTANTS, jobs=jobs)


class Caught(Protocol):
    """What a story that went wrong tells."""

    @property
    def seed(self) -> int: ...

    @property
    def violation(self) -> str: ...


def hunted(hunt: Callable[[str], tuple[str, Caught | None]], bugs: Collection[str], *, jobs: int) -> int:
    """Hunt each planted bug, on that many processes; the table of which seed caught which. 1 where one escaped."""
    missed = 0
    print(f"{'planted bug':38}{'caught by seed':>15}   what broke")
    with processes(jobs) as workers:
        for name, told in workers.map(hunt, bugs):
            missed += told is None
            seed, broke = (str(told.seed), told.violation) if told else ("never", f"in {HUNT} seeds")
            print(f"{name:38}{seed:>15}   {broke[:100]}", flush=True)
    print(f"{len(bugs) - missed} of {len(bugs)} caught within {HUNT} seeds.")
    return 1 if missed else 0


def hunt(name: str) -> tuple[str, Told | None]:
    """The first story that goes wrong with this bug planted; None when none of the first 200 does."""
    with planted(name):
        stories = (tell(_stage(), seed) for seed in range(HUNT))
        return name, next((told for told in stories if told.violation), None)


def _table(reached: Counter[str], died: Counter[str]) -> None:
    print(f"\n{'crash point':28}{'reached':>9}{'died there':>12}")
    for point in sorted(POINTS):
        print(f"{point:28}{reached[point]:>9}{died[point]:>12}")
    strangers = sorted(reached.keys() - set(POINTS))
    if strangers:
        print(f"Not in the table of points: {strangers}")


def play(seeds: Sequence[int], *, jobs: int) -> Iterator[Told]:
    """The stories of the seeds, in no order, on that many processes."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    with processes(jobs) as workers:
        for stories in workers.map(_chunk, chunks):
            yield from stories


def processes(jobs: int) -> ProcessPoolExecutor:
    keeper.ensure(durable=False)
    database.ensure_template()
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=set_up)


@cache
def _stage() -> Stage:
    """This process's stage, until the process ends."""
    Finalize(_open, _open.close, exitpriority=1)
    return _open.enter_context(a_stage())


def _chunk(seeds: Iterable[int]) -> list[Told]:
    return [tell(_stage(), seed) for seed in seeds]
