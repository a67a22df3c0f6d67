"""The watchdog: what should have happened, and did not."""

from datetime import timedelta

from payments.inbox.models import Finding
from payments.payouts import watch
from payments.payroll import accrual, off_cycle, operations, queries
from tests.payments.world import World


def missed(world: World, *, days: int = 3) -> int:
    """How many missed paydays lie in the inbox, some days later."""
    watch.watch(at=world.now + timedelta(days=days))
    return Finding.objects.filter(code="payday_missed", resolved_at=None).count()


class TestAMissedPayday:
    def test_is_told_once(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        accrual.accrue(at=world.now)
        assert (missed(world), missed(world, days=4)) == (1, 1)

    def test_is_told_of_a_run_that_nobody_approved(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        world.a_frozen_run()
        assert missed(world) == 1

    def test_is_none_once_the_run_is_approved(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        world.an_approved_run()
        assert missed(world) == 0

    def test_is_none_where_someone_cancelled_the_run(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        run = world.a_frozen_run()
        operations.cancel(run=run, reason="It goes with the next.", by=world.freezer, at=world.now)
        assert missed(world) == 0

    def test_is_one_where_it_was_cancelled_and_begun_anew(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        run = world.a_frozen_run()
        operations.cancel(run=run, reason="Once more.", by=world.freezer, at=world.now)
        world.a_frozen_run()
        assert missed(world) == 1

    def test_is_none_where_all_of_the_week_went_out_beside_it(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        assert missed(world) == 1
        accrual.accrue(at=world.now)
        run = off_cycle.open_run(
            performers=[robin], currency="usd", reason="Rent is due.", by=world.freezer, at=world.now
        )
        world.approves(operations.freeze(run=run, by=world.freezer, at=world.now))
        world.sweep()
        assert missed(world) == 0

    def test_is_one_where_only_a_part_went_out(self, world: World) -> None:
        robin, sam = world.performer("Robin"), world.performer("Sam")
        world.earns(robin, "74.00")
        world.earns(sam, "5.00")
        accrual.accrue(at=world.now)
        run = off_cycle.open_run(
            performers=[robin], currency="usd", reason="Rent is due.", by=world.freezer, at=world.now
        )
        world.approves(operations.freeze(run=run, by=world.freezer, at=world.now))
        world.sweep()
        assert missed(world) == 1


class TestTheTimeLeft:
    def test_is_what_was_measured_in_the_last_minute(self, world: World) -> None:
        for name in ("Robin", "Sam", "Toni", "Uma"):
            world.earns(world.performer(name), "74.00")
        run = world.an_approved_run()
        assert queries.progress(run, at=world.now).left_s is None
        world.control("faults", on="POST /v1/transfers", do="drop_before", times=1, skip=3)
        world.sweep()
        run.refresh_from_db()
        at = world.now + timedelta(seconds=30)
        # Three went out in half a minute, so the one that is left takes ten seconds.
        assert queries.progress(run, at=at).left_s == 10
        assert queries.progress(run, at=at + timedelta(minutes=2)).left_s is None
