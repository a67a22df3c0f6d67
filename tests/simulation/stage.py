"""Where stories play: a database with a week of approved lines, and a sandbox with the same people's accounts.

Both are made once per process; every story finds all rows as they were, and the sandbox too.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random

from django.conf import settings

from accounts.performers.models import Performer
from payments.gateway.client import speaking_through
from payments.sandbox.faults import Faults
from payments.sandbox.ids import Ids
from payments.sandbox.sandbox import Sandbox
from tests import database
from tests.conftest import PAYDAY
from tests.payments.world import World
from tests.simulation.actors import Cast, a_cast
from tests.simulation.checks import Eyes, open_eyes
from tests.simulation.kept import Kept
from tests.simulation.wire import Wire

# Who works that week: the bank that Ben's pay goes to sends it back, and Dot has not finished with Stripe.
EARNED = {
    "Ada": ("74.00", "37.50"),
    "Ben": ("12.34",),
    "Dot": ("55.55",),
}
NO_SUCH_ACCOUNT = "000111111116"
STRIPE_HAS = "1000.00"
NAMES = ("worker-1", "worker-2", "desk-1", "desk-2")
TIDY_AFTER = 50
_numbers = count()


@dataclass
class Stage:
    """One process's stage. `world` and `people` name the same rows in every story; `cast` plays them all."""

    wire: Wire
    world: World
    people: dict[str, Performer]
    kept: Kept
    eyes: Eyes
    cast: Cast
    stories: int = 0

    @property
    def sandbox(self) -> Sandbox:
        return self.wire.sandbox

    @contextmanager
    def story(self, start: str, *, seed: int) -> Iterator[World]:
        """The week as it stands at `start`, here and at Stripe."""
        self.stories += 1
        if self.stories % TIDY_AFTER == 0:
            self.kept.tidy()
        self.kept.bring_back(start)
        self.sandbox.world.store.restore(start)
        self.sandbox.reload()
        self.sandbox.faults = Faults(str(seed))
        self.sandbox.world.chance = Random(seed)
        self.sandbox.world.ids = Ids(seed=f"story {seed}", drawn=0)
        self.world.now = PAYDAY
        self.cast.begin()
        try:
            yield self.world
        finally:
            self.cast.kill_all()

    def back_up(self) -> None:
        """A backup of the database as it is now; everybody dies before."""
        self.cast.kill_all()
        self.kept.keep("backup")

    def restore(self) -> None:
        """The database as it was backed up; what happened since is forgotten here, and only here."""
        self.cast.kill_all()
        self.kept.bring_back("backup")


@contextmanager
def a_stage() -> Iterator[Stage]:
    """Set the stage: everything that stories share."""
    before = database.current()
    sandbox = Sandbox(seed=1, now=PAYDAY.timestamp() - 1)
    sandbox.move_clock(to=PAYDAY.timestamp(), frozen=True)
    wire = Wire(sandbox)
    name = f"test_{os.getpid()}_stage{next(_numbers)}"
    database.clone(database.ensure_template(), name)
    database.point_django_at(name)
    kept = Kept()
    with speaking_through(wire), a_cast(NAMES) as cast:
        world, people = _a_week(sandbox)
        for start in ("lines", "approved"):
            if start == "approved":
                world.an_approved_run()
            sandbox.world.store.snapshot(start)
            kept.keep(start)
        eyes = open_eyes()
        yield Stage(wire, world, people, kept, eyes, cast)
    eyes.close()
    kept.close()
    sandbox.close()
    database.point_django_at(before)
    database.drop(name)


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
