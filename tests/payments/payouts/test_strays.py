"""A transfer that somebody made past the house, in an item's group, opens no way around a hold."""

from payments.gateway.client import client
from payments.payouts import returns, reversals
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests.payments.world import World, sent_amounts, usd

SHARED = "000987654321"


def is_sent_a_second_time_by_hand(item: PayItem) -> None:
    client().v1.transfers.create(
        {
            "amount": item.amount_minor,
            "currency": item.currency,
            "destination": item.destination,
            "transfer_group": str(item.natural_key),
        }
    )


def test_what_is_paid_again_waits_while_its_bank_account_is_shared(world: World) -> None:
    robin, sam = world.performer("Robin"), world.performer("Sam")
    world.earns(robin, "74.00")
    world.pays()
    item = PayItem.objects.get()
    is_sent_a_second_time_by_hand(item)
    client().v1.transfers.reversals.create(item.transfer_id)
    world.wait(minutes=20)
    reversals.read_transfers(at=world.now)
    for performer in (robin, sam):
        world.banks_with(performer, SHARED)
    returns.decide(item=item, what="pay_again", reason="It bounced.", by=world.freezer, at=world.now)
    world.wait(hours=73)
    for _ in range(3):
        world.sweep()
        world.wait(minutes=5)
    again = PayItem.objects.exclude(pk=item.pk).get()
    assert (again.state, again.hold_code) == (ItemState.HELD, "bank_account_shared")
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")] * 2
    world.banks_with(sam, "000111222333")
    world.sweep()
    world.wait(minutes=5)
    world.sweep()
    again.refresh_from_db()
    assert again.state == ItemState.SENT
    assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")] * 3
