"""Close, freeze, approve: one run, by two people, over one content."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.audit.operations import StateChanged
from accounts.keys import acting
from kit.errors import Forbidden
from kit.transitions import IllegalMove
from payments.payroll import accrual, operations
from payments.payroll.models import Earning, PayItem, PayRun
from payments.payroll.states import RUN, RunState
from tests import stories
from tests.database import together
from tests.payments.world import SYSTEM, World, a_company, a_week, sent_amounts, usd


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
        run = operations.close_week(week=a_week(), currency="usd", by=SYSTEM, at=world.now)
        operations.freeze(run=run, by=world.freezer, at=world.now)
        operations.cancel(run=run, reason="A line was wrong.", by=world.freezer, at=world.now)
        again = operations.close_week(week=a_week(), currency="usd", by=SYSTEM, at=world.now)
        again = operations.freeze(run=again, by=world.freezer, at=world.now)
        assert again.pk != run.pk
        assert again.total_minor == usd("10.00")

    def test_nothing_approved_is_nothing_to_pay(self, world: World) -> None:
        run = operations.close_week(week=a_week(), currency="usd", by=SYSTEM, at=world.now)
        with pytest.raises(operations.NothingToPay):
            operations.freeze(run=run, by=world.freezer, at=world.now)

    def test_a_week_under_review_is_not_closed(self, world: World) -> None:
        with pytest.raises(operations.WeekNotOver):
            operations.close_week(
                week=a_week(), currency="usd", by=SYSTEM, at=a_week().close_at - timedelta(seconds=1)
            )


class TestApprove:
    def a_frozen_run(self, world: World) -> PayRun:
        world.earns(world.performer(), "10.00")
        run = operations.close_week(week=a_week(), currency="usd", by=SYSTEM, at=world.now)
        return operations.freeze(run=run, by=world.freezer, at=world.now)

    def test_takes_another_person(self, world: World) -> None:
        run = self.a_frozen_run(world)
        with pytest.raises(operations.SamePersonTwice):
            operations.approve(
                run=run,
                seen_hash=run.content_hash,
                authenticated_at=world.now,
                by=world.freezer,
                at=world.now,
            )
        with pytest.raises(IntegrityError, match="approver_is_not_the_one_who_froze"), transaction.atomic():
            PayRun.objects.filter(pk=run.pk).update(approved_by=stories.person(world.freezer))

    def test_takes_a_fresh_login(self, world: World) -> None:
        run = self.a_frozen_run(world)
        stale = world.now - timedelta(minutes=6)
        for authenticated_at in (None, stale):
            with pytest.raises(operations.StaleLogin):
                operations.approve(
                    run=run,
                    seen_hash=run.content_hash,
                    authenticated_at=authenticated_at,
                    by=world.approver,
                    at=world.now,
                )

    def test_takes_the_content_that_was_seen(self, world: World) -> None:
        run = self.a_frozen_run(world)
        with pytest.raises(operations.ContentChanged):
            operations.approve(
                run=run, seen_hash="x" * 64, authenticated_at=world.now, by=world.approver, at=world.now
            )

    def test_an_edit_after_freezing_is_noticed(self, world: World) -> None:
        run = self.a_frozen_run(world)
        PayItem.objects.filter(run=run).update(amount_minor=usd("11.00"))
        with pytest.raises(operations.ContentChanged):
            operations.approve(
                run=run,
                seen_hash=run.content_hash,
                authenticated_at=world.now,
                by=world.approver,
                at=world.now,
            )
        PayItem.objects.filter(run=run).update(amount_minor=usd("10.00"))

    def test_only_finance_closes_freezes_and_approves(self, world: World) -> None:
        outsider = world.performer().user
        with pytest.raises(Forbidden):
            operations.close_week(week=a_week(), currency="usd", by=acting.of_user(outsider), at=world.now)


class TestEveryMove:
    @pytest.mark.parametrize("before", list(RunState))
    @pytest.mark.parametrize("after", list(RunState))
    def test_is_allowed_or_refused_by_the_table(self, before: RunState, after: RunState) -> None:
        allowed = (before, after) in set(RUN.edges())
        assert RUN.allows(before, after) is allowed
        if not allowed:
            with pytest.raises(IllegalMove):
                RUN.check(before, after)


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
                run = operations.approve(
                    run=run,
                    seen_hash=run.content_hash,
                    authenticated_at=world.now,
                    by=world.approver,
                    at=world.now,
                )
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
