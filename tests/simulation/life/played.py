"""What was played, noted run by run, so that thousands of lives can be played in many evenings and still add up."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

NOTED = Path(__file__).with_name("played.jsonl")


class NotTwice(ValueError):
    """A seed stands in two runs: it would be counted twice."""


@dataclass(frozen=True)
class Run:
    """Seeds from `first` up to `last`, that one included, at a commit; of `acts`, how often each was done."""

    commit: str
    first: int
    last: int
    violations: list[int] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)

    @property
    def stories(self) -> int:
        return self.last - self.first + 1


def commit() -> str:
    """Of the code that plays; with a plus where it was changed since."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=NOTED.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def note(run: Run, *, where: Path = NOTED) -> None:
    """Write it down below those before. Raises NotTwice."""
    add_up([*read(where), run])
    with where.open("a") as page:
        page.write(json.dumps(asdict(run), sort_keys=True) + "\n")


def read(where: Path = NOTED) -> list[Run]:
    return [Run(**json.loads(line)) for line in where.read_text().splitlines()] if where.exists() else []


@dataclass(frozen=True)
class Sum:
    """All runs together."""

    stories: int
    acts: Counter[str]
    violations: list[int]


def add_up(runs: Iterable[Run]) -> Sum:
    """Raises NotTwice."""
    ordered = sorted(runs, key=lambda run: run.first)
    for one, next_one in pairwise(ordered):
        if next_one.first <= one.last:
            raise NotTwice(f"Seed {next_one.first} was played in two runs that are noted.")
    acts: Counter[str] = Counter()
    for run in ordered:
        acts.update(run.acts)
    broken = [seed for run in ordered for seed in run.violations]
    return Sum(sum(run.stories for run in ordered), acts, broken)


def table(runs: Iterable[Run]) -> str:
    """For people."""
    ordered = sorted(runs, key=lambda run: run.first)
    lines = [f"{'commit':16}{'seeds':>16}{'lives':>8}{'acts':>10}{'violations':>12}"]
    for run in ordered:
        seeds = f"{run.first}..{run.last}"
        lines.append(
            f"{run.commit:16}{seeds:>16}{run.stories:>8}{sum(run.acts.values()):>10}{len(run.violations):>12}"
        )
    total = add_up(ordered)
    lines += [f"{name:34}{total.acts[name]:>9}" for name in sorted(total.acts)]
    lines.append(
        f"{total.stories} lives, {total.acts.total()} acts, {len(total.violations)} violations noted."
    )
    return "\n".join(lines)
