"""A bank account that was changed is told to every address that the performer had lately, not only to the newest."""

from django.core import mail

from accounts.notifications.operations import send_due_mail
from accounts.security import addresses
from payments.connect import operations as connect
from tests.payments.world import World


def test_is_told_to_the_former_address_too(world: World) -> None:
    performer = world.performer()
    addresses.note_change(user=performer.user, former="former@example.org", at=world.now)
    world.wait(hours=1)
    account = world.account_of(performer)
    path = f"accounts/{account.stripe_id}/onboard"
    world.control(path, routing_number="110000000", account_number="000999999991")
    connect.refresh(account=account, at=world.now)
    assert world.account_of(performer).is_bank_on_hold(world.now)
    send_due_mail(at=world.now)
    told = [letter.to for letter in mail.outbox if letter.subject == "Your bank account was changed"]
    assert sorted(told) == sorted([["former@example.org"], [performer.user.email]])
