"""No webhook comes for days: what the beat asks for brings the house to where Stripe stands all the same."""

import pytest
from django.conf import settings

from accounts.keys import acting
from accounts.notifications.models import Notification
from callboard.celery import app
from kit.money import Money
from payments.connect import operations as connect
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.funding.queries import wallet
from payments.gateway.client import client
from payments.inbox.models import Finding
from payments.payouts import bank, returns, reversals
from payments.payouts.models import BankPayout, Transfer
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from payments.webhooks.models import InboundEvent
from tests.payments.webhooks.story import Story, differences
from tests.payments.world import World, compared, usd

ROOMS = {"connect", "funding", "payouts", "webhooks"}
BEATS = [name for name in settings.CELERY["beat_schedule"] if name.partition(".")[0] in ROOMS]


def hours_pass(world: World, hours: int) -> None:
    """Each hour the beat rings for every room of money; no webhook arrives."""
    app.loader.import_default_modules()
    for _ in range(hours):
        world.wait(hours=1)
        for name in BEATS:
            app.tasks[name]()


@pytest.mark.slow
def test_polling_alone_ends_where_stripe_stands(world: World) -> None:
    chapters = Story(world).chapters()
    next(chapters)
    hours_pass(world, 1)
    next(chapters)
    next(chapters)
    assert differences(world), "much has happened, and nobody told the house"
    hours_pass(world, 72)
    assert differences(world) == []
    assert Transfer.objects.filter(reversed_minor__gt=0).count() == 2
    next(chapters)
    next(chapters)
    assert differences(world), "banks have paid, and one sent it back"
    hours_pass(world, 49)  # what moves at the banks is looked at once a day
    assert differences(world) == []
    assert set(BankPayout.objects.values_list("status", flat=True)) >= {"paid", "failed"}
    assert set(Funding.objects.values_list("state", flat=True)) == {"available", "lost", "failed"}
    assert not InboundEvent.objects.exists(), "it was silent"
    report = compared(at=world.now)
    assert (report.differs, report.difference_minor) == ([], 0)


def a_funding(world: World) -> Funding:
    owner = acting.of_user(world.company.memberships.get().user)
    return funding.start(company=world.company, amount=Money(usd("500.00"), "usd"), by=owner, at=world.now)


class TestEachPoll:
    def test_what_was_taken_back_is_found_once_and_owed_again(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        reversals.read_transfers(at=world.now)
        transfer = world.transfers_to(robin)[0]["id"]
        world.wait(hours=3)
        client().v1.transfers.reversals.create(transfer, {"amount": usd("4.00")})
        world.wait(minutes=5)
        for _ in range(3):
            reversals.read_transfers(at=world.now)
        assert Transfer.objects.get().reversed_minor == usd("4.00")
        assert [row.amount.minor for row in returns.listed(at=world.now)] == [usd("4.00")]

    def test_a_look_that_failed_is_made_up_for_by_the_next(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        reversals.read_transfers(at=world.now)
        client().v1.transfers.reversals.create(world.transfers_to(robin)[0]["id"])
        world.control("faults", on="GET /v1/balance_transactions", do="500_before", times=1)
        world.wait(days=2)
        with pytest.raises(Exception, match="unknown error"):
            reversals.read_transfers(at=world.now)
        world.wait(days=2)
        reversals.read_transfers(at=world.now)
        assert PayItem.objects.get().state == ItemState.REVERSED

    def test_a_transfer_that_nobody_here_made_is_found(self, world: World) -> None:
        robin = world.performer()
        reversals.read_transfers(at=world.now)
        account = world.account_of(robin).stripe_id
        client().v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
        world.wait(minutes=5)
        reversals.read_transfers(at=world.now)
        assert Finding.objects.get().code == "transfer_not_ours"

    def test_nobody_waits_for_ever_behind_those_who_come_first(self, world: World) -> None:
        for name in ("Robin", "Sam", "Kim"):
            world.earns(world.performer(name), "74.00")
        world.pays()
        world.wait(days=7)
        for _ in range(3):
            assert bank.settle(at=world.now, at_most=1) == 1
        assert BankPayout.objects.count() == 3

    def test_money_that_counted_and_is_disputed_is_taken_out_again(self, world: World) -> None:
        before = wallet(world.company)["available"].minor
        paid = a_funding(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
        paid = following.refresh(funding=paid, at=world.now)
        world.control(f"charges/{paid.charge_id}/dispute")
        world.wait(days=1)
        following.refresh_due(at=world.now)
        paid.refresh_from_db()
        assert paid.state == "disputed"
        assert wallet(world.company)["owed"].minor == 0
        assert wallet(world.company)["available"].minor == before, (
            "it was the wallet's, and is gone from there"
        )
        assert compared(at=world.now).ok, "the fees of payment and dispute are booked"

    def test_a_declined_card_is_no_end_while_the_page_is_open(self, world: World) -> None:
        paid = a_funding(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_chargeDeclined")
        assert following.refresh(funding=paid, at=world.now).state == "started"
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
        world.wait(minutes=30)
        following.refresh_due(at=world.now)
        paid.refresh_from_db()
        assert paid.state == "available"

    def test_pay_goes_out_by_itself_once_a_changed_bank_account_has_rested(self, world: World) -> None:
        robin = world.performer()
        account = world.account_of(robin)
        path = f"accounts/{account.stripe_id}/onboard"
        world.control(path, routing_number="110000000", account_number="000999999999")
        connect.refresh(account=account, at=world.now)
        world.earns(robin, "74.00")
        world.pays()
        assert PayItem.objects.get().hold_code == "bank_change_hold"
        hours_pass(world, 71)
        assert PayItem.objects.get().state == ItemState.HELD
        assert Notification.objects.filter(user=robin.user, key__startswith="held:").count() == 1
        hours_pass(world, 2)
        assert PayItem.objects.get().state == ItemState.SENT

    def test_what_stripe_refused_goes_out_when_the_account_is_set_up_anew(self, world: World) -> None:
        robin = world.performer()
        stripe_id = world.account_of(robin).stripe_id
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control(f"accounts/{stripe_id}/restrict")
        world.sweep()
        assert PayItem.objects.get().hold_code == "insufficient_capabilities_for_transfer"
        hours_pass(world, 1)
        assert world.account_of(robin).transfers_status == "restricted", "it was asked at once"
        world.control(f"accounts/{stripe_id}/enable")
        hours_pass(world, 2)
        assert PayItem.objects.get().state == ItemState.SENT
