"""A currency is looked at wherever it comes in: what is of another is never booked as ours."""

from dataclasses import replace

import pytest

from kit.money import Money
from payments.funding import following
from payments.funding import operations as funding
from payments.gateway import balance, checkout
from payments.inbox.models import Finding
from payments.payouts import bank
from payments.payouts.models import Transfer
from tests import stories
from tests.payments.world import World, compared, usd


def codes() -> set[str]:
    return set(Finding.objects.filter(resolved_at=None).values_list("code", flat=True))


def test_money_in_a_currency_that_the_house_does_not_take_is_found_and_ends_by_itself(world: World) -> None:
    platform = balance.platform_account_id()
    world.control("balance", account=platform, amount=5_000, currency="eur")
    compared(at=world.now)
    assert "money_of_other_currency" in codes()
    world.control("balance", account=platform, amount=-5_000, currency="eur")
    world.wait(days=1)
    compared(at=world.now)
    assert "money_of_other_currency" not in codes()


def test_a_payment_that_settles_in_another_currency_is_not_booked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox settles as it charges, so Stripe's answer is changed on its way in."""
    paid = funding.start(
        company=world.company,
        amount=Money(usd("500.00"), "usd"),
        by=stories.owner_of(world.company),
        at=world.now,
    )
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
    read = checkout.payment

    def settled_in_euros(payment_id: str) -> checkout.PaymentFacts:
        facts = read(payment_id)
        return replace(facts, movements=[replace(each, currency="eur") for each in facts.movements])

    with monkeypatch.context() as patched:
        patched.setattr(checkout, "payment", settled_in_euros)
        following.refresh(funding=paid, at=world.now)
    assert "payment_of_other_amount" in codes()
    assert not paid.movements.exists()
    following.refresh(funding=paid, at=world.now)
    assert paid.movements.count() == 1


def test_a_payout_in_another_currency_than_was_sent_is_found(world: World) -> None:
    robin = world.performer()
    world.earns(robin, "74.00")
    world.pays()
    Transfer.objects.update(currency="eur")  # Stripe sends only what was asked for, so the mirror is changed
    world.wait(days=4)
    bank.settle(at=world.now)
    assert "payout_of_other_currency" in codes()
    Transfer.objects.update(currency="usd")
