"""The table of what hangs on what: each end that it names is an end of the product, and its news are told where it happens."""

import ast
from pathlib import Path

import pytest

import marketplace
from marketplace.endings.table import TABLE, Row

ROOMS = Path(marketplace.__file__).parent


def told_in_the_rooms() -> set[str]:
    named = (
        node.attr
        for path in ROOMS.rglob("*.py")
        if path.parts[-2] != "endings"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id.endswith("Kind")
    )
    return set(named)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.parent}, {row.end}: {row.child}")
def test_what_is_told_of_an_end_is_told_by_a_room(row: Row) -> None:
    assert {kind.name for kind in row.told} <= told_in_the_rooms()


def test_each_end_says_once_what_becomes_of_each_child() -> None:
    said = [(row.parent, row.end, row.child) for row in TABLE]
    assert len(said) == len(set(said))
