"""Nobody is forgotten while money of theirs is under way."""

from accounts.identity.models import User
from accounts.notifications.models import Notification
from accounts.tasks import erase as the_hour_comes
from payments.gateway.client import client
from payments.payouts import bank, returns, reversals
from payments.payroll.models import PayItem
from tests.accounts.browsing import Api, an_app_of
from tests.payments.world import World


def test_money_is_paid_first_and_then_one_is_forgotten(world: World) -> None:
    performer = world.performer("Robin")
    world.earns(performer, "74.00")
    user = performer.user
    assert Api(token=an_app_of(user)).post("me/erasure").status_code == 201
    world.an_approved_run()
    world.wait(days=8)
    the_hour_comes()
    assert User.objects.get(pk=user.pk).is_active
    [waits] = Notification.objects.filter(user=user, title="You cannot be forgotten yet")
    assert "not in your bank yet" in waits.body


def test_what_came_back_is_decided_first(world: World) -> None:
    performer = world.performer("Robin")
    world.earns(performer, "74.00")
    world.pays()
    item = PayItem.objects.get()
    client().v1.transfers.reversals.create(item.transfer_id)
    reversals.read_transfers(at=world.now)
    assert Api(token=an_app_of(performer.user)).post("me/erasure").status_code == 201
    world.wait(days=8)
    the_hour_comes()
    assert User.objects.get(pk=performer.user_id).is_active
    returns.decide(item=item, what="pay_again", reason="It bounced.", by=world.freezer, at=world.now)
    world.sweep()
    for _ in range(9):
        world.wait(days=1)
        bank.settle(at=world.now)
    assert PayItem.objects.filter(state="settled").count() == 1
    the_hour_comes()
    assert not User.objects.get(pk=performer.user_id).is_active
