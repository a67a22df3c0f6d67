"""The files: a folder that only the house enters, a file a segment, named by its id. What was acknowledged is on the disk."""

import hashlib
import os
from pathlib import Path

from django.conf import settings

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
    """In bytes; 0 where there is no file."""
    return path.stat().st_size if path.exists() else 0


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
