"""What the house keeps about people: one row a table, read by the export, by erasure, by retention and by the page.

Each app writes its rows in `holdings.py` beside its models, and registers them when it starts. A test holds that no
table is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from accounts.access.actors import Actor
from accounts.identity.models import User

Theirs = Callable[[User], Q]


@dataclass(frozen=True)
class Deleted:
    """The rows go."""


@dataclass(frozen=True)
class Blanked:
    """The rows stay, without what these fields said."""

    to: Mapping[str, Any]


@dataclass(frozen=True)
class Dropped:
    """The rows go with their whole day, by a job of the room that keeps them: they are too many to go one by one."""


@dataclass(frozen=True)
class Kept:
    """The rows stay as they are; `why` is said to the person."""

    why: str


@dataclass(frozen=True)
class Retention:
    """What becomes of rows by themselves, `after` so long since `since`; of those that are `only` so.

    `by_real_clock`: their times are a library's, which knows nothing of a house that plays another day.
    """

    since: str
    after: timedelta
    then: Deleted | Blanked | Dropped = field(default_factory=Deleted)
    only: Q = field(default_factory=Q)
    by_real_clock: bool = False


@dataclass(frozen=True)
class Holding:
    """One table. `theirs` finds a person's rows; None where rows are nobody's alone. `hidden` fields prove who somebody is
    or are of use to nobody, and are in no export."""

    model: str
    what: str
    why: str
    theirs: Theirs | None
    on_erasure: Deleted | Blanked | Kept
    retention: Retention | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def rows(self) -> QuerySet[Model]:
        model: type[Model] = apps.get_model(self.model)
        return model._default_manager.all()

    def of(self, user: User) -> QuerySet[Model]:
        return self.rows.filter(self.theirs(user)) if self.theirs else self.rows.none()


@dataclass(frozen=True)
class Obstacle:
    """What has to end before someone is erased, in words, and the page where it ends."""

    code: str
    words: str
    path: str = ""


Obstacles = Callable[[User], list[Obstacle]]
PartsWith = Callable[..., None]


class Registry:
    """What the apps have said, in the order in which they start."""

    def __init__(self) -> None:
        self.holdings: list[Holding] = []
        self.of_nobody: set[str] = set()
        self._obstacles: list[Obstacles] = []
        self._parts_with: list[PartsWith] = []

    def add(
        self,
        *holdings: Holding,
        of_nobody: set[str],
        obstacles: Obstacles,
        parts_with: PartsWith | None = None,
    ) -> None:
        """`of_nobody`: tables that say nothing of a person. `parts_with(user, by, at)` ends what is still open of theirs."""
        self.holdings += holdings
        self.of_nobody |= of_nobody
        self._obstacles.append(obstacles)
        self._parts_with += [parts_with] if parts_with else []

    def stands_against(self, user: User) -> list[Obstacle]:
        """What has to end before `user` is erased."""
        return [found for ask in self._obstacles for found in ask(user)]

    def part_with(self, user: User, *, by: Actor, at: datetime) -> None:
        """End what is still open of `user`'s, each by its own operation."""
        for part in self._parts_with:
            part(user, by=by, at=at)


REGISTRY = Registry()


def by(path: str) -> Theirs:
    """The rows whose field at `path` is the person."""
    return lambda user: Q(**{path: user})
