"""Many calls under way under one pace, and their answers written down together."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.audit.models import AuditEvent
from accounts.notifications.models import Notification
from kit import crash
from payments.gateway import transfers
from payments.gateway.outcomes import Stop
from payments.gateway.transfers import TransferFacts
from payments.inbox import halts
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import claims, pace, paying, recording, sending
from payments.payouts.calls import InThreads
from payments.payouts.claims import Claim
from payments.payouts.models import Pace
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from tests.payments.world import SYSTEM, World, sent_amounts, usd

NAMES = ("Robin", "Sam", "Toni", "Uma")


def a_started_run(world: World, *names: str) -> PayRun:
    for name in names:
        world.earns(world.performer(name), "74.00")
    return paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)


def sent_for(claim: Claim) -> TransferFacts:
    answer = transfers.create(claim.params, key=claim.idempotency_key)
    assert isinstance(answer, TransferFacts)
    return answer


class TestThePace:
    def test_gives_each_its_turn(self, world: World, settings: Any) -> None:
        settings.STRIPE_REQUESTS_PER_S = 10
        assert pace.turns(3) == pytest.approx([0.0, 0.1, 0.2], abs=0.05)
        assert pace.turns(2) == pytest.approx([0.3, 0.4], abs=0.05)
        assert pace.turns(0) == []

    def test_is_not_slow_for_a_day_because_a_clock_was_once_ahead(self, world: World, settings: Any) -> None:
        settings.STRIPE_REQUESTS_PER_S = 10
        pace.turns(1)
        Pace.objects.update(next_at=world.now + timedelta(days=400))
        assert pace.turns(2) == pytest.approx([0.0, 0.1], abs=0.05)
        assert pace.turns(1) == pytest.approx([0.2], abs=0.05)


class TestASweep:
    def test_has_many_calls_under_way(self, world: World) -> None:
        run = a_started_run(world, *NAMES)
        world.sandbox.world.options.latency_s = 0.4
        began = time.monotonic()
        assert world.sweep() == len(NAMES)
        run.refresh_from_db()
        assert run.state == RunState.PAID
        assert time.monotonic() - began < len(NAMES) * 0.4

    def test_keeps_the_pace_all_the_same(self, world: World, settings: Any) -> None:
        settings.STRIPE_REQUESTS_PER_S = 4
        a_started_run(world, *NAMES)
        began = time.monotonic()
        world.sweep()
        assert time.monotonic() - began >= 3 * 0.25

    def test_claims_nothing_while_another_uses_the_pace_to_the_full(
        self, world: World, settings: Any
    ) -> None:
        settings.STRIPE_REQUESTS_PER_S = 4
        a_started_run(world, "Robin")
        pace.turns(12)
        times = iter([world.now] * 3)
        until = world.now + timedelta(seconds=1)
        sending.send_due(calls=InThreads(), now=lambda: next(times, until), until=until, at_most=9)
        assert PayItem.objects.get().state == ItemState.READY
        Pace.objects.update(next_at=world.now - timedelta(days=1))
        world.sweep()
        assert PayItem.objects.get().state == ItemState.SENT

    def test_begins_nothing_in_a_halt(self, world: World) -> None:
        a_started_run(world, *NAMES)
        calls = InThreads()
        calls.waiting.extend(claims.claim_due(at=world.now, at_most=9).claims)
        halts.raise_halt(code="audit:test", detail="Something is wrong.", at=world.now)
        assert paying.sweep(now=world.clock, calls=calls) == 0
        assert (len(calls.waiting), world.books()["transfers"]) == (0, [])
        halts.lift(halt=halts.standing()[0], note="It was nothing.", by=world.freezer, at=world.now)
        world.wait(minutes=1)
        world.sweep()
        assert len(world.books()["transfers"]) == len(NAMES)

    def test_is_not_halted_again_by_what_was_asked_before_it_was_lifted(self, world: World) -> None:
        a_started_run(world, "Robin", "Sam")
        first, second = claims.claim_due(at=world.now, at_most=9).claims
        no_key = Stop(code="api_key_expired", message="Stripe does not accept our key.")
        recording.record(first, no_key, at=world.now)
        (halt,) = halts.standing()
        world.wait(minutes=1)
        halts.lift(halt=halt, note="A new key is in place.", by=world.freezer, at=world.now)
        world.wait(minutes=1)
        recording.record(second, no_key, at=world.now)
        assert halts.standing() == []
        world.wait(minutes=10)
        (again, _) = claims.claim_due(at=world.now, at_most=9).claims
        recording.record(again, no_key, at=world.now)
        assert [halt.code for halt in halts.standing()] == ["api_key_expired"]

    def test_leaves_what_is_under_way_to_the_next(self, world: World) -> None:
        run = a_started_run(world, "Robin", "Sam")
        world.sandbox.world.options.latency_s = 0.6
        calls = InThreads()
        until = world.now + timedelta(seconds=1)
        times = iter([world.now, world.now])
        sending.send_due(calls=calls, now=lambda: next(times, until), until=until, at_most=9)
        assert calls.under_way == 2
        assert paying.sweep(now=world.clock, calls=calls) == 0
        run.refresh_from_db()
        assert (run.state, len(world.books()["transfers"])) == (RunState.PAID, 2)

    def test_waits_for_another_threads(self) -> None:
        """Both would take from what waits what only one may."""
        calls = InThreads()
        until = datetime(2026, 11, 20, 15, tzinfo=UTC)
        sweep = partial(sending.send_due, calls=calls, now=lambda: until, until=until, at_most=1)
        with ThreadPoolExecutor(1) as other, calls.alone:
            found = other.submit(sweep)
            with pytest.raises(TimeoutError):
                found.result(timeout=0.2)
            calls.alone.release()
            assert found.result(timeout=5) == 0
            calls.alone.acquire()

    def test_that_dies_with_answers_in_hand_pays_nobody_twice(self, world: World) -> None:
        run = a_started_run(world, *NAMES)

        def dies(point: str) -> None:
            if point == "send.answered":
                raise KeyboardInterrupt

        crash.on_reach(dies)
        try:
            with pytest.raises(KeyboardInterrupt):
                paying.sweep(now=world.clock, calls=InThreads())
        finally:
            crash.on_reach(None)
        assert set(PayItem.objects.values_list("state", flat=True)) == {ItemState.SENDING}
        world.wait(minutes=2)
        world.sweep()
        run.refresh_from_db()
        assert (run.state, len(world.books()["transfers"])) == (RunState.PAID, len(NAMES))


class TestAClaim:
    def test_takes_no_more_than_asked_and_holds_who_cannot_be_paid(self, world: World) -> None:
        world.earns(world.performer("Nell", onboarded=False), "5.00")
        a_started_run(world, *NAMES)
        first = claims.claim_due(at=world.now, at_most=2)
        rest = claims.claim_due(at=world.now, at_most=9)
        assert (first.taken_up, rest.taken_up) == (2, 3)
        assert len([*first.claims, *rest.claims]) == len(NAMES)
        assert PayItem.objects.get(state=ItemState.HELD).hold_code == "payout_account_not_ready"
        assert claims.claim_due(at=world.now, at_most=9).taken_up == 0


class TestABatchOfAnswers:
    def test_is_one_posting_and_everyone_is_told(self, world: World) -> None:
        a_started_run(world, *NAMES)
        claimed = claims.claim_due(at=world.now, at_most=9).claims
        answers = [(claim, sent_for(claim)) for claim in claimed]
        with StatementsOf("ledger_post") as posted:
            recording.record_all(answers, at=world.now)
        assert posted.count == 1
        assert PayItem.objects.filter(state=ItemState.SENT).count() == len(NAMES)
        assert Notification.objects.filter(kind="paid").count() == len(NAMES)
        assert AuditEvent.objects.filter(verb="pay_item.sent").count() == len(NAMES)

    def test_with_one_that_cannot_be_written_down_loses_no_other(self, world: World) -> None:
        a_started_run(world, *NAMES)
        claimed = claims.claim_due(at=world.now, at_most=9).claims
        poisoned = PayItem.objects.select_related("run__week").get(pk=claimed[1].item_id)
        ledger.move(
            debit=ledger.account(Kind.SUSPENSE, currency="usd"),
            credit=ledger.account(Kind.PLATFORM_FEES, currency="usd"),
            amount_minor=5,
            key=f"transfer:{poisoned.public_id}",
            kind="transfer",
            book=poisoned.book,
            at=world.now,
        )
        with pytest.raises(IntegrityError, match="posted before with other legs"):
            recording.record_all([(claim, sent_for(claim)) for claim in claimed], at=world.now)
        assert PayItem.objects.filter(state=ItemState.SENT).count() == len(NAMES) - 1
        poisoned.refresh_from_db()
        assert poisoned.state == ItemState.SENDING

    def test_with_two_for_one_item_is_two_batches(self, world: World) -> None:
        robin = world.performer("Robin")
        world.earns(robin, "74.00")
        paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)
        [first] = claims.claim_due(at=world.now, at_most=1).claims
        later = world.now + claims.lease()
        [second] = claims.claim_due(at=later, at_most=1).claims
        answers = [(first, sent_for(first)), (second, sent_for(second))]
        for batch in sending._one_for_each_item(answers):
            recording.record_together(batch, at=later)
        assert PayItem.objects.get().state == ItemState.SENT
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]


class StatementsOf:
    """Counts the statements with that word."""

    def __init__(self, word: str) -> None:
        self.word, self.count = word, 0
        self._counting = connection.execute_wrapper(self._see)

    def _see(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += self.word in sql
        return execute(sql, params, many, context)

    def __enter__(self) -> "StatementsOf":
        self._counting.__enter__()
        return self

    def __exit__(self, *broken: Any) -> None:
        self._counting.__exit__(*broken)
