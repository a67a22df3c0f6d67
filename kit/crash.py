"""Crash points: places where the simulation, or a kill test, lets a process die. In production they do nothing."""

from collections.abc import Callable

_on_reach: Callable[[str], None] | None = None


def crash_point(name: str) -> None:
    """A place at which dying must lose nothing and pay nothing twice."""
    if _on_reach is not None:
        _on_reach(name)


def on_reach(act: Callable[[str], None] | None) -> None:
    """Say what happens when a crash point is reached; None for nothing."""
    global _on_reach  # noqa: PLW0603 -- one process, one hook, set by tests only
    _on_reach = act
