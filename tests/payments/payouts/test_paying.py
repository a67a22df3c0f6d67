"""Paying exactly once, whatever Stripe answers."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction

from accounts.notifications.models import Notification
from accounts.notifications.operations import send_due_mail
from payments.connect import operations as connect
from payments.gateway import balance, transfers
from payments.gateway.client import client
from payments.gateway.outcomes import Refused
from payments.gateway.transfers import TransferFacts
from payments.inbox import halts
from payments.inbox.models import Finding, Halt
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.payouts import claims, lookups, paying, recording, returns, reversals
from payments.payouts.models import Attempt
from payments.payroll import holds
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState
from payments.reconciliation.models import StripeRow
from tests.payments.world import SYSTEM, World, compared, sent_amounts, usd


def item_of(world: World) -> PayItem:
    return PayItem.objects.get()


def claimed(world: World) -> claims.Claim:
    """What a worker takes up that then stands still."""
    [claim] = claims.claim_due(at=world.now, at_most=1).claims
    return claim


class TestPayday:
    def test_pays_each_performer_once(self, world: World) -> None:
        robin, sam = world.performer("Robin"), world.performer("Sam")
        world.earns(robin, "74.00", "37.50")
        world.earns(sam, "12.34")
        run = world.pays()
        assert run.state == RunState.PAID
        assert sent_amounts(world.transfers_to(robin)) == [usd("111.50")]
        assert sent_amounts(world.transfers_to(sam)) == [usd("12.34")]
        assert balances.owned_minor(Kind.PERFORMER_PAYABLE, owner=robin.public_id, currency="usd") == 0
        assert balances.total_minor(Kind.PLATFORM_FEES, currency="usd") == -usd("18.58")

    def test_sweeping_again_sends_nothing_more(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        world.sweep()
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_a_sweep_gives_its_worker_back_and_the_next_goes_on(self, world: World, settings: Any) -> None:
        settings.STRIPE_REQUESTS_PER_S = 4
        for name in ("Robin", "Sam", "Toni"):
            world.earns(world.performer(name), "74.00")
        run = world.an_approved_run()
        seconds = count()
        paying.sweep(now=lambda: world.now + timedelta(seconds=4 * next(seconds)))
        assert 0 < len(world.books()["transfers"]) < 3
        world.wait(minutes=2)
        world.sweep()
        assert len(world.books()["transfers"]) == 3
        run.refresh_from_db()
        assert run.state == RunState.PAID

    def test_the_key_comes_from_the_facts(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        world.pays()
        item, attempt = item_of(world), Attempt.objects.get()
        assert attempt.idempotency_key == f"pay:{item.natural_key}:1"
        assert world.books()["transfers"][0]["transfer_group"] == str(item.natural_key)


class TestUnknownIsNotFailed:
    @pytest.mark.parametrize(
        "fault",
        ["500_before", "503_before", "drop_before", "drop_after", "hang_after", "429", "lock_timeout"],
    )
    def test_is_sent_again_under_the_same_key(self, world: World, fault: str) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        run = world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do=fault, times=1, hang_s=0)
        world.sweep()
        assert item_of(world).state == ItemState.SENDING
        world.wait(minutes=2)
        world.sweep()
        run.refresh_from_db()
        assert run.state == RunState.PAID
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
        assert Attempt.objects.get().sends == 2

    def test_a_500_after_the_money_moved_is_adopted_from_the_list(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="500_after", times=1)
        for _ in range(4):
            world.sweep()
            world.wait(minutes=10)
        assert item_of(world).state == ItemState.SENT
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_after_23_hours_it_is_looked_up_and_never_sent(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="drop_after", times=1)
        world.sweep()
        world.wait(hours=30)
        world.control("faults", on="POST /v1/transfers", do="500_before", probability=1)
        world.sweep()
        assert item_of(world).state == ItemState.SENT
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_absence_is_believed_when_seen_twice_an_hour_apart(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="drop_before", times=1)
        world.sweep()
        world.wait(hours=24)
        world.sweep()
        assert item_of(world).generation == 1
        world.wait(hours=2)
        world.sweep()
        item = item_of(world)
        assert (item.state, item.generation) == (ItemState.SENT, 2)
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]


class TestRefused:
    def test_is_held_with_a_reason_and_both_are_told(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.earns(robin, "74.00")
        run = world.pays()
        item = item_of(world)
        assert (run.state, item.state, item.hold_code) == (
            RunState.PAID,
            ItemState.HELD,
            "payout_account_not_ready",
        )
        told = set(Notification.objects.filter(key__startswith="held:").values_list("user_id", flat=True))
        assert told >= {robin.user_id, world.freezer.user_id, world.approver.user_id}
        send_due_mail(at=world.now)
        assert robin.user.email in [message.to[0] for message in mail.outbox]

    def test_goes_out_by_itself_once_the_account_is_ready(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.earns(robin, "74.00")
        run = world.pays()
        account = world.account_of(robin)
        world.control(f"accounts/{account.stripe_id}/onboard")
        connect.refresh(account=account, at=world.now)
        world.sweep()
        run.refresh_from_db()
        assert run.state == RunState.PAID
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_a_definite_refusal_gives_the_money_back_and_takes_the_next_key(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control(
            "faults", on="POST /v1/transfers", do="refuse", times=1, code="balance_insufficient", status=400
        )
        world.sweep()
        item = item_of(world)
        assert (item.state, item.hold_code) == (ItemState.HELD, "balance_insufficient")
        assert balances.owned_minor(Kind.PERFORMER_PAYABLE, owner=robin.public_id, currency="usd") == usd(
            "74.00"
        )
        holds.release(item=item, by=world.freezer, at=world.now)
        world.sweep()
        assert item_of(world).generation == 2
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_a_changed_bank_account_waits_72_hours(self, world: World) -> None:
        robin = world.performer()
        account = world.account_of(robin)
        account.bank_changed_at = world.now
        account.save()
        world.earns(robin, "74.00")
        world.pays()
        assert item_of(world).hold_code == "bank_change_hold"
        world.wait(hours=73)
        connect.refresh(account=account, at=world.now)
        world.sweep()
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]


class TestRestoredUnderAWorkersFeet:
    def test_its_answer_is_never_taken_for_someone_elses(self, world: World) -> None:
        robin, sam = world.performer("Robin"), world.performer("Sam")
        world.earns(robin, "74.00")
        world.earns(sam, "12.34")
        paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)
        with transaction.atomic():
            forgotten = claimed(world)
            number = Attempt.objects.get().pk
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('payments_attempt', 'id'), %s, false)", [number]
            )
        PayItem.objects.filter(performer=robin).update(due_at=world.now + timedelta(minutes=1))
        claims.claim_due(at=world.now, at_most=1)
        assert Attempt.objects.get().pk == number
        answer = transfers.create(forgotten.params, key=forgotten.idempotency_key)
        recording.record(forgotten, answer, at=world.now)
        assert not PayItem.objects.exclude(transfer_id="").exists()
        world.wait(minutes=2)
        world.sweep()
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
        assert sent_amounts(world.transfers_to(sam)) == [usd("12.34")]
        assert not halts.standing()


class TestAnAnswerThatComesLate:
    """A worker's request is refused at the door, is let in when it is sent again, and its answer takes a while."""

    def refused_and_claimed_again(self, world: World) -> tuple[claims.Claim, TransferFacts, claims.Claim]:
        world.earns(world.performer("Robin"), "74.00")
        paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)
        first = claimed(world)
        recording.record(first, Refused(code="account_invalid", message="No.", executed=False), at=world.now)
        answer = transfers.create(first.params, key=first.idempotency_key)
        assert isinstance(answer, TransferFacts)
        holds.release(item=item_of(world), by=world.freezer, at=world.now)
        second = claimed(world)
        assert second.idempotency_key != first.idempotency_key
        return first, answer, second

    def test_the_transfer_that_the_next_attempt_adopted_is_no_second_one(self, world: World) -> None:
        first, answer, second = self.refused_and_claimed_again(world)
        lookups.record_found(second, second.rail.in_group(second.group, second.generations), at=world.now)
        assert item_of(world).transfer_id == answer.id
        recording.record(first, answer, at=world.now)
        assert not halts.standing()
        assert item_of(world).state == ItemState.SENT

    def test_what_was_taken_back_after_a_list_was_read_is_posted_all_the_same(self, world: World) -> None:
        """The list is read, the money is taken back and heard of, the clock moves past the overlap of two looks, and
        only then is the transfer of the list written down."""
        robin = world.performer("Robin")
        world.earns(robin, "74.00")
        paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)
        claim = claimed(world)
        assert isinstance(transfers.create(claim.params, key=claim.idempotency_key), TransferFacts)
        [listed] = transfers.in_group(claim.group)
        client().v1.transfers.reversals.create(listed.id, {"amount": usd("4.00")})
        reversals.read_transfers(at=world.now)
        world.wait(hours=3)
        reversals.read_transfers(at=world.now)
        recording.record(claim, listed, at=world.now)
        assert balances.owned_minor(Kind.PERFORMER_RETURNED, owner=robin.public_id, currency="usd") == usd(
            "4.00"
        )
        assert [row.item.transfer_id for row in returns.listed(at=world.now)] == [listed.id]

    def test_what_lay_in_suspense_while_it_was_unknown_is_taken_out_again(self, world: World) -> None:
        world.earns(world.performer("Robin"), "74.00")
        paying.start(run=world.an_approved_run(), by=SYSTEM, at=world.now)
        claim = claimed(world)
        sent = transfers.create(claim.params, key=claim.idempotency_key)
        assert isinstance(sent, TransferFacts)
        client().v1.transfers.reversals.create(sent.id, {"amount": usd("4.00")})
        compared(at=world.now)
        world.wait(hours=1)
        compared(at=world.now)
        rows = StripeRow.objects.filter(source=sent.id).order_by("type")
        assert [row.how for row in rows] == ["suspense", "suspense"]
        recording.record(claim, sent, at=world.now)
        report = compared(at=world.now)
        assert [row.how for row in rows.all()] == ["transfer", "reversal"]
        assert (report.differs, report.difference_minor) == ([], 0)
        strays = Finding.objects.filter(code="stray_money", thing__in=rows.values("stripe_id"))
        assert [stray.resolved_at for stray in strays] == [world.now, world.now]

    def test_a_return_that_is_read_an_hour_late_is_no_stray(self, world: World) -> None:
        world.earns(world.performer("Robin"), "74.00")
        world.pays()
        sent = item_of(world).transfer_id
        client().v1.transfers.reversals.create(sent, {"amount": usd("4.00")})
        [row] = [
            row
            for row in balance.rows_since(world.now - timedelta(days=1), before_page=lambda: None)
            if row.type == "transfer_refund"
        ]
        StripeRow.objects.create(
            stripe_id=row.id,
            type=row.type,
            source=row.source,
            amount_minor=row.amount_minor,
            currency=row.currency,
            created_at=row.created_at,
            heard_at=world.now - timedelta(hours=1),
        )
        report = compared(at=world.now)
        assert StripeRow.objects.get(stripe_id=row.id).how == "reversal"
        assert not Finding.objects.filter(code="stray_money", thing=row.id).exists()
        assert (report.differs, report.difference_minor) == ([], 0)

    def test_another_transfer_than_the_items_is_one_too_many(self, world: World) -> None:
        first, answer, second = self.refused_and_claimed_again(world)
        recording.record(second, transfers.create(second.params, key=second.idempotency_key), at=world.now)
        assert item_of(world).transfer_id != answer.id
        recording.record(first, answer, at=world.now)
        assert Halt.objects.get(lifted_at=None).code == "transfer_does_not_match"


class TestStopsWhenSomethingCannotBeRight:
    def test_a_transfer_of_another_amount_halts_everything(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="drop_after", times=1)
        world.sweep()
        Attempt.objects.update(params=Attempt.objects.get().params | {"amount": 7399})
        world.wait(minutes=5)
        world.sweep()
        assert Halt.objects.get(lifted_at=None).code == "idempotency_error"
        assert item_of(world).state == ItemState.SENDING
        Attempt.objects.update(params=Attempt.objects.get().params | {"amount": 7400})
        halts.lift(
            halt=Halt.objects.get(),
            note="The row was edited by hand; restored.",
            by=world.freezer,
            at=world.now,
        )
        world.wait(minutes=5)
        world.sweep()
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_too_little_at_stripe_starts_nothing_and_says_how_much_is_missing(self, world: World) -> None:
        world.earns(world.performer(), "100000.01")
        run = world.pays()
        assert run.state == RunState.APPROVED
        assert "0.01 USD is missing" in Finding.objects.get(code="stripe_balance_insufficient").detail
        world.stripe_has("1.00")
        world.sweep()
        run.refresh_from_db()
        assert run.state == RunState.PAID
