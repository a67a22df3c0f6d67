"""A public function names in its docstring each refusal that it raises itself, and what it asks of who calls it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from callboard.openapi.refusals import refusals

PROJECT = Path(__file__).parents[2]
APPS = ("kit", "accounts", "marketplace", "payments")
# What a guard raises by itself.
GUARDS = {
    "require": "Forbidden",
    "require_finance": "Forbidden",
    "require_person": "Forbidden",
    "require_performer": "NotFound",
    "require_talent": "Forbidden",
}


def public_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions that other rooms may call: those of operations and of modules like them, not of pages or endpoints."""
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            name = path.relative_to(PROJECT).as_posix()
            if "sandbox" in name or "migrations" in name or "management" in name:
                continue
            if path.stem.endswith(("pages", "api", "forms", "middleware", "permission", "endpoint", "doors")):
                continue
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield name, node


def raised(function: ast.FunctionDef) -> set[str]:
    """The refusals that the body raises, and those of the guards that it calls."""
    known = {refusal.__name__ for refusal in refusals()}
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            parts = ast.unparse(target).split(".")
            found |= {part for part in parts if part in known}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GUARDS:
            found.add(GUARDS[node.func.attr])
    return found


CASES = [(name, function) for name, function in public_functions() if raised(function)]


@pytest.mark.parametrize(("name", "function"), CASES, ids=[f"{name}:{f.name}" for name, f in CASES])
def test_is_named(name: str, function: ast.FunctionDef) -> None:
    said = ast.get_docstring(function) or ""
    assert not {refusal for refusal in raised(function) if refusal not in said}
