"""What was overpaid becomes even: told first, a week later at most a share of a payday, the oldest part first."""

from datetime import date, timedelta

import pytest

from accounts.performers.models import Performer
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.payroll import off_cycle, operations, recoveries
from payments.payroll.models import Overpayment, PayItem, PayRun, Repayment
from tests import stories
from tests.payments.world import World, a_week, usd

MONDAYS = [stories.MONDAY + timedelta(days=7 * n) for n in range(6)]


@pytest.fixture
def robin(world: World) -> Performer:
    """Who was paid three lines of 50.00 a while ago."""
    robin = world.performer()
    world.earns(robin, "50.00", "50.00", "50.00", monday=MONDAYS[0] - timedelta(days=7))
    a_payday(world, MONDAYS[0] - timedelta(days=7))
    return robin


def a_payday(world: World, monday: date) -> PayRun:
    """Frozen, approved and sent, at the world's time."""
    run = world.an_approved_run(a_week(monday))
    world.sweep()
    run.refresh_from_db()
    return run


def with_a_cap(line: TimeLine, cap_bps: int | None) -> None:
    """The line is of a session whose terms say so."""
    session = stories.a_pair_booked()
    policy = {name: value for name, value in session.policy.items() if name != "recovery_cap_bps"}
    Session.objects.filter(pk=session.pk).update(
        policy=policy if cap_bps is None else policy | {"recovery_cap_bps": cap_bps}
    )
    TimeLine.objects.filter(pk=line.pk).update(seat=session.seats.order_by("id")[0])


def earns(world: World, robin: Performer, amount: str, monday: date, *, cap_bps: int | None = 2_500) -> None:
    (line,) = world.earns(robin, amount, monday=monday)
    with_a_cap(line, cap_bps)


def left(robin: Performer) -> int:
    return -balances.owned_minor(Kind.PERFORMER_OVERPAID, owner=robin.public_id, currency="usd")


def newest(robin: Performer) -> PayItem:
    return PayItem.objects.filter(performer=robin).latest("id")


def is_overpaid(world: World, robin: Performer, amount: str, monday: date) -> None:
    line = TimeLine.objects.filter(timesheet__performer=robin, amount_minor=usd("50.00"))
    world.corrects(line.filter(corrections=None).order_by("id")[0], amount, monday=monday)
    a_payday(world, monday)


class TestABalanceBelowZero:
    def test_sends_nothing_is_settled_and_told(self, world: World, robin: Performer) -> None:
        is_overpaid(world, robin, "30.00", MONDAYS[0])
        item = newest(robin)
        assert (item.state, item.amount_minor, item.net_minor) == ("settled", 0, -usd("30.00"))
        assert (left(robin), Overpayment.objects.get().amount_minor) == (usd("30.00"), usd("30.00"))
        titles = robin.user.notifications.values_list("title", flat=True)
        assert "You were paid 30.00 USD too much" in titles
        assert item.run.state == "paid"

    def test_of_zero_is_an_item_that_says_so(self, world: World, robin: Performer) -> None:
        (line,) = world.earns(robin, "30.00", monday=MONDAYS[0])
        world.corrects(line, "30.00", monday=MONDAYS[0])
        run = a_payday(world, MONDAYS[0])
        assert (newest(robin).state, newest(robin).amount_minor, run.state) == ("settled", 0, "paid")


