"""What `make bench` writes for others to read."""

import json
from pathlib import Path

import pytest

from tests.benchmarks.row import Row, write


@pytest.mark.parametrize(
    ("measured", "at_most", "met"),
    [(1.0, False, True), (0.99, False, False), (1.0, True, True), (1.01, True, False)],
)
def test_a_goal_is_a_floor_or_a_ceiling(measured: float, at_most: bool, met: bool, tmp_path: Path) -> None:
    row = Row("board", measured, 1.0, "two figures", at_most=at_most)
    assert ("NOT MET" in str(row)) != met
    write([row], tmp_path / "benchmarks.json")
    (written,) = json.loads((tmp_path / "benchmarks.json").read_text())["rows"]
    goal = "<= 1.0" if at_most else ">= 1.0"
    assert written == {"name": "board", "goal": goal, "measured": measured, "met": met}
