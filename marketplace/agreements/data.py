"""The laws and the clauses as they stand in their files: read once, and refused at the start when a file is not whole."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent
ANY = "any"


@dataclass(frozen=True)
class Law:
    """A law that protects work like this, and when it does. `key` is the name of its file, and of the clauses that it asks for.

    `from_minor`: what the work is worth at least, together with what else the same two had agreed to in the `within_days`
    before it."""

    key: str
    name: str
    citation: str
    source: str
    version: str
    checked_by_counsel: bool
    in_force_from: date
    place: str
    whose: Literal["performer", "company", "either"]
    from_minor: int
    within_days: int
    currency: str
    pay_within_days: int
    occupations: tuple[str, ...]


@dataclass(frozen=True)
class Clause:
    """`legal` binds; `plain` says beside it what that means. Both are signed."""

    heading: str
    legal: str
    plain: str


@dataclass(frozen=True)
class Template:
    key: str
    version: str
    source: str
    clauses: tuple[Clause, ...]


@lru_cache(maxsize=1)
def laws() -> tuple[Law, ...]:
    """All of them, in the order of their keys."""
    return tuple(_law(path) for path in sorted((FOLDER / "laws").glob("*.toml")))


@lru_cache(maxsize=8)
def template(key: str) -> Template:
    """The clauses of one file. Raises FileNotFoundError for what is none."""
    said = tomllib.loads((FOLDER / "clauses" / f"{key}.toml").read_text())
    clauses = (
        Clause(**{name: " ".join(text.split()) for name, text in row.items()}) for row in said["clause"]
    )
    return Template(key, said["version"], said["source"], tuple(clauses))


def _law(path: Path) -> Law:
    said = tomllib.loads(path.read_text())
    return Law(key=path.stem, **said | {"occupations": tuple(said["occupations"])})