class TestWhatIsKept:
    def test_begins_a_week_after_it_was_told_that_second_included(
        self, world: World, robin: Performer
    ) -> None:
        is_overpaid(world, robin, "30.00", MONDAYS[0])
        earns(world, robin, "40.00", MONDAYS[1])
        world.wait(days=7, seconds=-1)
        assert self.kept_by_a_frozen_run(world, robin, MONDAYS[1]) == 0
        world.wait(seconds=1)
        assert self.kept_by_a_frozen_run(world, robin, MONDAYS[1]) == usd("10.00")

    def kept_by_a_frozen_run(self, world: World, robin: Performer, monday: date) -> int:
        run = world.a_frozen_run(a_week(monday))
        kept = PayItem.objects.get(run=run, performer=robin).recovered_minor
        operations.cancel(run=run, reason="Only looked.", by=world.freezer, at=world.now)
        return kept

    @pytest.mark.parametrize(
        ("caps", "kept"), [((2_500, 1_000), "8.00"), ((2_500, None), "0.00"), ((1_250, 2_500), "10.00")]
    )
    def test_is_at_most_the_lowest_share_of_the_lines_terms(
        self, world: World, robin: Performer, caps: tuple[int | None, ...], kept: str
    ) -> None:
        is_overpaid(world, robin, "30.00", MONDAYS[0])
        world.wait(days=7)
        for cap in caps:
            earns(world, robin, "40.00", MONDAYS[1], cap_bps=cap)
        a_payday(world, MONDAYS[1])
        item = newest(robin)
        assert (item.recovered_minor, item.net_minor) == (usd(kept), usd("80.00"))
        assert usd("80.00") - usd(kept) in [row["amount"] for row in world.transfers_to(robin)]
        assert left(robin) == usd("30.00") - usd(kept)

    def test_makes_the_oldest_part_even_first(self, world: World, robin: Performer) -> None:
        for monday, amount in ((MONDAYS[0], "5.00"), (MONDAYS[1], "20.00")):
            is_overpaid(world, robin, amount, monday)
            world.wait(days=7)
        world.wait(days=7)
        earns(world, robin, "40.00", MONDAYS[2])
        a_payday(world, MONDAYS[2])
        even = [(row.overpayment.amount_minor, row.amount_minor) for row in Repayment.objects.order_by("id")]
        assert even == [(usd("5.00"), usd("5.00")), (usd("20.00"), usd("5.00"))]
        (part,) = recoveries.parts(performers=[robin.pk], currency="usd")[robin.pk]
        assert part.left_minor == usd("15.00")

    def test_rounds_down_and_keeps_no_more_than_is_left(self, world: World, robin: Performer) -> None:
        is_overpaid(world, robin, "0.30", MONDAYS[0])
        world.wait(days=7)
        earns(world, robin, "0.99", MONDAYS[1])
        a_payday(world, MONDAYS[1])
        assert newest(robin).recovered_minor == 24
        world.wait(days=7)
        earns(world, robin, "40.00", MONDAYS[2])
        a_payday(world, MONDAYS[2])
        assert (newest(robin).recovered_minor, left(robin)) == (6, 0)


class TestACancelledRun:
    def test_frees_its_lines_though_a_later_one_was_frozen(self, world: World, robin: Performer) -> None:
        """They were lost for good when a run was one range."""
        sam = world.performer("Sam")
        world.earns(robin, "10.00", monday=MONDAYS[0])
        first = world.a_frozen_run(a_week(MONDAYS[0]))
        world.earns(sam, "20.00", monday=MONDAYS[1])
        world.wait(days=7)
        world.a_frozen_run(a_week(MONDAYS[1]))
        operations.cancel(run=first, reason="A line is wrong.", by=world.freezer, at=world.now)
        world.wait(days=7)
        third = world.a_frozen_run(a_week(MONDAYS[2]))
        (item,) = PayItem.objects.filter(run=third)
        assert (item.performer, item.amount_minor) == (robin, usd("10.00"))


class TestBesideTheWeeks:
    def test_pays_the_chosen_and_leaves_the_week_the_rest(self, world: World, robin: Performer) -> None:
        sam = world.performer("Sam")
        for person in (robin, sam):
            world.earns(person, "10.00", monday=MONDAYS[0])
        beside = off_cycle.open_run(
            performers=[robin], currency="usd", reason="The rent.", by=world.freezer, at=world.now
        )
        beside = operations.freeze(run=beside, by=world.freezer, at=world.now)
        world.approves(beside)
        world.sweep()
        world.earns(robin, "5.00", monday=MONDAYS[0])
        a_payday(world, MONDAYS[0])
        assert [row["amount"] for row in world.transfers_to(robin)][1:] == [usd("10.00"), usd("5.00")]
        assert [row["amount"] for row in world.transfers_to(sam)] == [usd("10.00")]

    def test_what_is_too_little_is_left_for_the_next(self, world: World, robin: Performer, settings) -> None:  # type: ignore[no-untyped-def]
        settings.LEAST_PAYOUT_MINOR = {"usd": usd("10.00")}
        sam = world.performer("Sam")
        world.earns(robin, "9.99", monday=MONDAYS[0])
        world.earns(sam, "10.00", monday=MONDAYS[0])
        a_payday(world, MONDAYS[0])
        world.earns(robin, "0.01", monday=MONDAYS[1])
        world.wait(days=7)
        a_payday(world, MONDAYS[1])
        assert [row["amount"] for row in world.transfers_to(robin)][1:] == [usd("10.00")]
