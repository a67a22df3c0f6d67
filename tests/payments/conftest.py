"""Payments' tests run against the sandbox in process, by the world's clock; the books are checked after every one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kit import clock
from payments.control import audit
from payments.sandbox.sandbox import Sandbox
from tests.payments.world import World


@pytest.fixture
def world(db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A company with money, two people in finance, Stripe with the same money. The audit is clean at the end."""
    with _played(sandbox, monkeypatch) as world:
        yield world


@pytest.fixture
def committed_world(committed_db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same over a database of its own in which everything commits, for threads and crashes."""
    with _played(sandbox, monkeypatch) as world:
        yield world


@contextmanager
def _played(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(sandbox)
    world.stripe_has("100000.00")
    monkeypatch.setattr(clock, "now", world.clock)
    yield world
    offended = [result for result in audit.run(at=world.now) if not result.ok]
    assert not offended, offended
