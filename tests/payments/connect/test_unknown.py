"""An account that Stripe does not know, or not any more: told, and mended by one press."""

from datetime import timedelta

from accounts.notifications.models import Notification
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.gateway.client import client
from payments.inbox.models import Finding
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests import stories
from tests.payments.world import World, sent_amounts, usd


def lose(world: World, account: PayeeAccount) -> None:
    """At Stripe it turns out to be one of live mode."""
    world.control(f"accounts/{account.stripe_id}/live")
    PayeeAccount.objects.update(refresh_due_at=world.now)


def link(world: World, account: PayeeAccount) -> str:
    return connect.onboarding_link(
        performer=account.performer,
        return_url="http://house/back",
        refresh_url="http://house/again",
        by=connect.SYSTEM,
        at=world.now,
    )


def test_both_who_can_mend_it_are_told_once(world: World) -> None:
    robin = world.performer()
    lose(world, world.account_of(robin))
    for _ in range(3):
        connect.refresh_due(at=world.now)
        world.wait(minutes=30)
    assert Finding.objects.get().code == "payee_account_unknown"
    assert Notification.objects.filter(user=robin.user, kind="pay_setup").count() == 1
    assert Notification.objects.filter(user=stories.person(world.freezer), kind="finance").count() == 1
    robin.refresh_from_db()
    assert robin.payouts_enabled_at is None
    assert not PayeeAccount.objects.filter(refresh_due_at__lt=world.now + timedelta(hours=20)).exists()


def test_pay_waits_and_goes_to_the_account_that_is_set_up_anew(world: World) -> None:
    robin = world.performer()
    lost = world.account_of(robin)
    world.earns(robin, "74.00")
    lose(world, lost)
    connect.refresh_due(at=world.now)
    world.pays()
    assert PayItem.objects.get().hold_code == "payout_account_not_ready"
    assert link(world, lost)
    found = world.account_of(robin)
    assert found.stripe_id != lost.stripe_id
    world.control(f"accounts/{found.stripe_id}/onboard")
    connect.refresh(account=found, at=world.now)
    world.sweep()
    assert PayItem.objects.get().state == ItemState.SENT
    [transfer] = client().v1.transfers.list({"destination": found.stripe_id}).data
    assert transfer.amount == usd("74.00")


def test_two_presses_open_one_other_account(world: World) -> None:
    robin = world.performer()
    lose(world, world.account_of(robin))
    link(world, world.account_of(robin))
    found = world.account_of(robin)
    link(world, found)
    assert world.account_of(robin).stripe_id == found.stripe_id


def test_one_that_comes_back_is_paid_again(world: World) -> None:
    """The key was another platform's for a while."""
    robin = world.performer()
    account = world.account_of(robin)
    world.earns(robin, "74.00")
    world.control("faults", on="GET /v2/core/accounts/*", do="refuse", code="not_found", status=404, times=1)
    PayeeAccount.objects.update(refresh_due_at=world.now)
    connect.refresh_due(at=world.now)
    world.pays()
    world.wait(days=1, minutes=1)
    connect.refresh_due(at=world.now)
    world.sweep()
    assert world.account_of(robin).stripe_id == account.stripe_id
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
