"""Nobody signs blind: who of a run stands out, why, and what they usually get; found at the freeze, and shown first."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.performers.models import Performer
from marketplace.timekeeping.models import Dispute, TimeLine
from payments.payroll import off_cycle, operations, standing_out
from payments.payroll.models import PayItem, PayRun
from payments.payroll.reasons import Reason
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.payments.paylines.stage import Stage
from tests.payments.world import World, a_week, usd

MONDAYS = [stories.MONDAY + timedelta(days=7 * n) for n in range(6)]


@pytest.fixture
def robin(world: World) -> Performer:
    """Whom three weeks paid 100.00 each, for an hour."""
    robin = world.performer()
    for monday in MONDAYS[:3]:
        world.earns(robin, "100.00", monday=monday)
        world.approves(frozen(world, monday))
        world.sweep()
    return robin


def frozen(world: World, monday: date = MONDAYS[3]) -> PayRun:
    """The week's run, frozen when it can be."""
    week = a_week(monday)
    if week.close_at > world.now:
        world.wait(seconds=(week.close_at - world.now).total_seconds())
    run = operations.close_week(week=week, currency="usd", by=world.freezer, at=world.now)
    return operations.freeze(run=run, by=world.freezer, at=world.now)


def item(world: World, performer: Performer) -> PayItem:
    return PayItem.objects.get(run=frozen(world), performer=performer)


class TestAmounts:
    @pytest.mark.parametrize(
        ("amount", "stands"),
        [("100.00", False), ("200.00", False), ("200.01", True), ("50.00", False)],
    )
    def test_more_than_twice_the_usual_and_by_far_is_unusual(
        self, world: World, robin: Performer, amount: str, stands: bool
    ) -> None:
        world.earns(robin, amount, monday=MONDAYS[3])
        found = item(world, robin)
        assert (Reason.UNUSUAL_AMOUNT in found.reasons) is stands
        assert (found.usual_minor, found.usual_s, found.payable_s) == (usd("100.00"), 3600, 3600)

    def test_less_than_half_of_much_is_unusual_too(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "1000.00", monday=MONDAYS[2])
        world.approves(frozen(world, MONDAYS[2]))
        world.sweep()
        world.earns(robin, "499.99", monday=MONDAYS[3])
        assert Reason.UNUSUAL_AMOUNT in item(world, robin).reasons

    def test_the_hours_of_six_beside_one_are_unusual_and_of_five_are_not(
        self, world: World, robin: Performer
    ) -> None:
        world.earns(robin, *["18.00"] * 5, monday=MONDAYS[3])
        run = frozen(world)
        assert PayItem.objects.get(run=run).reasons == []
        operations.cancel(run=run, reason="One is missing.", by=world.freezer, at=world.now)
        world.earns(robin, "18.00", monday=MONDAYS[3])
        assert item(world, robin).reasons == [Reason.UNUSUAL_HOURS]

    def test_what_is_kept_and_what_is_below_zero_say_so(self, world: World, robin: Performer) -> None:
        line = TimeLine.objects.filter(timesheet__performer=robin).latest("id")
        world.corrects(line, "60.00", monday=MONDAYS[3])
        found = item(world, robin)
        assert {Reason.BELOW_ZERO, Reason.CORRECTION} <= set(found.reasons)


