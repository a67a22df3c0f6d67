"""One life of the house: what time it is, by which chance, and what was pressed so far."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from marketplace.sessions import deliveries
from marketplace.sessions.models import PresenceDelivery
from tests.simulation.life.house import House
from tests.simulation.life.presses import Press, Violation, is_done, is_refused
from tests.simulation.life.quiet import Do

M = TypeVar("M", bound=Model)


@dataclass
class Life:
    """`said`: what a reader of a failed story sees. `wire`: deliveries under way, by when they arrive."""

    house: House
    chance: Random
    at: datetime
    livekit: bool
    commits: bool
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    ended_by_press: set[int] = field(default_factory=set)
    sids: dict[tuple[int, int], str] = field(default_factory=dict)
    purse: Any = None
    used_up: set[int] = field(default_factory=set)
    _while: Callable[[], bool] = lambda: True
    _ahead: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _wire: list[tuple[datetime, int, PresenceDelivery]] = field(default_factory=list)
    _count: Any = field(default_factory=count)

    def does(self, jobs: Mapping[str, Do]) -> None:
        """Jobs and checks, unless there is nothing to do for them."""
        self.house.quiet[self.livekit].run(jobs, at=self.at)

    def plan(self, at: datetime, do: Callable[[], object]) -> None:
        holds = self._while
        heapq.heappush(self._ahead, (at, next(self._count), lambda: do() if holds() else None))

    @contextmanager
    def planning(self, holds: Callable[[], bool]) -> Iterator[None]:
        """What is planned within comes about only where this holds by then."""
        self._while, before = holds, self._while
        yield
        self._while = before

    def plans(self, at: datetime, name: str, press: Callable[[], Press | None]) -> None:
        """The same for a press, as things stand by then."""
        self.plan(at, lambda: self.press(name, press()))

    def sends(self, delivery: PresenceDelivery) -> None:
        """It arrives at its `received_at`."""
        heapq.heappush(self._wire, (delivery.received_at, next(self._count), delivery))

    def until(self, at: datetime) -> None:
        """All that is planned up to then happens, in order of time."""
        while self._ahead and self._ahead[0][0] <= at:
            when, _, do = heapq.heappop(self._ahead)
            self.passes_to(when)
            do()
        self.passes_to(at)

    def passes_to(self, at: datetime) -> None:
        self.at = max(self.at, at)
        arrived = []
        while self._wire and self._wire[0][0] <= self.at:
            arrived.append(heapq.heappop(self._wire)[2])
        if arrived:
            deliveries.receive_many(arrived, at=self.at)

    def is_likely(self, share: float) -> bool:
        return self.chance.random() < share

    def one_of(self, rows: QuerySet[M]) -> M | None:
        """Of the first thirty; read is the one that is chosen."""
        keys = rows.order_by("pk").values_list("pk", flat=True)[:30]
        return rows.get(pk=self.chance.choice(keys)) if keys else None

    def press(self, name: str, press: Press | None) -> bool:
        """Whether it was done. Now and then strangers press before, and the same person once more."""
        if press is None:
            return False
        try:
            for stranger in press.strangers:
                if self.is_likely(0.25):
                    is_refused(press, stranger, f"{stranger.label} pressed it")
            code = is_done(press)
            self.said.append(f"{self.at:%d %H:%M:%S}  {name} by {press.by.label}  {code}")
            if code:
                self.refused[f"{name}: {code}"] += 1
                return False
            self.did[name] += 1
            if press.again is False and self.is_likely(0.3):
                is_refused(press, press.by, "pressed a second time")
        except Violation as violation:
            raise Violation(f"{name} by {press.by.label}: {violation}") from violation
        return True

    def owner(self, company: int) -> Actor:
        return self.house.owners[company]

    def staff_of(self, company: int) -> Actor:
        """Somebody of the company who may do most of what its owner may."""
        return self.chance.choice([self.house.owners[company], self.house.producers[company]])

    def other_owner(self, company: int) -> Actor:
        return next(actor for key, actor in self.house.owners.items() if key != company)

    def other_performer(self, performer: int) -> Actor:
        return next(actor for key, actor in self.house.performers.items() if key != performer)

    def in_hours(self, least: float, most: float) -> datetime:
        return self.at + timedelta(seconds=round(self.chance.uniform(least, most) * 3600))


def user_of(life: Life, performer: Performer | int) -> int:
    key = performer if isinstance(performer, int) else performer.pk
    return life.house.performers[key].user_id or 0


def reader_of(life: Life, company: Company | int) -> int:
    """The owner, whom everything concerns that concerns the company."""
    key = company if isinstance(company, int) else company.pk
    return life.house.owners[key].user_id or 0
