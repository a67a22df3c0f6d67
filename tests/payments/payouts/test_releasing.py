"""All that is held for one reason is let go at once, in batches."""

import pytest

from payments.payouts import paying, recording
from payments.payroll import holds
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from tests.payments.world import World

NAMES = ("Robin", "Sam", "Toni", "Uma", "Viv")


def refused(world: World) -> PayRun:
    """Stripe refuses everybody for want of money; the run is over without them."""
    for name in NAMES:
        world.earns(world.performer(name), "74.00")
    run = world.an_approved_run()
    world.control("faults", on="POST /v1/transfers", do="refuse", times=len(NAMES))
    world.sweep()
    run.refresh_from_db()
    assert run.state == RunState.PAID
    assert PayItem.objects.filter(hold_code="balance_insufficient").count() == len(NAMES)
    return run


class TestReleaseAll:
    def test_lets_everything_go_under_the_next_key(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(holds, "AT_ONCE", 2)
        run = refused(world)
        assert holds.release_all(code="balance_insufficient", by=world.freezer, at=world.now) == len(NAMES)
        assert set(PayItem.objects.values_list("state", "generation")) == {(ItemState.READY, 2)}
        run.refresh_from_db()
        assert run.state == RunState.PAYING
        world.sweep()
        assert len(world.books()["transfers"]) == len(NAMES)

    def test_keeps_the_key_of_what_was_never_sent(self, world: World) -> None:
        robin = world.performer("Robin", onboarded=False)
        world.earns(robin, "74.00")
        world.pays()
        assert holds.release_all(code="payout_account_not_ready", by=world.freezer, at=world.now) == 1
        assert PayItem.objects.get().generation == 1

    def test_cut_off_leaves_the_rest_held(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(holds, "AT_ONCE", 2)
        refused(world)
        [*first, _, _, _] = PayItem.objects.order_by("id").values_list("pk", flat=True)
        assert holds._release_batch(first, by=world.freezer, at=world.now) == 2
        assert PayItem.objects.filter(state=ItemState.HELD).count() == 3
        assert holds.release_all(code="balance_insufficient", by=world.freezer, at=world.now) == 3

    def test_leaves_what_moved_meanwhile(self, world: World) -> None:
        refused(world)
        one = PayItem.objects.order_by("id")[0]
        holds.release(item=one, by=world.freezer, at=world.now)
        keys = list(PayItem.objects.values_list("pk", flat=True))
        assert holds._release_batch(keys, by=world.freezer, at=world.now) == len(NAMES) - 1


def test_paid_timesheets_follow_their_item_and_not_the_end_of_the_run(world: World) -> None:
    robin, sam = world.performer("Robin"), world.performer("Sam")
    [line, *_] = world.earns(robin, "74.00")
    [other, *_] = world.earns(sam, "5.00")
    paying.start(run=world.an_approved_run(), by=world.freezer, at=world.now)
    items = list(PayItem.objects.filter(performer=robin).select_related("run__week"))
    recording.mark_paid(items, at=world.now)
    line.timesheet.refresh_from_db()
    other.timesheet.refresh_from_db()
    assert (line.timesheet.state, other.timesheet.state) == ("paid", "locked")
