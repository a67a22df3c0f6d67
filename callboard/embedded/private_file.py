"""A small JSON file that only its owner reads, made once however many processes ask for it at a time."""

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

Content = dict[str, str | int]


def load(path: Path, *, missing: Callable[[], Content]) -> Content:
    """The file's content; a key of `missing()` that it lacks is added, and kept from then on."""
    content = _read(path)
    if content is not None and missing().keys() <= content.keys():
        return content
    with locked(path):
        content = missing() | (_read(path) or {})
        _write(path, content)
    return content


def change(path: Path, changes: Content) -> Content:
    """Write the changed keys and leave the others."""
    with locked(path):
        content = (_read(path) or {}) | changes
        _write(path, content)
    return content


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with this file, among all processes, until the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> Content | None:
    try:
        content: Content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return content


def _write(path: Path, content: Content) -> None:
    draft = path.with_suffix(f".{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
    # Replaced whole: a reader never sees half a file, nor does a reboot.
    draft.replace(path)
