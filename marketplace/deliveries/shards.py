"""WebDataset shards: plain tar files, byte for byte the same from the same recordings. Pure but for the files themselves."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MOST_BYTES = 256 << 20
A_PART = 1 << 20
SHARD = re.compile(r"data-(\d{6,})\.tar")


@dataclass(frozen=True)
class Sample:
    """One recording, in bytes and where it is read, with what is known of it. `key` has no dot: behind the first is the
    ending. `manifest`: what it is, signed, where that does not lie in the recording itself. `beside`: what else lies beside it, by
    ending: a text, or data that is written as JSON."""

    key: str
    ending: str
    size: int
    recording: Callable[[], BinaryIO]
    told: dict[str, Any]
    manifest: bytes | None = None
    beside: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Written:
    """A file as it lies there."""

    name: str
    size: int
    sha256: str


def into_shards(sizes: Sequence[int], *, most_bytes: int = MOST_BYTES) -> list[int]:
    """For each recording the number of its shard: in order, none beyond `most_bytes` unless one recording alone is."""
    numbers, number, filled = [], 0, 0
    for size in sizes:
        if filled and filled + size > most_bytes:
            number, filled = number + 1, 0
        numbers.append(number)
        filled += size
    return numbers


def name_of(number: int) -> str:
    return f"data-{number:06d}.tar"


def number_of(name: str) -> int | None:
    """Which shard the file is; None of one that describes them."""
    found = SHARD.fullmatch(name)
    return int(found[1]) if found else None


def write_shard(folder: Path, number: int, samples: Iterable[Sample]) -> Written:
    """Write the shard; there whole, or not at all, also after a power cut."""
    name = name_of(number)

    def fill(file: BinaryIO) -> None:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as shard:
            for sample in samples:
                _add(shard, f"{sample.key}.json", as_json(sample.told))
                for ending, said in sample.beside:
                    body = said.encode() if isinstance(said, str) else as_json(said)
                    _add(shard, f"{sample.key}.{ending}", body)
                if sample.manifest is not None:
                    _add(shard, f"{sample.key}.c2pa", sample.manifest)
                with sample.recording() as recording:
                    shard.addfile(_member(f"{sample.key}.{sample.ending}", sample.size), recording)

    return _written(folder, name, fill)


def write_json(folder: Path, name: str, told: Any) -> Written:
    body = as_json(told)
    return _written(folder, name, lambda file: file.write(body))


def write_text(folder: Path, name: str, text: str) -> Written:
    return _written(folder, name, lambda file: file.write(text.encode()))


def write_lines(folder: Path, name: str, rows: Iterable[dict[str, Any]]) -> Written:
    """A line of JSON for each."""

    def fill(file: BinaryIO) -> None:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n")

    return _written(folder, name, fill)


def as_json(told: Any) -> bytes:
    """Readable, and always the same for the same."""
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _written(folder: Path, name: str, fill: Any) -> Written:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{name}.draft"
    with draft.open("wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())
    size, sha256 = draft.stat().st_size, _sha256_of(draft)
    draft.replace(folder / name)
    return Written(name, size, sha256)


def _add(shard: tarfile.TarFile, name: str, body: bytes) -> None:
    shard.addfile(_member(name, len(body)), io.BytesIO(body))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Nobody's, of no time: the same bytes whoever writes it, whenever."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def _sha256_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(A_PART):
            found.update(part)
    return found.hexdigest()
