"""What can be appealed: each kind of decision by the prefix of its public id. A higher room adds its own in its AppConfig."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer


@dataclass(frozen=True)
class Decision:
    """A decision of the house about a performer or a company. `stands`: nobody has taken it back meanwhile.

    `title` and `said` are for people: what was decided, and with which reason.
    """

    id: str
    about: Performer | Company
    title: str
    said: str
    decided_by_id: int | None
    decided_at: datetime
    stands: bool


class TakesBack(Protocol):
    def __call__(self, *, subject: str, reason: str, by: Actor, at: datetime) -> None: ...


@dataclass(frozen=True)
class Kind:
    """`find` raises NotFound (404) for what the actor may not see; `take_back` does what a reversal means."""

    noun: str
    find: Callable[[Actor, str], Decision]
    take_back: TakesBack


KINDS: dict[str, Kind] = {}


def kind_of(subject: str) -> Kind | None:
    """The kind of decision that has this public id; None for an id of anything else."""
    return KINDS.get(subject.rpartition("_")[0])
