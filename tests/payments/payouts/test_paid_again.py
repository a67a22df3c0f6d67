"""What came back in parts is paid again in parts, each by keys of its own."""

from payments.gateway.client import client
from payments.payouts import returns, reversals
from payments.payroll import holds
from payments.payroll.models import PayItem
from tests.payments.world import World, sent_amounts, usd


def test_a_part_that_was_refused_takes_no_key_of_the_next(world: World) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    world.pays()
    item = PayItem.objects.get()
    first = _comes_back(world, item, "24.00")
    world.control(
        "faults", on="POST /v1/transfers", do="refuse", times=1, code="balance_insufficient", status=400
    )
    world.sweep()
    second = _comes_back(world, item, "20.00")
    first.refresh_from_db()
    holds.release(item=first, by=world.freezer, at=world.now)
    world.sweep()
    assert set(PayItem.objects.values_list("pk", "state")) == {
        (each.pk, "sent") for each in (item, first, second)
    }
    assert sorted(sent_amounts(world.transfers_to(robin))) == [usd("20.00"), usd("24.00"), usd("74.00")]


def _comes_back(world: World, item: PayItem, amount: str) -> PayItem:
    """So much of it, and that is paid again: the item that does."""
    known = set(PayItem.objects.values_list("pk", flat=True))
    client().v1.transfers.reversals.create(item.transfer_id, {"amount": usd(amount)})
    world.wait(minutes=20)
    reversals.read_transfers(at=world.now)
    returns.decide(item=item, what="pay_again", reason="It bounced.", by=world.freezer, at=world.now)
    return PayItem.objects.exclude(pk__in=known).get()
