"""Traps at crash points: the first worker to reach one dies there, or stands still, with all its children.

A trap is a file in the home, so it is set from outside and springs once, whichever process comes first.
"""

import contextlib
import os
import signal
from enum import StrEnum
from pathlib import Path

from callboard.embedded import addresses, private_file


class Fate(StrEnum):
    DIES = "dies"
    FREEZES = "freezes"


_SIGNALS = {Fate.DIES: signal.SIGKILL, Fate.FREEZES: signal.SIGSTOP}


def lay(point: str, fate: Fate) -> None:
    """Whoever reaches the crash point next meets its fate there."""
    folder = _folder()
    folder.mkdir(exist_ok=True)
    (folder / f"{point}.{fate}").touch()


def take_up(point: str, fate: Fate) -> bool:
    """Remove a trap that nobody has met; False when someone has."""
    try:
        (_folder() / f"{point}.{fate}").unlink()
    except FileNotFoundError:
        return False
    return True


def met(point: str, fate: Fate) -> int | None:
    """The process group that met the trap, told once; None while it lies in wait."""
    for sprung in _folder().glob(f"{point}.{fate}.*"):
        sprung.unlink()
        return int(sprung.suffix[1:])
    return None


def reach(point: str) -> None:
    """What a worker does at each crash point; see `kit.crash`."""
    group = os.getpgrp()
    for fate, sent in _SIGNALS.items():
        trap = _folder() / f"{point}.{fate}"
        if trap.exists():
            # One death for each worker: its other child may stand at another trap.
            with private_file.locked(_folder() / str(group)), contextlib.suppress(FileNotFoundError):
                trap.rename(f"{trap}.{group}")
                os.killpg(group, sent)


def _folder() -> Path:
    return addresses.home() / "traps"
