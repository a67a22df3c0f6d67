"""The pages of pay, as a browser without scripts walks them."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.identity.models import User
from accounts.notifications.models import Notification
from accounts.notifications.operations import send_due_mail
from kit.money import Money
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding import following
from payments.funding import operations as funding
from payments.gateway import balance
from payments.inbox.models import Finding, Halt
from payments.payouts import bank
from payments.payouts.models import BankPayout
from payments.payroll import accrual
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.webhooks.models import InboundEvent
from tests import stories
from tests.accounts.browsing import browser, logs_in
from tests.payments.world import World, a_week


def logged_in(actor: Actor) -> Client:
    return browser(stories.person(actor))


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == HTTPStatus.OK, (name, answer.status_code)
    return answer.content.decode()


class TestAPerformer:
    def test_sees_where_the_money_is_and_follows_it_down(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "100.00", "37.50")
        me = browser(robin.user)
        assert "No payday yet" in page(me, "my_pay")
        run = world.pays()
        item = PayItem.objects.get(run=run)
        assert "137.50" in page(me, "my_pay")
        said = page(me, "statement", item.public_id)
        assert "137.50 USD went to Robin" in said
        assert said.count('class="earned"') == 2
        assert "It pays 2 lines" in said
        assert "On its way" in page(me, "week_money_fragment")

    def test_sees_the_day_on_which_it_is_paid(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "100.00")
        world.now -= timedelta(days=3)
        accrual.accrue(at=world.now)
        said = page(browser(robin.user), "week_money_fragment")
        assert "Earned, next payday" in said
        assert "Fri 20 Nov" in said

    def test_sees_no_one_elses_statement(self, world: World) -> None:
        world.earns(world.performer(), "100.00")
        item = PayItem.objects.get(run=world.pays())
        another = browser(world.performer("Sam").user)
        assert another.get(reverse("statement", args=[item.public_id])).status_code == HTTPStatus.NOT_FOUND

    def test_goes_to_stripes_form_and_comes_back_to_what_is_missing(self, world: World) -> None:
        robin = world.performer(account=False)
        me = logs_in(robin.user)
        assert "Open Stripe's form" in page(me, "payouts_setup")
        sent = me.post(reverse("payouts_setup"))
        assert sent.status_code == HTTPStatus.FOUND
        assert "/pay/setup/" not in sent.headers["Location"]
        back = me.get(reverse("payouts_setup"), {"back": "1"}).content.decode()
        assert "Your bank account" in back
        assert "identity.individual" not in back
        world.control(f"accounts/{world.account_of(robin).stripe_id}/onboard")
        assert "You are ready to be paid" in me.get(reverse("payouts_setup"), {"back": "1"}).content.decode()


class TestACompany:
    def test_funds_its_wallet_at_stripes_checkout(self, world: World) -> None:
        owner = logged_in(stories.owner_of(world.company))
        path = reverse("company_wallet", args=[world.company.public_id])
        assert "100,000.00" in owner.get(path).content.decode()
        wrong = owner.post(path, {"amount": "lots"})
        assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert 'value="lots"' in wrong.content.decode()
        assert "Write an amount such as" in wrong.content.decode()
        sent = owner.post(path, {"amount": "1,250.00"})
        assert sent.status_code == HTTPStatus.FOUND
        assert "checkout" in sent.headers["Location"] or "/c/" in sent.headers["Location"]
        assert "1,250.00 USD" in owner.get(path).content.decode()

    def test_sets_money_aside_for_a_gig(self, world: World) -> None:
        gig = stories.a_gig(world.company)
        owner = logged_in(stories.owner_of(world.company))
        path = reverse("company_wallet", args=[world.company.public_id])
        assert gig.title in owner.get(path).content.decode()
        sent = {f"{gig.public_id}-amount": "500", f"{gig.public_id}-request_id": "req_test"}
        answer = owner.post(reverse("gig_set_aside", args=[gig.public_id]), sent, follow=True)
        assert "500.00 USD is set aside" in answer.content.decode()
        assert "Into a gig&#x27;s budget" in answer.content.decode()
        wrong = sent | {f"{gig.public_id}-amount": "half"}
        answer = owner.post(reverse("gig_set_aside", args=[gig.public_id]), wrong, follow=True)
        assert "Nothing was moved" in answer.content.decode()

    def test_sees_no_other_wallet(self, world: World) -> None:
        other = logged_in(stories.owner_of(stories.a_company()))
        path = reverse("company_wallet", args=[world.company.public_id])
        assert other.get(path).status_code == HTTPStatus.NOT_FOUND


class TestPayday:
    def test_from_closing_to_an_approval_that_asks_for_the_second_factor(self, world: World) -> None:
        world.earns(world.performer(), "100.00")
        one, two = logged_in(world.freezer), logged_in(world.approver)
        assert "Open its pay run" in page(one, "payday")
        assert (
            "cannot be closed"
            in one.post(reverse("payday_close"), {"week": "2031-01-06"}, follow=True).content.decode()
        )
        one.post(reverse("payday_close"), {"week": a_week().starts_on.isoformat()})
        assert "Freeze the run" in page(one, "payday")
        run = PayRun.objects.get()
        one.post(reverse("payday_freeze", args=[run.public_id]))
        run.refresh_from_db()
        assert run.state == RunState.FROZEN
        assert "someone else in finance approves" in page(one, "payday")
        seen = page(two, "payday")
        assert "Approve and pay 100.00 USD" in seen
        assert run.content_hash in seen
        approve = reverse("payday_approve", args=[run.public_id])
        sent = two.post(approve, {"content_hash": run.content_hash})
        assert sent.status_code == HTTPStatus.FOUND
        assert sent.headers["Location"].startswith(reverse("mfa_reauthenticate"))
        run.refresh_from_db()
        assert run.state == RunState.FROZEN
        assert page(two, "payday_progress", run.public_id)
        cancel = reverse("payday_cancel", args=[run.public_id])
        assert one.post(cancel, {"reason": " "}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        run.refresh_from_db()
        assert run.state == RunState.FROZEN
        one.post(cancel, {"reason": "A line was wrong."})
        run.refresh_from_db()
        assert run.state == RunState.CANCELLED

    def test_shows_the_sum_that_must_agree(self, world: World) -> None:
        world.earns(world.performer(), "100.00")
        world.pays()
        said = page(logged_in(world.freezer), "payday")
        assert "It agrees to the cent" in said
        assert all(figure in said for figure in ("115.00", "100.00", "15.00"))

    def test_a_halt_stands_on_top_until_someone_says_why_it_is_safe(self, world: World) -> None:
        Halt.objects.create(code="test", detail="Something cannot be right.", raised_at=world.now)
        finance = logged_in(world.freezer)
        assert "Payouts stand still" in page(finance, "payday")
        assert "waits until that is lifted" in page(finance, "payday_held")
        halt = Halt.objects.get()
        finance.post(reverse("halt_lift", args=[halt.public_id]), {"note": "Looked at, a test."})
        assert "Payouts stand still" not in page(finance, "payday")


class TestHeld:
    def test_says_why_what_mends_it_who_was_told_and_reminds(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.earns(robin, "100.00")
        world.pays()
        item = PayItem.objects.get(state=ItemState.HELD)
        finance = logged_in(world.freezer)
        now = page(finance, "payday_fragment")
        assert "100.00 USD held: Stripe still needs something" in now
        assert "1 performer, the first" in now
        assert f"{reverse('payday_held')}?code=" in now
        said = page(finance, "payday_held")
        assert "Stripe still needs something" in said
        assert "Finish the bank set-up" in said
        assert f"{robin.user.name}: in the app" in said
        world.wait(days=1)
        remind = reverse("held_remind", args=[item.public_id])
        assert "They were written to." in finance.post(remind, follow=True).content.decode()
        assert "today already" in finance.post(remind, follow=True).content.decode()
        assert "Stripe still needs something" in page(finance, "statement", item.public_id)
        assert "Set up how you are paid" in page(browser(robin.user), "my_pay")


class TestHeldByReason:
    def run_out(self, world: World, names: list[str]) -> list[PayItem]:
        """All of a run is refused because the balance at Stripe ran out meanwhile."""
        for name in names:
            world.earns(world.performer(name), "100.00")
        world.an_approved_run()
        refusal = {"on": "POST /v1/transfers", "do": "refuse", "code": "balance_insufficient", "status": 400}
        world.control("faults", **refusal, times=len(names))
        world.sweep()
        return list(PayItem.objects.filter(state=ItemState.HELD, hold_code="balance_insufficient"))

    def at_stripe(self, world: World, minor: int) -> None:
        now = balance.available_minor(currency="usd")
        world.control("balance", account=balance.platform_account_id(), amount=minor - now, currency="usd")

    def test_says_how_much_is_missing_and_then_all_go_out_with_one_press(self, world: World) -> None:
        names = ["Robin", "Sam", "Kim", "Lou", "Max", "Noa", "Pat"]
        assert len(self.run_out(world, names)) == 7
        self.at_stripe(world, 50_00)
        finance = logged_in(world.freezer)
        said = page(finance, "payday_held")
        assert "Bring in 650.00 USD" in said
        assert "700.00" in said
        assert "Try all" not in said
        assert "All 7 that are held for this" in said
        whole = finance.get(reverse("payday_held"), {"code": "balance_insufficient"}).content.decode()
        assert all(name in whole for name in names)
        self.at_stripe(world, 700_00)
        assert "Try all 7 again" in page(finance, "payday_held")
        pressed = {"code": "balance_insufficient"}
        answer = finance.post(reverse("held_retry_all"), pressed, follow=True)
        assert "7 go out again now" in answer.content.decode()
        world.sweep()
        assert set(PayItem.objects.values_list("state", flat=True)) == {ItemState.SENT}
        assert len(world.books()["transfers"]) == 7
        again = finance.post(reverse("held_retry_all"), pressed, follow=True)
        assert "Nothing waits for that." in again.content.decode()

    def test_says_who_was_told_by_mail_and_when_in_the_readers_zone(self, world: World) -> None:
        self.run_out(world, ["Robin", "Sam"])
        User.objects.filter(pk=world.freezer.user_id or 0).update(time_zone="America/New_York")
        finance = logged_in(world.freezer)
        assert "the mail is on its way" in page(finance, "payday_held")
        send_due_mail(at=world.now)
        said = " ".join(page(finance, "payday_held").split())
        assert "the mail is on its way" not in said
        assert said.count("Robin: in the app and by mail") == 1
        assert said.count("Fran, Ana: in the app and by mail") == 2
        assert "10:00 your time (EST)" in said

    def test_leads_to_stripe_and_offers_another_try_where_stripe_must_be_read_first(
        self, world: World
    ) -> None:
        robin = world.performer()
        world.earns(robin, "100.00")
        world.an_approved_run()
        world.control("faults", on="POST /v1/transfers", do="refuse", code="of_2031", status=400, times=1)
        world.sweep()
        said = page(logged_in(world.freezer), "payday_held")
        assert "of_2031" in said
        assert "Look at Stripe" in said
        assert "Seen, try again" in said

    def test_reminds_those_who_can_mend_it_and_not_whom_stripe_rejected(self, world: World) -> None:
        robin, sam = world.performer("Robin", onboarded=False), world.performer("Sam", onboarded=False)
        world.control(f"accounts/{world.account_of(sam).stripe_id}/reject", reason="fraud")
        connect.refresh(account=world.account_of(sam), at=world.now)
        for performer in (robin, sam):
            world.earns(performer, "100.00")
        world.pays()
        finance = logged_in(world.freezer)
        assert "Stripe rejected this account" in page(finance, "payday_held")
        pressed = {"code": "payout_account_not_ready"}
        assert (
            "They were written to, 1 in all."
            in finance.post(reverse("held_remind_all"), pressed, follow=True).content.decode()
        )
        assert Notification.objects.filter(key__contains=":reminder:").get().user == robin.user

    def test_offers_another_try_once_the_account_is_ready(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "100.00")
        world.an_approved_run()
        code = "insufficient_capabilities_for_transfer"
        world.control("faults", on="POST /v1/transfers", do="refuse", code=code, status=400, times=1)
        world.sweep()
        finance = logged_in(world.freezer)
        said = page(finance, "payday_held")
        assert "Try again" in said
        assert "Remind Robin" not in said

    def test_a_bank_change_says_when_it_goes_out_and_has_no_button(self, world: World) -> None:
        robin = world.performer()
        world.banks_with(robin, "000999999999")
        PayeeAccount.objects.update(bank_changed_at=world.now)
        world.earns(robin, "100.00")
        world.pays()
        said = page(logged_in(world.freezer), "payday_held")
        assert "Goes out by itself after" in said
        assert "Mon 23 Nov" in said
        assert "/retry/" not in said
        world.wait(hours=73)
        assert "Try again" in page(logged_in(world.freezer), "payday_held")

    def test_a_bank_that_sent_money_back_is_shown_with_who_was_told_and_a_reminder(
        self, world: World
    ) -> None:
        robin = world.performer(onboarded=False)
        world.banks_with(robin, "000111111116")
        world.earns(robin, "74.00")
        world.pays()
        for _ in range(9):
            world.wait(days=1)
            bank.settle(at=world.now)
        finance = logged_in(world.freezer)
        said = page(finance, "payday_held")
        assert "The bank does not know this account." in said
        assert "Robin: in the app" in said
        payout = BankPayout.objects.get(status="failed")
        world.wait(days=1)
        remind = reverse("held_remind_bank", args=[payout.stripe_id])
        assert "They were written to." in finance.post(remind, follow=True).content.decode()
        assert "today already" in finance.post(remind, follow=True).content.decode()
        assert finance.post(reverse("held_remind_bank", args=["po_none"])).status_code == HTTPStatus.NOT_FOUND

    def test_a_payment_that_did_not_come_in_says_why_in_plain_words(self, world: World) -> None:
        paid = funding.start(
            company=world.company,
            amount=Money(500_00, "usd"),
            by=stories.owner_of(world.company),
            at=world.now,
        )
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_usBankAccount_insufficientFunds")
        for _ in range(6):
            world.wait(days=1)
            following.refresh_due(at=world.now)
        said = page(logged_in(world.freezer), "payday_held")
        assert "There was not enough money for it." in said
        assert "insufficient_funds" in said
        told = Notification.objects.get(kind="funding", key__endswith=":failed")
        assert told.title == "The payment of 500.00 USD did not go through"


class TestReconciling:
    def test_puts_our_books_beside_stripes(self, world: World) -> None:
        world.earns(world.performer(), "100.00")
        world.pays()
        said = page(logged_in(world.freezer), "reconcile")
        assert "does not hold" not in said
        assert "do not hold" not in said

    def test_the_inbox_keeps_a_finding_until_it_is_explained(self, world: World) -> None:
        Finding.objects.create(
            code="webhook_for_nobody",
            thing="acct_none",
            detail="Nobody here.",
            found_at=world.now - timedelta(hours=1),
        )
        finding = Finding.objects.get()
        finance = logged_in(world.freezer)
        assert "Nobody here." in page(finance, "finance_inbox")
        finance.post(reverse("finding_resolve", args=[finding.public_id]), {"resolution": "A test account."})
        assert "Everything adds up" in page(finance, "finance_inbox")


def test_a_webhook_that_was_given_up_is_tried_again_with_one_press(world: World) -> None:
    event = {"source": "platform", "event_id": "evt_1", "subject": "/tr_1", "received_at": world.now}
    InboundEvent.objects.create(**event, body=b"{}", state="failed", tries=12, due_at=world.now)
    finding = Finding.objects.create(
        code="event_cannot_be_worked", thing="evt_1", detail="No such transfer.", found_at=world.now
    )
    finance = logged_in(world.freezer)
    assert "News from Stripe that could not be read" in page(finance, "finance_inbox")
    again = reverse("finding_try_again", args=[finding.public_id])
    assert "It is tried again now" in finance.post(again, follow=True).content.decode()
    assert InboundEvent.objects.get().state == InboundEvent.State.NEW
    assert "nothing to try again" in finance.post(again, follow=True).content.decode()
    unknown = reverse("finding_try_again", args=["fdg_none"])
    assert finance.post(unknown).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["payday", "payday_fragment", "payday_held", "reconcile", "finance_inbox"])
def test_finances_pages_are_for_finance(world: World, name: str) -> None:
    assert browser(world.performer().user).get(reverse(name)).status_code == HTTPStatus.FORBIDDEN
