"""A comparison of `make bench`: what was measured, beside its goal. All of them are ratios of medians of one run."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """`measured` is a ratio; it meets a goal that is a floor or, with `at_most`, a ceiling. `said` are the figures behind it."""

    name: str
    measured: float
    bound: float
    said: str
    at_most: bool = False

    @property
    def goal(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound}"

    @property
    def met(self) -> bool:
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound

    def __str__(self) -> str:
        mark = "" if self.met else "  NOT MET"
        return f"{self.name:<34} {self.measured:6.2f}  goal {self.goal:<7}  {self.said}{mark}"


def write(rows: Iterable[Row], path: Path) -> None:
    """`{"rows": [{"name", "goal", "measured", "met"}]}`."""
    found = [
        {"name": row.name, "goal": row.goal, "measured": round(row.measured, 3), "met": row.met}
        for row in rows
    ]
    path.write_text(json.dumps({"rows": found}, indent=1) + "\n")
