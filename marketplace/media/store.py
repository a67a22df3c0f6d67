"""The files: a folder that only the house enters, a file a segment, named by its id. What was acknowledged is on the disk.

Finished files go to a bucket where one is configured (`bucket`): whoever reads asks here, and not the disk.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings

from marketplace.media import bucket
from marketplace.media.models import Segment

A_PART = 1 << 20


def original(segment: Segment) -> Path:
    """As it came, byte for byte."""
    return Path(settings.MEDIA_FOLDER) / f"{segment.public_id}.part"


def playable(segment: Segment) -> Path:
    return Path(settings.MEDIA_FOLDER) / f"{segment.public_id}.play"


def create(path: Path) -> None:
    """An empty file, there also after a power cut. One that is there already stays as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    _sync_folder(path)


def size_of(path: Path) -> int:
    """In bytes, wherever it lies; 0 where there is no file."""
    if path.exists():
        return path.stat().st_size
    return bucket.size_of(path) if bucket.is_used() else 0


def part_of(path: Path, first: int, last: int) -> bytes:
    """From one byte to another, both included, wherever it lies."""
    try:
        with path.open("rb") as file:
            file.seek(first)
            return file.read(last - first + 1)
    except FileNotFoundError:
        if not bucket.is_used():
            raise
        return bucket.part_of(path, first, last)


def opened(path: Path) -> BinaryIO:
    """The whole of it, read from its beginning, wherever it lies."""
    return path.open("rb") if path.exists() else cast(BinaryIO, io.BufferedReader(_InTheBucket(path), A_PART))


class _InTheBucket(io.RawIOBase):
    """A file of the bucket, part by part."""

    def __init__(self, path: Path) -> None:
        self._path, self._size, self._at = path, size_of(path), 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        last = min(self._at + len(into), self._size) - 1
        part = part_of(self._path, self._at, last) if last >= self._at else b""
        into[: len(part)] = part
        self._at += len(part)
        return len(part)


def settle(path: Path) -> None:
    """A finished file leaves the disk once it is in the bucket, where one is configured. Again changes nothing."""
    if bucket.is_used() and path.exists():
        bucket.put(path)
        path.unlink(missing_ok=True)


def append(path: Path, body: bytes) -> int:
    """Write behind what is there; on the disk when it returns the new size."""
    with path.open("ab") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def keep(path: Path) -> None:
    """What somebody wrote there is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    _sync_folder(path)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    if bucket.is_used():
        bucket.remove(path)


def sha256_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(A_PART):
            found.update(part)
    return found.hexdigest()


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
