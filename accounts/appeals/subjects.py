"""What can be appealed: each kind of decision by the prefix of its public id. A higher room adds its own in its AppConfig."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.errors import DomainError

if TYPE_CHECKING:
    from accounts.appeals.models import Appeal


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


class Hears(Protocol):
    def __call__(self, appeal: "Appeal", *, at: datetime) -> None: ...


def nobody(subjects: Collection[str]) -> dict[str, Collection[int]]:
    """The house decided: who did, and whom it is about, are all that is to be kept apart."""
    return {}


def tell_no_more(appeal: "Appeal", *, at: datetime) -> None:
    """The house decided: nobody else waits for what comes of it."""


def once(decision: Decision, appeal: "Appeal") -> Decision:
    """It is decided once."""
    return decision


@dataclass(frozen=True)
class Kind:
    """`find` raises NotFound (404) for what the actor may not see; `take_back` does what a reversal means, or raises one
    of `refuses`. `parties`: by subject, the keys of the people who stand with who decided, and so do not answer. `hear` is
    called once it is filed and once it has ended, in the transaction of that. `before`: of the decision as it is now, the one
    that the appeal is about, where a kind can be decided again."""

    find: Callable[[Actor, str], Decision]
    take_back: TakesBack
    refuses: tuple[type[DomainError], ...]
    parties: Callable[[Collection[str]], dict[str, Collection[int]]] = nobody
    hear: Hears = tell_no_more
    before: Callable[[Decision, "Appeal"], Decision] = once


KINDS: dict[str, Kind] = {}


def refusals() -> list[type[DomainError]]:
    """Why a decision of any kind may not be taken back now."""
    return [refusal for kind in KINDS.values() for refusal in kind.refuses]


def known(subject: str) -> Kind:
    """The kind of decision of an appeal that there is."""
    kind = kind_of(subject)
    if kind is None:
        raise AssertionError("only what has a kind is appealed")
    return kind


def kind_of(subject: str) -> Kind | None:
    """The kind of decision that has this public id; None for an id of anything else."""
    return KINDS.get(subject.rpartition("_")[0])
