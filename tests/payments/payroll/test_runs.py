"""Close, freeze, approve: one run, by two people, over one content."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StaleProof
from accounts.audit.operations import StateChanged
from accounts.keys import acting
from kit.errors import Forbidden
from kit.transitions import IllegalMove
from payments.inbox.models import Halt
from payments.payouts import paying
from payments.payroll import accrual, approving, operations
from payments.payroll.models import Earning, PayItem, PayRun
from payments.payroll.states import RunState
from tests import stories
from tests.accounts.browsing import Api, body_of
from tests.database import together
from tests.payments.world import SYSTEM, World, a_company, a_week, sent_amounts, someone_in_finance, usd


class TestAccrual:
    def test_each_approved_line_becomes_one_earning(self, world: World) -> None:
        world.earns(world.performer(), "74.00", "1.00", "0.00")
        assert accrual.accrue(at=world.now) == 3
        assert accrual.accrue(at=world.now) == 0
        assert sum(Earning.objects.values_list("amount_minor", flat=True)) == usd("75.00")

    def test_a_company_without_money_owes_it_and_the_performer_is_paid(self, world: World) -> None:
        world.company = a_company(wallet=0)
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]


class TestFreeze:
    def test_late_lines_fall_into_the_next_run(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "10.00")
        run = world.pays()
        world.earns(robin, "5.00")
        later = PayRun.objects.create(week=a_week(run.week.starts_on + timedelta(days=7)), currency="usd")
        later = operations.freeze(run=later, by=world.freezer, at=world.now)
        assert PayItem.objects.get(run=later).amount_minor == usd("5.00")

    def test_a_cancelled_runs_lines_fall_into_the_next(self, world: World) -> None:
        world.earns(world.performer(), "10.00")
        run = world.a_frozen_run()
        operations.cancel(run=run, reason="A line was wrong.", by=world.freezer, at=world.now)
        again = world.a_frozen_run()
        assert again.pk != run.pk
        assert again.total_minor == usd("10.00")

    def test_nothing_approved_is_nothing_to_pay(self, world: World) -> None:
        with pytest.raises(operations.NothingToPay):
            world.a_frozen_run()

    def test_a_week_under_review_is_not_closed(self, world: World) -> None:
        with pytest.raises(operations.WeekNotOver):
            operations.close_week(
                week=a_week(), currency="usd", by=SYSTEM, at=a_week().close_at - timedelta(seconds=1)
            )


class TestApprove:
    @pytest.fixture
    def run(self, world: World) -> PayRun:
        world.earns(world.performer(), "10.00")
        return world.a_frozen_run()

    def test_takes_another_person(self, world: World, run: PayRun) -> None:
        with pytest.raises(approving.SamePersonTwice):
            world.approves(run, by=world.freezer)
        with pytest.raises(IntegrityError, match="approver_is_not_the_one_who_froze"), transaction.atomic():
            PayRun.objects.filter(pk=run.pk).update(approved_by=stories.person(world.freezer))
        assert world.approves(run).state == RunState.APPROVED

    def test_takes_a_fresh_login(self, world: World, run: PayRun) -> None:
        for proved_at in (None, world.now - timedelta(minutes=6)):
            with pytest.raises(StaleProof):
                world.approves(run, proved_at=proved_at)

    def test_takes_the_content_that_was_seen(self, world: World, run: PayRun) -> None:
        with pytest.raises(approving.ContentChanged):
            world.approves(run, seen_hash="x" * 64)

    def test_an_edit_after_freezing_is_noticed(self, world: World, run: PayRun) -> None:
        more = {"amount_minor": usd("11.00"), "net_minor": usd("11.00")}
        PayItem.objects.filter(run=run).update(**more)
        with pytest.raises(approving.ContentChanged):
            world.approves(run)
        PayItem.objects.filter(run=run).update(**dict.fromkeys(more, usd("10.00")))

    def test_an_item_sends_what_its_net_says(self, world: World, run: PayRun) -> None:
        with pytest.raises(IntegrityError, match="item_and_recovered_is_its_net"), transaction.atomic():
            PayItem.objects.filter(run=run).update(amount_minor=usd("11.00"))

    def test_only_finance_closes_freezes_and_approves(self, world: World) -> None:
        outsider = world.performer().user
        with pytest.raises(Forbidden):
            operations.close_week(week=a_week(), currency="usd", by=acting.of_user(outsider), at=world.now)


class TestInTurn:
    """What finance may do with a run in each state that the doors bring it to; everything else is refused."""

    WAY: ClassVar[dict[RunState, list[str]]] = {
        RunState.DRAFT: [],
        RunState.FROZEN: ["freeze"],
        RunState.APPROVED: ["freeze", "approve"],
        RunState.PAYING: ["freeze", "approve", "start"],
        RunState.PAID: ["freeze", "approve", "start", "pay"],
        RunState.CANCELLED: ["freeze", "approve", "cancel"],
    }
    MAY: ClassVar[dict[RunState, dict[str, RunState]]] = {
        RunState.DRAFT: {"freeze": RunState.FROZEN, "cancel": RunState.CANCELLED},
        RunState.FROZEN: {
            "freeze": RunState.FROZEN,
            "approve": RunState.APPROVED,
            "cancel": RunState.CANCELLED,
        },
        RunState.APPROVED: {"start": RunState.PAYING, "cancel": RunState.CANCELLED},
        RunState.PAYING: {"start": RunState.PAYING},
        RunState.PAID: {"start": RunState.PAID},
        RunState.CANCELLED: {},
    }

    def takes(self, world: World, run: PayRun, step: str, *, by: Actor) -> PayRun:
        run.refresh_from_db()
        match step:
            case "freeze":
                return operations.freeze(run=run, by=world.freezer, at=world.now)
            case "approve":
                return world.approves(run, by=by)
            case "start":
                return paying.start(run=run, by=by, at=world.now)
            case "cancel":
                return operations.cancel(run=run, reason="A line was wrong.", by=by, at=world.now)
        world.sweep()
        return PayRun.objects.get(pk=run.pk)

    @pytest.mark.parametrize("step", ["freeze", "approve", "start", "cancel"])
    @pytest.mark.parametrize("state", list(RunState))
    def test_each_step_is_taken_or_refused(self, world: World, state: RunState, step: str) -> None:
        world.earns(world.performer(), "10.00")
        accrual.accrue(at=world.now)
        run = operations.close_week(week=a_week(), currency="usd", by=SYSTEM, at=world.now)
        for before in self.WAY[state]:
            run = self.takes(world, run, before, by=world.approver)
        assert run.state == state
        third = someone_in_finance("Thea")
        if step in self.MAY[state]:
            assert self.takes(world, run, step, by=third).state == self.MAY[state][step]
        else:
            with pytest.raises((IllegalMove, approving.AlreadyApproved)):
                self.takes(world, run, step, by=third)
            assert PayRun.objects.get(pk=run.pk).state == state
        assert not Halt.objects.exists()


class TestListing:
    def test_counts_each_runs_items_by_state_as_the_run_itself_does(self, world: World) -> None:
        """In one query for all of them; see tests/architecture/test_rows.py."""
        world.earns(world.performer(), "10.00")
        world.earns(world.performer(account=False), "5.00")
        operations.cancel(run=world.a_frozen_run(), reason="Once more.", by=world.freezer, at=world.now)
        world.pays()
        finance = Api(stories.person(world.approver))
        listed = body_of(finance.get("pay-runs"))["data"]
        assert [run["items"] for run in listed] == [{"sent": 1, "held": 1}, {"cancelled": 2}]
        for run in listed:
            assert body_of(finance.get(f"pay-runs/{run['id']}")) == run


class TestManyAtOnce:
    def test_twenty_who_freeze_approve_and_pay_make_one_run_and_one_transfer_each(
        self, committed_world: World
    ) -> None:
        world = committed_world
        performers = [world.performer(f"P{n}") for n in range(5)]
        for performer in performers:
            world.earns(performer, "74.00", "1.23")

        def everything() -> str:
            run = operations.close_week(week=a_week(), currency="usd", by=world.freezer, at=world.now)
            run = (
                operations.freeze(run=run, by=world.freezer, at=world.now)
                if run.state in ("draft", "frozen")
                else run
            )
            run.refresh_from_db()
            if run.state == RunState.FROZEN:
                run = world.approves(run)
            world.sweep()
            return run.public_id

        results = together([everything] * 20)
        world.sweep()
        runs = {result for result in results if isinstance(result, str)}
        assert len(runs) == 1, results
        assert all(isinstance(result, str | IllegalMove | StateChanged) for result in results), results
        assert PayRun.objects.get().state == RunState.PAID
        for performer in performers:
            assert sent_amounts(world.transfers_to(performer)) == [usd("75.23")]
