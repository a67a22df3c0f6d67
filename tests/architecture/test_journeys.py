"""A journey knows what a person can see: nothing in tests/journeys imports the product, or tests that do."""

import ast
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
# With what they start the house by, which is held to the same.
HELD = [
    *sorted((TESTS / "journeys").rglob("*.py")),
    TESTS / "processes.py",
    TESTS / "receiver.py",
    TESTS / "totp.py",
    TESTS / "browser" / "chromium.py",
    TESTS / "architecture" / "access_matrix.py",
]
MAY = {
    *sys.stdlib_module_names,
    *("pytest", "requests", "playwright", "axe_playwright_python", "av", "pyhanko", "standardwebhooks"),
}
OURS = (
    "tests.journeys",
    "tests.processes",
    "tests.receiver",
    "tests.totp",
    "tests.browser.chromium",
    "tests.architecture.access_matrix",
)


def imported(source: str) -> set[str]:
    """The modules that some source imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def forbidden(source: str) -> set[str]:
    return {name for name in imported(source) if name.split(".")[0] not in MAY and not name.startswith(OURS)}


@pytest.mark.parametrize("path", HELD, ids=lambda path: path.name)
def test_imports_nothing_of_the_product(path: Path) -> None:
    assert forbidden(path.read_text()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "import kit.money",
        "from accounts.identity.models import User",
        "def f():\n    from marketplace import gigs",
        "from tests import stories",
        "from tests.browser import house",
        "from .. import stories",
        "import django",
    ],
)
def test_a_way_in_from_behind_is_noticed(source: str) -> None:
    assert forbidden(source)
