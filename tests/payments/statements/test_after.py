"""What a performer sees of money after the fact: what came back, what was too much, what was kept, and why."""

from accounts.performers.models import Performer
from payments.gateway.client import client
from payments.payouts import returns, reversals
from payments.payroll.models import PayItem
from tests.accounts.browsing import Api, body_of, dollars, logs_in
from tests.payments.payroll.test_recoveries import MONDAYS, a_payday, earns, is_overpaid, robin
from tests.payments.world import World, usd

__all__ = ["robin"]


def sees(robin: Performer) -> str:
    page: str = logs_in(robin.user).get("/pay/").content.decode()
    return " ".join(page.split())


def stands(robin: Performer) -> dict[str, object]:
    found: dict[str, object] = body_of(Api(robin.user).get("me/standing"))
    return found


def explained(robin: Performer, item: PayItem) -> str:
    steps = body_of(Api(robin.user).get(f"explain/{item.public_id}"))["data"]
    return " ".join(step["sentence"] for step in steps)


def test_what_came_back_is_neither_in_the_bank_nor_on_its_way(world: World, robin: Performer) -> None:
    item = PayItem.objects.get()
    client().v1.transfers.reversals.create(item.transfer_id, {"amount": usd("40.00")})
    reversals.read_transfers(at=world.now)
    found = stands(robin)
    assert (found["returned"], found["on_its_way"]) == (dollars(usd("40.00")), dollars(usd("110.00")))
    assert "40.00 USD of your pay came back to us" in sees(robin)
    assert "40.00 USD of it came back from the Stripe account." in explained(robin, item)
    returns.decide(item=item, what="pay_again", reason="Their bank answers.", by=world.freezer, at=world.now)
    world.sweep()
    found = stands(robin)
    assert (found["returned"], found["on_its_way"]) == (dollars(0), dollars(usd("150.00")))
    assert "Pay again: 40.00 USD. Their bank answers." in explained(robin, item)


def test_what_was_too_much_is_shown_and_what_is_kept_for_it(world: World, robin: Performer) -> None:
    is_overpaid(world, robin, "30.00", MONDAYS[0])
    assert stands(robin)["overpaid"] == dollars(usd("30.00"))
    assert "You were paid 30.00 USD too much" in sees(robin)
    below = PayItem.objects.latest("id")
    assert "that much was paid too much" in explained(robin, below)
    page = " ".join(logs_in(robin.user).get(f"/pay/statements/{below.public_id}/").content.decode().split())
    assert "Corrections outweigh what you earned" in page
    assert "Nothing to send" in page
    world.wait(days=7)
    earns(world, robin, "40.00", MONDAYS[1])
    a_payday(world, MONDAYS[1])
    kept = PayItem.objects.latest("id")
    assert "10.00 USD of it was kept" in explained(robin, kept)
    page = " ".join(logs_in(robin.user).get(f"/pay/statements/{kept.public_id}/").content.decode().split())
    assert "10.00 USD was kept" in page
    assert stands(robin)["overpaid"] == dollars(usd("20.00"))
