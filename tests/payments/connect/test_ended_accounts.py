"""An account that ends stays a row: the performer begins again by a door, pay waits meanwhile, and what lay there is followed."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.inbox.models import Finding
from payments.payouts import bank
from payments.payouts.models import ReturnDecision
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from payments.webhooks import events
from tests import stories
from tests.accounts.browsing import Api, logs_in, proves
from tests.payments.world import World, usd

TOO_LONG = {"minutes": 5, "seconds": 1}
BOUNCES = "000111111116"


def said(answer: Any) -> Any:
    return json.loads(answer.content)


def closes(world: World, performer: Performer) -> PayeeAccount:
    """Stripe closes the account, and the house asks."""
    account = world.account_of(performer)
    world.control(f"accounts/{account.stripe_id}/close")
    return connect.refresh(account=account, at=world.now)


def sets_up(world: World, performer: Performer, **bank: str) -> PayeeAccount:
    """With their own bank account, or this one."""
    account = world.account_of(performer)
    world.control(f"accounts/{account.stripe_id}/onboard", **bank)
    return connect.refresh(account=account, at=world.now)


def begins_again(world: World, performer: Performer) -> PayeeAccount:
    """By the page, right after the log-in."""
    former = world.account_of(performer)
    logs_in(performer.user).post(reverse("payouts_begin_again"), {"account": former.stripe_id})
    return world.account_of(performer)


class TestClosedByStripe:
    def test_everybody_is_told_once_and_the_row_says_why(self, world: World) -> None:
        robin = world.performer()
        account = closes(world, robin)
        connect.refresh(account=account, at=world.now)
        account.refresh_from_db()
        assert (account.ended_why, account.ended_at) == ("closed", world.now)
        assert Notification.objects.filter(user=robin.user, title="Stripe closed your account").count() == 1
        assert Finding.objects.get().code == "payee_account_ended"
        robin.refresh_from_db()
        assert robin.payouts_enabled_at is None

    def test_pay_waits_and_goes_to_the_account_that_takes_its_place(self, world: World) -> None:
        robin = world.performer()
        former = closes(world, robin)
        world.earns(robin, "74.00")
        world.pays()
        assert PayItem.objects.get().hold_code == "account_closed"
        page = logs_in(robin.user).get(reverse("payouts_setup")).content.decode()
        assert "Begin again with another account" in page
        assert "Stripe closed it" in page
        logs_in(robin.user).post(reverse("payouts_setup"))
        account = sets_up(world, robin)
        assert account.pk != former.pk
        world.sweep()
        item = PayItem.objects.get()
        assert (item.state, item.destination) == (ItemState.SENT, account.stripe_id)
        assert not Finding.objects.filter(resolved_at=None).exists(), "it ended by itself"

    def test_two_current_accounts_are_impossible(self, world: World) -> None:
        robin = world.performer()
        with pytest.raises(IntegrityError, match="one_current_payee_account"):
            with transaction.atomic():
                PayeeAccount.objects.create(performer=robin, stripe_id="acct_2", created_at=world.now)


@pytest.mark.parametrize("door", ["page", "json"])
class TestBeginAgain:
    def press(self, door: str, client: Any, account_id: str) -> Any:
        if door == "page":
            return client.post(reverse("payouts_begin_again"), {"account": account_id})
        return Api(client=client).post("me/payout-account/begin-again", {"account": account_id})

    def test_needs_a_fresh_proof_and_then_opens_another(self, world: World, door: str) -> None:
        robin = world.performer()
        former = world.account_of(robin)
        client = logs_in(robin.user)
        world.wait(**TOO_LONG)
        refused = self.press(door, client, former.stripe_id)
        assert refused.status_code == (302 if door == "page" else 403)
        assert world.account_of(robin) == former
        proves(client, robin.user)
        self.press(door, client, former.stripe_id)
        former.refresh_from_db()
        assert (former.ended_why, world.account_of(robin) == former) == ("replaced", False)
        told = Notification.objects.filter(user=robin.user, title="You gave up your account at Stripe")
        assert told.count() == 1

    def test_twice_is_once(self, world: World, door: str) -> None:
        robin = world.performer()
        former, client = world.account_of(robin), logs_in(robin.user)
        for _ in range(2):
            self.press(door, client, former.stripe_id)
        assert PayeeAccount.objects.filter(performer=robin).count() == 2

    def test_is_no_way_to_end_somebody_elses(self, world: World, door: str) -> None:
        robin, sam = world.performer("Robin"), world.performer("Sam")
        theirs = world.account_of(sam).stripe_id
        assert self.press(door, logs_in(robin.user), theirs).status_code == 404
        assert world.account_of(sam).stripe_id == theirs
        self.press(door, logs_in(sam.user), theirs)
        assert world.account_of(sam).stripe_id != theirs

    def test_of_one_that_stripe_rejected_finance_opens_the_way(self, world: World, door: str) -> None:
        robin = world.performer()
        account = world.account_of(robin)
        world.control(f"accounts/{account.stripe_id}/reject")
        connect.refresh(account=account, at=world.now)
        self.press(door, logs_in(robin.user), account.stripe_id)
        assert world.account_of(robin) == account
        finance = logs_in(stories.person(world.freezer))
        if door == "page":
            finance.post(reverse("account_begin_again", args=[account.stripe_id]), {"reason": "A mix-up."})
        else:
            path = f"payee-accounts/{account.stripe_id}/begin-again"
            assert said(Api(client=finance).post(path, {"reason": "A mix-up."}))["ended_why"] == "rejected"
        account.refresh_from_db()
        assert account.ended_why == "rejected"
        note = Notification.objects.get(user=robin.user, title="Set up another account for your pay")
        assert "A mix-up." in note.body
        logs_in(robin.user).post(reverse("payouts_setup"))
        assert world.account_of(robin) != account


class TestAnotherBank:
    def test_on_the_account_that_takes_its_place_rests_like_every_change(self, world: World) -> None:
        """Else whoever has a session begins again, with a bank of their own."""
        robin = world.performer()
        begins_again(world, robin)
        world.earns(robin, "74.00")
        sets_up(world, robin, routing_number="110000000", account_number="000999999991")
        world.pays()
        assert PayItem.objects.get().hold_code == "bank_change_hold"
        world.wait(hours=73)
        connect.refresh_due(at=world.now)
        world.sweep()
        assert PayItem.objects.get().state == ItemState.SENT

    @pytest.mark.parametrize("refusal", ["account_closed", "transfers_not_allowed"])
    def test_rests_and_then_takes_what_stripe_would_not_send_to_the_former(
        self, world: World, refusal: str
    ) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="refuse", status=400, code=refusal, times=1)
        world.sweep()
        assert PayItem.objects.get().hold_code == refusal
        begins_again(world, robin)
        sets_up(world, robin, routing_number="110000000", account_number="000999999991")
        world.sweep()
        assert PayItem.objects.get().hold_code == "bank_change_hold"
        world.wait(hours=73)
        connect.refresh_due(at=world.now)
        world.sweep()
        assert PayItem.objects.get().state == ItemState.SENT

    def test_the_same_one_does_not_rest(self, world: World) -> None:
        robin = world.performer()
        begins_again(world, robin)
        world.earns(robin, "74.00")
        sets_up(world, robin)
        world.pays()
        assert PayItem.objects.get().state == ItemState.SENT


class TestWhatLiesThere:
    def bounced_on_a_closed_account(self, world: World) -> tuple[Performer, PayeeAccount]:
        """The payout was on its way when Stripe closed the account; then the bank sent it back."""
        robin = world.performer(onboarded=False)
        world.banks_with(robin, BOUNCES)
        world.earns(robin, "74.00")
        world.pays()
        former = world.account_of(robin)
        while not former.bank_payouts.filter(status="in_transit").exists():
            world.wait(days=1)
            bank.settle(at=world.now)
        closes(world, robin)
        for _ in range(5):
            world.wait(days=1)
            bank.settle(at=world.now)
        former.refresh_from_db()
        return robin, former

    def test_is_shown_to_the_performer_and_to_finance(self, world: World) -> None:
        robin, former = self.bounced_on_a_closed_account(world)
        assert former.left_minor == {"usd": usd("74.00")}
        words = "74.00 USD lies on your former account at Stripe"
        assert words in logs_in(robin.user).get(reverse("my_pay")).content.decode()
        assert (
            "still lies there and is followed"
            in logs_in(robin.user).get(reverse("payouts_setup")).content.decode()
        )
        read = said(Api(client=logs_in(robin.user)).get("me/payout-account"))
        assert (read["ready"], read["ended_why"]) == (False, "closed")
        finance = logs_in(stories.person(world.freezer))
        assert "Take it back" in finance.get(reverse("payday_held")).content.decode()
        [row] = said(Api(client=finance).get("payee-accounts/ended"))["data"]
        assert (row["id"], row["next"]) == (former.stripe_id, "take_back")
        assert row["left"] == [{"amount_minor": usd("74.00"), "currency": "usd"}]
        codes = set(Finding.objects.filter(resolved_at=None).values_list("code", flat=True))
        assert codes == {"payee_account_ended", "money_on_ended_account"}
        finance.post(reverse("account_write", args=[former.stripe_id]))
        assert Notification.objects.filter(user=robin.user, body__startswith="74.00 USD lies there").exists()

    def paid_out(self, world: World) -> tuple[Performer, PayeeAccount, Any]:
        """Into the bank, as Stripe says; with what news of that payout are about."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        account = world.account_of(robin)
        while PayItem.objects.get().state != ItemState.SETTLED:
            world.wait(days=1)
            bank.settle(at=world.now)
        payout = account.bank_payouts.get()
        return robin, account, {"told": {"id": payout.stripe_id}, "account": account.stripe_id}

    def test_what_failed_after_it_was_paid_is_heard_though_stripe_shows_it_no_more(
        self, world: World
    ) -> None:
        robin, former, about = self.paid_out(world)
        closes(world, robin)
        for kind in ("paid", "failed", "updated"):  # news of one subject are worked together
            world.deliver_event(f"payout.{kind}", **about, event_id=f"evt_{kind}")
        events.work(at=world.now)
        for _ in range(2):
            bank.settle(at=world.now)
            former.refresh_from_db()
            assert PayItem.objects.get().state == ItemState.SENT
            assert former.left_minor == {"usd": usd("74.00")}
            world.wait(days=1)
        assert Notification.objects.filter(user=robin.user, kind="bank_failed").count() == 1
        assert Finding.objects.filter(code="money_on_ended_account", resolved_at=None).exists()

    @pytest.mark.parametrize("is_known", [False, True])
    def test_what_failed_just_before_it_was_closed_is_believed_once_nobody_can_be_asked(
        self, world: World, *, is_known: bool
    ) -> None:
        """The news come while the account stands, and before it is read Stripe has closed it; the house knows, or finds out by
        that."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        former = world.account_of(robin)
        while PayItem.objects.get().state != ItemState.SETTLED:
            world.wait(days=1)
            bank.settle(at=world.now)
        payout = former.bank_payouts.get()
        about: Any = {"told": {"id": payout.stripe_id}, "account": former.stripe_id}
        world.deliver_event("payout.failed", **about, event_id="evt_failed")
        events.work(at=world.now)
        assert PayItem.objects.get().state == ItemState.SETTLED
        world.control(f"accounts/{former.stripe_id}/close")
        if is_known:
            connect.refresh(account=former, at=world.now)
        for _ in range(3):
            world.wait(days=1)
            connect.refresh_due(at=world.now)
            bank.settle(at=world.now)
        former.refresh_from_db()
        assert PayItem.objects.get().state == ItemState.SENT
        assert former.left_minor == {"usd": usd("74.00")}
        assert Notification.objects.filter(user=robin.user, kind="bank_failed").count() == 1

    def test_of_an_account_that_stands_no_event_is_believed(self, world: World) -> None:
        _, account, about = self.paid_out(world)
        world.deliver_event("payout.failed", **about, event_id="evt_untrue")
        assert events.work(at=world.now) == 1
        bank.settle(at=world.now)
        payout = account.bank_payouts.get()
        assert (payout.status, PayItem.objects.get().state) == ("paid", ItemState.SETTLED)
        assert not Notification.objects.filter(kind="bank_failed").exists()

    @pytest.mark.parametrize("door", ["page", "json"])
    def test_is_taken_back_paid_again_to_the_other_account_and_arrives(self, world: World, door: str) -> None:
        robin, former = self.bounced_on_a_closed_account(world)
        logs_in(robin.user).post(reverse("payouts_setup"))
        sets_up(world, robin)
        finance = logs_in(stories.person(world.freezer))
        world.wait(**TOO_LONG)

        def press() -> None:
            if door == "page":
                finance.post(reverse("account_take_back", args=[former.stripe_id]))
            else:
                Api(client=finance).post(f"payee-accounts/{former.stripe_id}/take-back")

        press()
        assert PayItem.objects.get().state == ItemState.SENT, "a stale proof takes nothing"
        proves(finance, stories.person(world.freezer))
        press()
        item = PayItem.objects.get()
        assert item.state == ItemState.REVERSED
        finance.post(
            reverse("returned_decide", args=[item.public_id]), {"what": "pay_again", "reason": "It bounced."}
        )
        assert ReturnDecision.objects.get().amount_minor == usd("74.00")
        again = PayItem.objects.exclude(pk=item.pk).get()
        world.wait(hours=73)
        connect.refresh_due(at=world.now)
        world.sweep()
        for _ in range(9):
            world.wait(days=1)
            bank.settle(at=world.now)
        again.refresh_from_db()
        item.refresh_from_db()
        assert (again.state, again.destination) == (ItemState.SETTLED, world.account_of(robin).stripe_id)
        assert item.destination == former.stripe_id, "where it went stays"
        assert Notification.objects.filter(user=robin.user, title="74.00 USD is in your bank").exists()
        former.refresh_from_db()
        assert (former.left_minor, former.bank_due_at) == ({}, None), "followed until nothing was left"
        assert not Finding.objects.filter(resolved_at=None).exclude(code="stray_money").exists()

    def test_nothing_is_taken_where_stripe_still_pays_it_out(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        former = world.account_of(robin)
        begins_again(world, robin)
        bank.settle(at=world.now)
        finance = logs_in(stories.person(world.freezer))
        path = f"payee-accounts/{former.stripe_id}/take-back"
        assert said(Api(client=finance).post(path))["code"] == "account_still_pays_out"
        assert PayItem.objects.get().state == ItemState.SENT
        for _ in range(9):
            world.wait(days=1)
            bank.settle(at=world.now)
        assert PayItem.objects.get().state == ItemState.SETTLED, "it was followed to its bank"
