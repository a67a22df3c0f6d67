"""The small house in which lives are played, made once per process: three companies, four gigs, six performers, talent.

A story finds all rows as they were: it plays in a transaction that is rolled back, or, where two people act at once and
so must commit, in a copy of the database that is dropped.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from unittest.mock import patch

from django.db import connection, transaction
from django.test import override_settings

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.companies.models import Company
from accounts.keys.acting import of_user
from accounts.performers.models import Performer
from marketplace.sessions import deliveries, video_rooms
from tests import database, stories
from tests.simulation.life.quiet import Quiet
from tests.simulation.life.till import Till, a_till

FUNDED_MINOR = 5_000_000
DAYS = 30
LIVEKIT = {
    "LIVEKIT_URL": "ws://127.0.0.1:1",
    "LIVEKIT_API_KEY": "life",
    "LIVEKIT_API_SECRET": "a secret of thirty-two characters",
}
_numbers = count()


@dataclass
class House:
    """Who lives in it, by the keys of their rows, which are the same in every story."""

    name: str
    talent: Actor
    till: Till
    owners: dict[int, Actor] = field(default_factory=dict)
    producers: dict[int, Actor] = field(default_factory=dict)
    performers: dict[int, Actor] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    # By whether sessions are at LiveKit: the jobs ask otherwise there.
    quiet: dict[bool, Quiet] = field(init=False)

    def __post_init__(self) -> None:
        self.quiet = {livekit: Quiet(lambda: self.till.asked) for livekit in (False, True)}

    @contextmanager
    def story(self, *, commits: bool, livekit: bool) -> Iterator[None]:
        """The house as it was made. `commits`: for real, so that two can act at once."""
        with ExitStack() as stack:
            if livekit:
                stack.enter_context(override_settings(**LIVEKIT))
            # What is read a page at a time is small here: a cursor at the server would be three round trips for one.
            stack.enter_context(patch.dict(connection.settings_dict, DISABLE_SERVER_SIDE_CURSORS=True))
            # No worker listens here: the ring for one is the wire's, and is not played.
            stack.enter_context(patch.object(video_rooms, "wake", lambda: None))
            stack.enter_context(self._copied() if commits else _rolled_back())
            yield

    @contextmanager
    def _copied(self) -> Iterator[None]:
        copy = f"test_{os.getpid()}_life_copy{next(_numbers)}"
        database.point_django_at(self.name)
        database.clone(self.name, copy)
        database.point_django_at(copy)
        try:
            yield
        finally:
            database.point_django_at(self.name)
            database.drop(copy)


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def a_house() -> Iterator[House]:
    """Make it, in a database of its own."""
    before = database.current()
    name = f"test_{os.getpid()}_life{next(_numbers)}"
    database.clone(database.ensure_template(), name)
    database.point_django_at(name)
    house = _built(name)
    yield house
    house.till.sandbox.close()
    database.point_django_at(before)
    database.drop(name)


def _built(name: str) -> House:
    tala = stories.a_member_of_staff(Staff.TALENT, "Tala")
    companies = [stories.a_company(f"House {n}") for n in range(3)]
    performers = [stories.a_performer(f"Player {n}") for n in range(6)]
    house = House(name, of_user(tala), a_till(companies, performers))
    house.names[tala.pk] = tala.name
    for company in companies:
        _lives_in(house, company)
    for performer in performers:
        house.performers[performer.pk] = stories.acting(performer)
        house.names[performer.user_id] = performer.user.name
    pairs, solo = {"seats": 2, "openings": 3}, {"seats": 1, "openings": 2, "session_s": 1800}
    for company, fields in zip([*companies, companies[0]], [pairs, solo, pairs, solo], strict=True):
        gig = stories.a_gig(company, funded_minor=FUNDED_MINOR, **fields)
        if company != companies[2]:
            for performer in performers[: gig.openings - 1]:
                stories.an_active_engagement(gig, performer)
    # What comes later lies in the partition for the rest.
    deliveries.ensure_partitions(at=stories.BEFORE)
    return house


def _lives_in(house: House, company: Company) -> None:
    owner, producer = stories.owner_of(company), of_user(stories.a_member(company, Role.PRODUCER))
    house.owners[company.pk], house.producers[company.pk] = owner, producer
    house.names[owner.user_id or 0] = stories.person(owner).name


def actor_of(house: House, performer: Performer) -> Actor:
    return house.performers[performer.pk]
