"""Payments' tests run against the sandbox in process, and the books are checked after every one of them."""

from collections.abc import Iterator

import pytest

from payments.control import audit
from payments.sandbox.sandbox import Sandbox
from tests.payments.world import World


@pytest.fixture
def world(db: None, sandbox: Sandbox) -> Iterator[World]:
    """A company with money, two people in finance, Stripe with the same money. The audit is clean at the end."""
    world = World(sandbox)
    world.stripe_has("100000.00")
    yield world
    offended = [result for result in audit.run(at=world.now) if not result.ok]
    assert not offended, offended


@pytest.fixture
def committed_world(committed_db: None, sandbox: Sandbox) -> Iterator[World]:
    """The same over a database of its own in which everything commits, for threads and crashes."""
    world = World(sandbox)
    world.stripe_has("100000.00")
    yield world
    offended = [result for result in audit.run(at=world.now) if not result.ok]
    assert not offended, offended
