"""The numbers with which this checkout's week began. Its people and sessions come of them, so it goes on with no others."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from callboard.embedded import addresses, private_file

FIRST = {"seed": 74, "performers": 32, "sessions": 96}


class BegunOtherwise(RuntimeError):
    """The week that is here began with other numbers than those that are asked for; the message says what to do."""


def numbers(*, asked: Mapping[str, int | None], monday: date) -> tuple[dict[str, int], date]:
    """Seed, performers and sessions, and the Monday: as the week here began, or as it now begins.

    What is not asked for (None) is as it began, and at first as in FIRST. Raises BegunOtherwise.
    """
    chosen = {name: number for name, number in asked.items() if number is not None}
    first: private_file.Content = {**FIRST, **chosen, "monday": f"{monday}"}
    kept = private_file.load(_path(), missing=lambda: first)
    began = {name: int(kept[name]) for name in FIRST}
    if began | chosen != began:
        raise BegunOtherwise(
            f"The week here began with {_said(began)}: `make demo` goes on with those, and "
            f'`make demo ARGS="--fresh {_typed(chosen)}"` forgets it and starts anew.'
        )
    return began, date.fromisoformat(str(kept["monday"]))


def forget() -> None:
    """The next week here begins with numbers of its own."""
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return addresses.home() / "demo.json"


def _said(numbers: Mapping[str, int]) -> str:
    return f"{numbers['performers']} performers, {numbers['sessions']} sessions and seed {numbers['seed']}"


def _typed(numbers: Mapping[str, int]) -> str:
    return " ".join(f"--{name} {number}" for name, number in numbers.items())
