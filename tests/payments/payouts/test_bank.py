"""After the transfer: the bank. A payout that fails is no reason to transfer again."""

from datetime import timedelta

from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from payments.connect import operations as connect
from payments.gateway.client import client
from payments.payouts import bank
from payments.payouts.models import BankPayout
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests.payments.world import World, sent_amounts, usd


def days_pass(world: World, days: int) -> None:
    for _ in range(days):
        world.wait(days=1)
        bank.settle(at=world.now)


def pays_out_by_hand(world: World, performer: Performer, amount: str) -> str:
    """What the performer does on their own dashboard at Stripe; the id of the payout."""
    account = world.account_of(performer).stripe_id
    made = client().v1.payouts.create({"amount": usd(amount), "currency": "usd"}, {"stripe_account": account})
    return made.id


class TestArrival:
    def test_the_money_is_followed_into_the_bank(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 7)
        assert PayItem.objects.get().state == ItemState.SETTLED
        payout = BankPayout.objects.get()
        assert (payout.status, payout.amount_minor) == ("paid", usd("74.00"))

    def test_paid_can_become_failed_and_nothing_is_sent_again(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        account = world.account_of(robin)
        world.control(
            f"accounts/{account.stripe_id}/onboard", routing_number="110000000", account_number="000111111116"
        )
        connect.refresh(account=account, at=world.now)
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 9)
        world.sweep()
        payout = BankPayout.objects.get(status="failed")
        assert payout.failure_code == "no_account"
        assert PayItem.objects.get().state == ItemState.SENT
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
        assert Notification.objects.filter(user=robin.user, kind="bank_failed").exists()

    def test_paid_again_to_another_bank_after_it_failed(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.banks_with(robin, "000111111116")
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 9)
        assert PayItem.objects.get().state == ItemState.SENT
        world.banks_with(robin, "000123456789")
        days_pass(world, 9)
        assert PayItem.objects.get().state == ItemState.SETTLED
        failed, paid = BankPayout.objects.order_by("pk")
        assert (failed.status, paid.status) == ("failed", "paid")
        assert list(failed.transfers.all()) == list(paid.transfers.all()) != []

    def test_a_payout_by_hand_is_followed_though_stripe_does_not_say_what_it_carries(
        self, world: World
    ) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        account = world.account_of(robin).stripe_id
        client().v1.transfers.create({"amount": usd("26.00"), "currency": "usd", "destination": account})
        first, second, third = (pays_out_by_hand(world, robin, part) for part in ("50.00", "24.00", "26.00"))
        days_pass(world, 7)
        carries = dict(BankPayout.objects.values_list("stripe_id", "carries"))
        paid, tip = (transfer["destination_payment"] for transfer in world.transfers_to(robin))
        assert carries == {first: [], second: [paid], third: [tip]}
        assert PayItem.objects.get().state == ItemState.SETTLED

    def test_a_payout_by_hand_that_failed_is_paid_again_with_the_next(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        by_hand = pays_out_by_hand(world, robin, "74.00")
        days_pass(world, 3)
        assert PayItem.objects.get().state == ItemState.SETTLED
        world.control(f"payouts/{by_hand}/fail")
        days_pass(world, 1)
        assert PayItem.objects.get().state == ItemState.SENT
        world.banks_with(robin, "000123456789")
        days_pass(world, 7)
        assert PayItem.objects.get().state == ItemState.SETTLED
        assert BankPayout.objects.get(status="paid").transfers.count() == 1

    def test_a_payout_by_hand_that_failed_is_paid_again_by_hand(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        world.control(f"payouts/{pays_out_by_hand(world, robin, '74.00')}/fail")
        world.banks_with(robin, "000123456789")
        pays_out_by_hand(world, robin, "74.00")
        days_pass(world, 4)
        failed, paid = BankPayout.objects.order_by("status")
        assert (failed.status, paid.status) == ("failed", "paid")
        assert failed.carries == paid.carries != []
        assert PayItem.objects.get().state == ItemState.SETTLED

    def test_what_went_by_hand_is_not_carried_by_the_next_as_well(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        pays_out_by_hand(world, robin, "74.00")
        world.control("balance", account=world.account_of(robin).stripe_id, amount=usd("5.00"))
        days_pass(world, 7)
        by_itself = BankPayout.objects.get(amount_minor=usd("5.00"))
        assert (by_itself.status, by_itself.carries) == ("paid", [])

    def test_a_transfer_that_was_adopted_after_its_payout_is_settled_too(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="drop_after", times=1)
        world.sweep()
        world.wait(days=7)
        bank.refresh_payouts(account=world.account_of(robin), at=world.now)
        assert BankPayout.objects.get().status == "paid"
        world.sweep()
        assert PayItem.objects.get().state == ItemState.SENT
        days_pass(world, 1)
        assert PayItem.objects.get().state == ItemState.SETTLED

    def test_a_bounce_and_its_second_try_that_are_read_at_once_end_in_the_bank(self, world: World) -> None:
        """Whatever was read in which order: the last payout that carries it counts."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        world.control(f"payouts/{pays_out_by_hand(world, robin, '74.00')}/fail")
        world.banks_with(robin, "000123456789")
        world.wait(minutes=1)
        pays_out_by_hand(world, robin, "74.00")
        world.wait(days=4)
        bank.settle(at=world.now)
        assert PayItem.objects.get().state == ItemState.SETTLED
        assert BankPayout.objects.count() == 2

    def test_the_performer_is_told_of_the_arrival_and_of_a_bounce_after_it(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        by_hand = pays_out_by_hand(world, robin, "74.00")
        days_pass(world, 4)
        titles = Notification.objects.filter(user=robin.user).values_list("title", flat=True)
        assert list(titles).count("74.00 USD is in your bank") == 1
        world.control(f"payouts/{by_hand}/fail")
        days_pass(world, 1)
        assert "Your bank sent 74.00 USD back" in titles.all()


class TestWhatIsDue:
    def test_an_account_of_which_nothing_moves_is_never_read(self, world: World) -> None:
        robin = world.performer()
        assert bank.settle(at=world.now) == 0
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 20)
        assert PayItem.objects.get().state == ItemState.SETTLED
        assert world.account_of(robin).bank_due_at is None
        assert bank.settle(at=world.now) == 0

    def test_news_of_it_makes_it_due_at_once(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        bank.read_soon(stripe_id=world.account_of(robin).stripe_id, at=world.now)
        assert bank.settle(at=world.now) == 1
        assert world.account_of(robin).bank_due_at == world.now + bank.ASK_DAILY

    def test_news_of_a_payout_are_read_however_old_it_is(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 60)
        account, payout = world.account_of(robin).stripe_id, BankPayout.objects.get(status="paid")
        # Other news of the account are read in between, and this payout lies long before them.
        bank.read_soon(stripe_id=account, at=world.now)
        assert bank.settle(at=world.now) == 1
        world.control(f"payouts/{payout.stripe_id}/fail", code="account_closed")
        bank.read_soon(stripe_id=account, payout_id=payout.stripe_id, at=world.now)
        bank.settle(at=world.now)
        payout.refresh_from_db()
        assert (payout.status, payout.failure_code) == ("failed", "account_closed")

    def test_one_that_cannot_be_read_backs_off_alone(self, world: World) -> None:
        people = [world.performer(name) for name in ("Robin", "Sam")]
        for performer in people:
            world.earns(performer, "74.00")
        world.pays()
        world.wait(days=4)
        world.control("faults", on="GET /v1/payouts", do="500_before", times=1)
        assert bank.settle(at=world.now) == 2
        tries = sorted(world.account_of(performer).bank_tries for performer in people)
        assert tries == [0, 1]
        assert bank.settle(at=world.now) == 0, "it waits"
        world.wait(minutes=1)
        assert bank.settle(at=world.now) == 1
        assert BankPayout.objects.count() == 2

    def test_news_that_comes_while_it_is_read_leaves_it_due(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        account = world.account_of(robin)
        bank.read_soon(stripe_id=account.stripe_id, at=world.now + timedelta(seconds=1))
        bank.refresh_payouts(account=account, at=world.now)
        assert world.account_of(robin).bank_due_at == world.now + timedelta(seconds=1)


class TestAccounts:
    def test_two_presses_open_one_account(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        again = connect.open_account(performer=robin, by=connect.SYSTEM, at=world.now)
        assert again.stripe_id == world.account_of(robin).stripe_id

    def test_polling_finds_what_a_lost_webhook_would_have_told(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.control(f"accounts/{world.account_of(robin).stripe_id}/onboard")
        world.wait(minutes=30)
        connect.refresh_due(at=world.now)
        robin.refresh_from_db()
        assert robin.payouts_enabled_at is not None

    def test_a_changed_bank_is_noticed_and_its_owner_told(self, world: World) -> None:
        robin = world.performer()
        account = world.account_of(robin)
        world.control(
            f"accounts/{account.stripe_id}/onboard", routing_number="110000000", account_number="000222222227"
        )
        account = connect.refresh(account=account, at=world.now)
        assert account.bank_changed_at == world.now
        assert Notification.objects.filter(user=robin.user, kind="bank_changed").exists()
