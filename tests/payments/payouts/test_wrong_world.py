"""Money of one world is never moved by a key of another, nor to an account that was not read lately."""

from typing import Any

import pytest

from accounts.notifications.models import Notification
from payments.connect import operations as connect
from payments.inbox.models import Halt
from payments.payouts import paying
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests.payments.world import World, sent_amounts, usd


@pytest.mark.parametrize(
    ("environment", "key", "detail"),
    [
        ("production", "sk_test_callboard", "A test key in production."),
        ("staging", "sk_live_callboard", "A live key outside production."),
    ],
)
def test_a_key_of_another_world_halts_payouts(
    world: World, settings: Any, environment: str, key: str, detail: str
) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    world.an_approved_run()
    was = settings.ENVIRONMENT, settings.STRIPE_SECRET_KEY
    settings.ENVIRONMENT, settings.STRIPE_SECRET_KEY = environment, key
    assert world.sweep() == 0
    assert [(halt.code, halt.detail) for halt in Halt.objects.all()] == [("wrong_mode", detail)]
    settings.ENVIRONMENT, settings.STRIPE_SECRET_KEY = was
    assert not world.transfers_to(robin)


def test_an_account_that_was_not_read_for_long_is_read_before_pay_goes_there(world: World) -> None:
    """Whoever has another bank account since, and the news of it was lost, is found out in time."""
    robin, sam = world.performer("Robin"), world.performer("Sam")
    for performer in (robin, sam):
        world.earns(performer, "74.00")
    account = world.account_of(robin)
    path = f"accounts/{account.stripe_id}/onboard"
    world.control(path, routing_number="110000000", account_number="000999999991")
    world.wait(hours=27)
    world.an_approved_run()
    paying.sweep(now=world.clock)
    assert set(PayItem.objects.values_list("hold_code", flat=True)) == {"account_not_fresh"}
    connect.refresh_due(at=world.now)
    world.sweep()
    assert PayItem.objects.get(performer=robin).hold_code == "bank_change_hold"
    assert PayItem.objects.get(performer=sam).state == ItemState.SENT
    assert sent_amounts(world.transfers_to(sam)) == [usd("74.00")]


def test_nobody_is_told_of_a_minutes_wait(world: World) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    world.wait(hours=27)
    world.an_approved_run()
    paying.sweep(now=world.clock)
    assert PayItem.objects.get().hold_code == "account_not_fresh"
    assert not Notification.objects.filter(key__startswith="held:").exists()
