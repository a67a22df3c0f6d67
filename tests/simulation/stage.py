"""Where stories play: a database with a week of approved lines, and a sandbox with the same people's accounts.

Both are made once per process; every story gets a clone of the database and the sandbox as it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random

from django.conf import settings
from django.db import connection

from accounts.performers.models import Performer
from payments.gateway.client import speaking_through
from payments.sandbox.faults import Faults
from payments.sandbox.ids import Ids
from payments.sandbox.sandbox import Sandbox
from tests import database
from tests.conftest import PAYDAY
from tests.payments.world import World
from tests.simulation.wire import Wire

# Who works that week: the bank that Ben's pay goes to sends it back, and Dot has not finished with Stripe.
EARNED = {
    "Ada": ("74.00", "37.50"),
    "Ben": ("12.34",),
    "Dot": ("55.55",),
}
NO_SUCH_ACCOUNT = "000111111116"
STRIPE_HAS = "1000.00"
_numbers = count()


@dataclass
class Stage:
    """One process's stage. `world` and `people` name the same rows in every clone."""

    wire: Wire
    world: World
    people: dict[str, Performer]
    databases: dict[str, str]

    @property
    def sandbox(self) -> Sandbox:
        return self.wire.sandbox

    @contextmanager
    def story(self, start: str, *, seed: int) -> Iterator[World]:
        """The week as it stands at `start`, in a database of its own."""
        name = f"test_{os.getpid()}_story{next(_numbers)}"
        database.clone(self.databases[start], name)
        database.point_django_at(name)
        self.sandbox.world.store.restore(start)
        self.sandbox.reload()
        self.sandbox.faults = Faults(str(seed))
        self.sandbox.world.chance = Random(seed)
        self.sandbox.world.ids = Ids(seed=f"story {seed}", drawn=0)
        connection.ensure_connection()
        connection.connection.prepare_threshold = 0
        try:
            self.world.now = PAYDAY
            yield self.world
        finally:
            database.drop(database.current())

    @staticmethod
    def snapshot() -> str:
        """A backup of the database as it is now. Nobody else may be connected."""
        name = f"test_{os.getpid()}_backup{next(_numbers)}"
        database.point_django_at(here := database.current())
        database.clone(here, name)
        return name

    @staticmethod
    def restore(backup: str) -> None:
        """The backup takes the database's place; what happened since is forgotten here, and only here."""
        lost = database.current()
        database.point_django_at(backup)
        database.drop(lost)


@contextmanager
def a_stage() -> Iterator[Stage]:
    """Set the stage: everything that stories share."""
    before = database.current()
    sandbox = Sandbox(seed=1, now=PAYDAY.timestamp() - 1)
    sandbox.move_clock(to=PAYDAY.timestamp(), frozen=True)
    wire = Wire(sandbox)
    databases: dict[str, str] = {}
    with speaking_through(wire):
        name = f"test_{os.getpid()}_stage{next(_numbers)}"
        database.clone(database.ensure_template(), name)
        database.point_django_at(name)
        world, people = _a_week(sandbox)
        databases["lines"] = _kept("lines", sandbox)
        world.an_approved_run()
        databases["approved"] = _kept("approved", sandbox)
        try:
            yield Stage(wire, world, people, databases)
        finally:
            database.point_django_at(before)
            for used in (name, *databases.values()):
                database.drop(used)
            sandbox.close()


def _kept(name: str, sandbox: Sandbox) -> str:
    sandbox.world.store.snapshot(name)
    return Stage.snapshot()


def _a_week(sandbox: Sandbox) -> tuple[World, dict[str, Performer]]:
    world = World(sandbox)
    world.stripe_has(STRIPE_HAS)
    people = {}
    for name, amounts in EARNED.items():
        people[name] = world.performer(name, onboarded=name == "Ada")
        world.earns(people[name], *amounts)
    world.banks_with(people["Ben"], NO_SUCH_ACCOUNT)
    for kind in ("platform", "connect", "thin"):
        secret = settings.STRIPE_WEBHOOK_SECRETS[kind].split(",")[0]
        world.control(
            "webhooks/endpoints", url=f"http://house/{kind}", secret=secret, kind=kind, enabled_events=["*"]
        )
    return world, people
