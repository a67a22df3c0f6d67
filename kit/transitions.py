"""A table of states that a reader can point at."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Generic, TypeVar

from kit.errors import DomainError

S = TypeVar("S", bound=Enum)


class IllegalMove(DomainError):
    """Read the object again: it stands where this move does not lead on."""

    code = "illegal_state"
    title = "It is not at that point"


class Transitions(Generic[S]):
    """Which state may follow which. A state that is not a key ends there."""

    def __init__(self, noun: str, table: Mapping[S, set[S]]) -> None:
        self.noun = noun
        self._table = table

    def allows(self, current: Any, target: Any) -> bool:
        return any(state == current and target in targets for state, targets in self._table.items())

    def check(self, current: Any, target: Any) -> None:
        """Raise IllegalMove (409 `illegal_state`) unless `current` may become `target`."""
        if not self.allows(current, target):
            raise IllegalMove(
                f"The {self.noun} is {_words(current)}, so it cannot become {_words(target)}.",
                state=str(current),
                wanted=str(target),
            )

    def edges(self) -> Iterator[tuple[S, S]]:
        for state, targets in self._table.items():
            for target in sorted(targets, key=str):
                yield state, target


def _words(state: Any) -> str:
    return str(getattr(state, "label", state)).replace("_", " ").lower()