class TestWho:
    def test_nobody_paid_as_usual_stands_out(self, world: World, robin: Performer) -> None:
        world.earns(robin, "100.00", monday=MONDAYS[3])
        assert item(world, robin).reasons == []

    def test_a_first_pay_does_until_it_was_sent(self, world: World, robin: Performer) -> None:
        sam = world.performer("Sam")
        world.earns(sam, "100.00", monday=MONDAYS[3])
        run = frozen(world)
        assert PayItem.objects.get(run=run).reasons == [Reason.FIRST_PAY]
        world.approves(run)
        world.sweep()
        world.earns(sam, "100.00", monday=MONDAYS[4])
        assert PayItem.objects.get(run=frozen(world, MONDAYS[4])).reasons == []

    def test_another_bank_since_the_last_pay_does(self, world: World, robin: Performer) -> None:
        world.wait(hours=1)
        world.banks_with(robin, "000999999991")
        world.earns(robin, "100.00", monday=MONDAYS[3])
        assert item(world, robin).reasons == [Reason.BANK_CHANGE]

    def test_another_bank_since_the_freeze_is_told_to_who_signs_and_marked_the_next_time(
        self, world: World, robin: Performer
    ) -> None:
        world.earns(robin, "100.00", monday=MONDAYS[3])
        run = frozen(world)
        finance, path = logs_in(stories.person(world.approver)), reverse("payday_run", args=[run.public_id])
        assert "since it was frozen" not in finance.get(path).content.decode()
        world.wait(hours=1)
        world.banks_with(robin, "000999999991")
        assert standing_out.changed_since(run) == ["Robin"]
        assert "since it was frozen" in finance.get(path).content.decode()
        world.approves(run)
        world.wait(days=4)
        world.sweep()
        world.earns(robin, "100.00", monday=MONDAYS[4])
        assert PayItem.objects.get(run=frozen(world, MONDAYS[4])).reasons == [Reason.BANK_CHANGE]

    def test_a_pay_beside_the_weeks_is_no_week_to_compare_with(self, world: World) -> None:
        sam = world.performer("Sam")
        world.earns(sam, "10.00", monday=MONDAYS[0])
        opened = off_cycle.open_run(
            performers=[sam], currency="usd", reason="Rent.", by=world.freezer, at=world.now
        )
        world.approves(operations.freeze(run=opened, by=world.freezer, at=world.now))
        world.sweep()
        world.wait(hours=1)
        world.banks_with(sam, "000999999991")
        world.earns(sam, "5000.00", monday=MONDAYS[3])
        assert item(world, sam).reasons[:2] == [Reason.BANK_CHANGE, Reason.FIRST_PAY]

    def test_a_line_that_was_disputed_does(self, world: World, robin: Performer) -> None:
        (line,) = world.earns(robin, "100.00", monday=MONDAYS[3])
        Dispute.objects.create(
            line=line,
            raised_by="company",
            reason="time_too_long",
            text="It was shorter.",
            claimed_s=60,
            raised_at=world.now,
            answer_due_at=world.now,
            resolved_at=world.now,
            resolution="It was not.",
        )
        assert item(world, robin).reasons == [Reason.DISPUTE]

    def test_one_bonus_is_none_and_a_second_of_the_same_amount_is_paid_twice_perhaps(
        self, world: World
    ) -> None:
        stage = Stage(world)
        stage.an_approved_bonus("40.00")
        run = frozen(world, stories.MONDAY)
        assert Reason.DUPLICATE not in PayItem.objects.get(run=run).reasons
        operations.cancel(run=run, reason="Another comes.", by=world.freezer, at=world.now)
        stage.an_approved_bonus("40.00")
        assert Reason.DUPLICATE in PayItem.objects.get(run=frozen(world, stories.MONDAY)).reasons


class TestWhatFinanceSees:
    def test_whoever_stands_out_comes_first_and_can_be_found(self, world: World, robin: Performer) -> None:
        sam = world.performer("Sam")
        world.earns(robin, "150.00", monday=MONDAYS[3])
        world.earns(sam, "10.00", monday=MONDAYS[3])
        run = frozen(world)
        finance = logs_in(stories.person(world.approver))
        path = reverse("payday_run", args=[run.public_id])
        page = finance.get(path).content.decode()
        assert page.index("Sam") < page.index("Robin")
        assert "First pay (1)" in page
        only = finance.get(path, {"reason": "first_pay"}).content.decode()
        assert "No week was sent to them before" in only
        assert "Robin" not in only
        assert "Nobody in this run is found so" in finance.get(path, {"q": "nobody"}).content.decode()
        assert "Robin" in finance.get(path, {"q": "rob"}).content.decode()
        api = Api(client=finance)
        (row,) = body_of(api.get(f"pay-runs/{run.public_id}/items", reason="first_pay"))["data"]
        assert (row["stands_out"], row["usual"]) == (["first_pay"], None)
        (row,) = body_of(api.get(f"pay-runs/{run.public_id}/items", q="rob"))["data"]
        assert (row["stands_out"], row["usual"]["amount_minor"]) == ([], usd("100.00"))
        assert [(one.reason, one.payees) for one in standing_out.counts(run)] == [(Reason.FIRST_PAY, 1)]

    def test_it_is_one_statement_however_many_are_paid(self, world: World) -> None:
        for name in ("Ada", "Ben", "Cyd"):
            world.earns(world.performer(name), "10.00", monday=MONDAYS[3])
        run = frozen(world)
        with CaptureQueriesContext(connection) as asked:
            standing_out.mark(run)
        assert len(asked) == 1

    def test_every_reason_says_what_it_means(self) -> None:
        assert set(standing_out.MEANS) == set(Reason)
