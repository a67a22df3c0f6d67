"""The survivors that are accepted, each with its reason, in `accepted.toml`; at most three in a hundred of a room."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.children import Tried, Verdict
from tests.mutation.mutants import Change, Mutant

FILE = Path(__file__).parent / "accepted.toml"
AT_MOST = 0.03


@dataclass(frozen=True)
class Accepted:
    """A mutant by its file, its function and its words: lines move."""

    path: str
    owner: str
    was: str
    becomes: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        found = (mutant.path, mutant.owner, mutant.was, mutant.becomes)
        return found == (self.path, self.owner, self.was, self.becomes)


def read(file: Path = FILE) -> list[Accepted]:
    return [Accepted(**entry) for entry in tomllib.loads(file.read_text()).get("accepted", [])]


def complaints(
    accepted: Sequence[Accepted], *, changes: Mapping[str, Sequence[Change]], tried: Sequence[Tried]
) -> list[str]:
    """What is wrong with the list, for these rooms: an entry without a mutant or that a test kills, or too many."""
    said = []
    for room, found in changes.items():
        own = [entry for entry in accepted if any(entry.path == change.path for change in found)]
        if len(own) > AT_MOST * len(found):
            said.append(f"{room}: {len(own)} of {len(found)} mutants are accepted, more than 3 %")
        said += [f"{_named(entry)}: there is no such mutant" for entry in own if not _is_there(entry, found)]
    for one in tried:
        known = [entry for entry in accepted if entry.is_of(one.mutant)]
        if known and one.verdict in (Verdict.KILLED, Verdict.TOO_LONG):
            said.append(f"{_named(known[0])}: it is killed by {one.by or 'its time'}")
    return said


def _is_there(entry: Accepted, changes: Sequence[Change]) -> bool:
    written = (
        change.written() for change in changes if (change.path, change.owner) == (entry.path, entry.owner)
    )
    return any(mutant is not None and entry.is_of(mutant) for mutant in written)


def _named(entry: Accepted) -> str:
    return f"accepted.toml, {entry.path} {entry.owner}: {entry.becomes or entry.was}"
