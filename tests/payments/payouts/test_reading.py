"""Stripe's list of transfers is read from where the last reading stopped, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from kit import crash
from payments.gateway import transfers
from payments.gateway.client import client
from payments.inbox.models import Finding
from payments.payouts import reversals
from payments.payouts.models import Heartbeat
from tests.payments.world import World

UNCOUNTED = 1_000_000


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "AT_MOST", 2)


def strangers(world: World, number: int) -> list[str]:
    """Transfers that somebody made past the house, a minute apart."""
    account = world.account_of(world.performer()).stripe_id
    made = []
    for _ in range(number):
        transfer = client().v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
        made.append(transfer.id)
        world.wait(minutes=2)
    return made


def found() -> set[str]:
    return set(Finding.objects.filter(code="transfer_not_ours").values_list("thing", flat=True))


def lists_asked(world: World) -> int:
    """How many pages were asked for since the fault that only counts was set."""
    world_faults: Any = world.sandbox.faults.shown()
    return UNCOUNTED - int(world_faults[0]["skip"])


class TestAReading:
    def test_finds_what_was_made_past_the_house(self, world: World) -> None:
        made = strangers(world, 5)
        assert reversals.read_transfers(at=world.now) == 5
        assert found() == set(made)

    def test_goes_on_where_the_last_one_stopped(self, world: World) -> None:
        strangers(world, 8)
        reversals.read_transfers(at=world.now)
        made = strangers(world, 1)
        world.control("faults", on="GET /v1/transfers", do="429", times=1, skip=UNCOUNTED)
        reversals.read_transfers(at=world.now)
        assert set(made) <= found()
        assert lists_asked(world) <= 2

    def test_that_is_cut_off_is_taken_up_at_its_page(self, world: World) -> None:
        strangers(world, 3)
        reversals.read_transfers(at=world.now)
        made = strangers(world, 6)
        pages = iter(range(9))

        def dies(point: str) -> None:
            if point == "reading.noted" and next(pages) == 2:
                raise KeyboardInterrupt

        crash.on_reach(dies)
        with pytest.raises(KeyboardInterrupt):
            reversals.read_transfers(at=world.now)
        crash.on_reach(None)
        place = Heartbeat.objects.get(name=reversals.READING).facts["after"]
        assert made.index(place) >= 1
        world.control("faults", on="GET /v1/transfers", do="429", times=1, skip=UNCOUNTED)
        reversals.read_transfers(at=world.now)
        assert set(made) <= found()
        assert lists_asked(world) <= 3

    def test_begins_anew_where_stripe_does_not_know_its_place(self, world: World) -> None:
        made = strangers(world, 3)
        Heartbeat.objects.create(
            name=reversals.READING,
            at=world.now - timedelta(days=30),
            facts={"after": "tr_of_another_platform"},
        )
        reversals.read_transfers(at=world.now)
        assert found() == set(made)
