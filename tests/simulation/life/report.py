"""Playing many lives on all cores, and what is printed about them."""

import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import cache
from multiprocessing.util import Finalize
from typing import Any

from callboard.embedded import keeper
from kit.transitions import Transitions
from marketplace.casting.states import APPLICATION
from marketplace.engagements.states import ENGAGEMENT
from marketplace.gigs.states import GIG
from marketplace.sessions.states import SESSION
from marketplace.timekeeping.states import LINE, TIMESHEET
from tests.simulation.life import played
from tests.simulation.life.acts import ACTS, MONEY_ACTS
from tests.simulation.life.house import House, a_house
from tests.simulation.life.money_mutants import MONEY_MUTANTS
from tests.simulation.life.mutants import MUTANTS, planted
from tests.simulation.life.played import Run
from tests.simulation.life.story import Told, tell
from tests.simulation.report import HUNT, hunted, processes

CHUNK = 5
TABLES: dict[str, Transitions[Any]] = {
    "app": APPLICATION,
    "eng": ENGAGEMENT,
    "gig": GIG,
    "ses": SESSION,
    "lin": LINE,
    "tsh": TIMESHEET,
}
_open = ExitStack()


def one(seed: int) -> int:
    """Play one life and print what happened in it."""
    keeper.ensure(durable=False)
    with a_house() as house:
        told = tell(house, seed)
    print(*told.said, sep="\n")
    print(f"seed {seed}: {told.violation or 'all well'}")
    return 1 if told.violation else 0


def many(seeds: Sequence[int], *, jobs: int, minutes: float | None = None, note: bool = False) -> int:
    """Play all, or what is begun within so many minutes; how often each thing was done, which moves were never made, and every
    seed that broke something. `note`: write it down beside what was played before."""
    began, code = time.monotonic(), played.commit()
    broken: list[int] = []
    did: Counter[str] = Counter()
    moves: Counter[tuple[str, str, str]] = Counter()
    n = 0
    for n, told in enumerate(_play(seeds, jobs=jobs, minutes=minutes), start=1):
        did, moves = did + told.did, moves + told.moves
        if told.violation:
            broken.append(told.seed)
            again = f"python -m tests.simulation --life --story {told.seed}"
            print(f"seed {told.seed}: {told.violation}\n  again: {again}", flush=True)
        if n % 20 == 0:
            print(f"{n} of {len(seeds)}, {n / (time.monotonic() - began):.2f} a second", file=sys.stderr)
    for name in sorted({*ACTS, *MONEY_ACTS, *did}):
        print(f"{name:34}{did[name]:>9}")
    print("Moves that nobody made:", ", ".join(never_made(moves)) or "none")
    print(
        f"{n} lives in {time.monotonic() - began:.0f} s, {sum(did.values())} acts; {len(broken)} violations."
    )
    if n:
        run = Run(code, seeds[0], seeds[n - 1], broken, dict(sorted(did.items())))
        if note:
            played.note(run)
        print(f"{run.commit}: seeds {run.first} to {run.last}{', noted' if note else ''}.")
    return 1 if broken else 0


def noted() -> int:
    """All that was played and written down; 1 where a life of it went wrong."""
    runs = played.read()
    print(played.table(runs))
    return 1 if played.add_up(runs).violations else 0


def never_made(moves: Counter[tuple[str, str, str]]) -> list[str]:
    """The moves of the tables of states that no life made."""
    return [
        f"{table.noun} {before}→{after}"
        for prefix, table in TABLES.items()
        for before, after in table.edges()
        if not moves[prefix, str(before), str(after)]
    ]


def mutants(*, jobs: int) -> int:
    """Live with each planted bug until a story catches it; the table of which seed caught which."""
    return hunted(hunt, MUTANTS, jobs=jobs)


def hunt(name: str) -> tuple[str, Told | None]:
    """The first life that goes wrong with this bug planted; None when none of the first 200 does."""
    with planted(name):
        lives = (tell(_house(), seed) for seed in seeds_for(name))
        return name, next((told for told in lives if told.violation), None)


def seeds_for(name: str) -> Sequence[int]:
    """Of the first 200, those in which money is played where the bug is one of money."""
    return range(1, HUNT, 2) if name in MONEY_MUTANTS else range(HUNT)


def _play(seeds: Sequence[int], *, jobs: int, minutes: float | None = None) -> Iterator[Told]:
    """In the order of the seeds, from the first on; the last ones are left where the time is over."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    over = time.monotonic() + 60 * minutes if minutes is not None else None
    with processes(jobs) as workers:
        under_way: deque[Future[list[Told]]] = deque()
        for chunk in chunks:
            if over is not None and time.monotonic() > over:
                break
            under_way.append(workers.submit(_chunk, chunk))
            if len(under_way) > jobs:
                yield from under_way.popleft().result()
        for each in under_way:
            yield from each.result()


@cache
def _house() -> House:
    """This process's house, until the process ends."""
    Finalize(_open, _open.close, exitpriority=1)
    return _open.enter_context(a_house())


def _chunk(seeds: Iterable[int]) -> list[Told]:
    return [tell(_house(), seed) for seed in seeds]
