"""What can be appealed: each kind of decision by the prefix of its public id. A higher room adds its own in its AppConfig."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.errors import DomainError


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
    """`find` raises NotFound (404) for what the actor may not see; `take_back` does what a reversal means, or raises one
    of `refuses`."""

    find: Callable[[Actor, str], Decision]
    take_back: TakesBack
    refuses: tuple[type[DomainError], ...]


KINDS: dict[str, Kind] = {}


def refusals() -> list[type[DomainError]]:
    """Why a decision of any kind may not be taken back now."""
    return [refusal for kind in KINDS.values() for refusal in kind.refuses]


def kind_of(subject: str) -> Kind | None:
    """The kind of decision that has this public id; None for an id of anything else."""
    return KINDS.get(subject.rpartition("_")[0])
