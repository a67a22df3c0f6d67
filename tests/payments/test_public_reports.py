"""What users of others' payment software reported in public as gone wrong, played here: it comes out right.

Each claim names its report. The audit holds after each (`tests/payments/conftest.py`), and Stripe's balance is ours.
"""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.keys import acting
from accounts.notifications.models import Notification
from kit.money import Money
from payments.adjustments import operations as adjustments
from payments.adjustments.models import Adjustment
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.queries import wallet
from payments.gateway.client import client
from payments.inbox.models import Finding
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.payouts import returns, reversals
from payments.payouts.models import BankPayout
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState
from payments.reconciliation import reading
from payments.reconciliation.models import StripeRow
from tests import stories
from tests.accounts.browsing import logs_in
from tests.payments.funding.test_withdrawals import pays_in
from tests.payments.payouts.test_bank import days_pass, pays_out_by_hand
from tests.payments.world import World, a_company, a_week, compared, sent_amounts, usd

NEXT_MONDAY = stories.MONDAY + timedelta(days=7)


@pytest.fixture
def owner(world: World) -> Actor:
    """Of a company that has nothing yet."""
    world.company = a_company(wallet=0)
    person = acting.of_user(world.company.memberships.get().user)
    return stories.proved(person, at=world.now)


def in_wallet(world: World) -> tuple[int, int]:
    """What is free, and what is owed, in minor units."""
    shown = wallet(world.company)
    return shown["available"].minor, shown["owed"].minor


def agrees_with_stripe(world: World) -> bool:
    reading.read(at=world.now)
    reading.explain(at=world.now)
    return compared(at=world.now).difference_minor == 0


class TestMoneyThatCameAndWent:
    def test_liberapay_59_refunded_before_it_landed_never_lands(self, world: World, owner: Actor) -> None:
        """A card payment that was refunded while pending was credited all the same."""
        paid = pays_in(world, owner, "50.00", by="pm_card_visa")
        world.control(f"charges/{paid.charge_id}/refund")
        world.wait(days=5)
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world) == (0, 0)
        assert agrees_with_stripe(world)

    def test_woocommerce_payments_1051_refunded_after_it_landed_is_taken_off(
        self, world: World, owner: Actor
    ) -> None:
        """A refund made at Stripe's dashboard left the order's balance as it was; and a second one was not seen."""
        paid = pays_in(world, owner, "50.00")
        for amount, left in (("20.00", "30.00"), ("30.00", "0.00")):
            world.control(f"charges/{paid.charge_id}/refund", amount=usd(amount))
            following.refresh(funding=paid, at=world.now)
            assert in_wallet(world) == (usd(left), 0)
        assert agrees_with_stripe(world)

    def test_polar_8344_a_dispute_of_a_part_takes_that_part(self, world: World, owner: Actor) -> None:
        """A dispute of a part took the whole payment from the seller."""
        paid = pays_in(world, owner, "50.00")
        made = world.control(f"charges/{paid.charge_id}/dispute", amount=usd("20.00"))
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world) == (usd("30.00"), 0)
        world.control(f"disputes/{made['id']}/win")
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world) == (usd("50.00"), 0)
        assert agrees_with_stripe(world)

    def test_an_inquiry_takes_nothing_until_it_is_a_dispute(self, world: World, owner: Actor) -> None:
        paid = pays_in(world, owner, "50.00")
        made = world.control(f"charges/{paid.charge_id}/dispute", inquiry=True)
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world) == (usd("50.00"), 0)
        world.control(f"disputes/{made['id']}/escalate")
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world)[0] == 0
        assert agrees_with_stripe(world)

    def test_a_debit_that_fails_after_it_landed_is_owed_and_not_both(
        self, world: World, owner: Actor
    ) -> None:
        """Available 500 and owed 500 stood side by side."""
        paid = pays_in(world, owner, "500.00")
        gig = stories.a_draft(world.company, funded_minor=0)
        half = Money(usd("200.00"), "usd")
        funding.set_aside(gig=gig, amount=half, by=owner, at=world.now, request_id="r")
        world.control(f"charges/{paid.charge_id}/dispute")
        following.refresh(funding=paid, at=world.now)
        assert in_wallet(world) == (0, 0), "the wallet, then the budget"
        assert balances.owned_minor(Kind.GIG_BUDGET, owner=gig.public_id, currency="usd") == 0
        assert agrees_with_stripe(world)

    def test_killbill_362_what_is_paid_in_lowers_what_is_owed_first(self, world: World, owner: Actor) -> None:
        """A payment lay as credit beside an open debt."""
        world.earns(world.performer(), "100.00")
        world.pays()
        assert in_wallet(world) == (0, usd("115.00"))
        pays_in(world, owner, "80.00")
        assert in_wallet(world) == (0, usd("35.00"))
        pays_in(world, owner, "80.00")
        assert in_wallet(world) == (usd("45.00"), 0)
        assert agrees_with_stripe(world)


class TestPayThatWasCancelledOrCameBack:
    def test_polar_9632_a_cancelled_run_is_claimed_again_to_the_cent(self, world: World) -> None:
        """A payout that was cancelled was claimed again with another sum."""
        robin = world.performer()
        world.earns(robin, "60.00", "14.00")
        cancelled = world.a_frozen_run()
        payroll.cancel(run=cancelled, reason="A line was wrong.", by=world.approver, at=world.now)
        world.earns(robin, "10.00")
        run = world.pays()
        assert sent_amounts(world.transfers_to(robin)) == [usd("84.00")]
        assert PayItem.objects.get(run=run).amount_minor == usd("84.00")
        assert agrees_with_stripe(world)

    def test_polar_9666_what_came_back_is_paid_again_once(self, world: World) -> None:
        """After a cancellation the balance was claimable twice."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        item = PayItem.objects.get()
        client().v1.transfers.reversals.create(item.transfer_id)
        world.wait(minutes=20)
        reversals.read_transfers(at=world.now)
        returns.decide(item=item, what="pay_again", reason="It bounced.", by=world.freezer, at=world.now)
        with pytest.raises(returns.NothingReturned):
            returns.decide(item=item, what="pay_again", reason="Again.", by=world.approver, at=world.now)
        for _ in range(3):
            world.sweep()
            world.wait(minutes=5)
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")] * 2
        assert agrees_with_stripe(world)

    def test_gratipay_4255_a_net_below_zero_is_netted_once_and_the_run_ends(self, world: World) -> None:
        """A negative balance was neither paid nor carried, and its payday never ended (hrms 3972 as well)."""
        robin = world.performer()
        first, _ = world.earns(robin, "50.00", "24.00")
        world.pays()
        world.wait(days=7)
        world.corrects(first, "50.00", monday=NEXT_MONDAY)
        world.earns(robin, "20.00", monday=NEXT_MONDAY)
        run = world.an_approved_run(a_week(NEXT_MONDAY))
        world.sweep()
        run.refresh_from_db()
        item = PayItem.objects.get(run=run)
        assert (run.state, item.state, item.net_minor) == (RunState.PAID, ItemState.SETTLED, -usd("30.00"))
        overpaid = balances.owned_minor(Kind.PERFORMER_OVERPAID, owner=robin.public_id, currency="usd")
        assert overpaid == -usd("30.00")
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]

    def test_hrms_3972_a_net_of_zero_is_settled_and_frees_its_week(self, world: World) -> None:
        robin = world.performer()
        (line,) = world.earns(robin, "20.00")
        world.corrects(line, "20.00", monday=stories.MONDAY)
        run = world.pays()
        assert (run.state, PayItem.objects.get().state) == (RunState.PAID, ItemState.SETTLED)


class TestTheBank:
    def test_wp_proudcity_993_a_payout_by_hand_is_followed_though_stripe_refuses_the_question(
        self, world: World
    ) -> None:
        """`balance_transactions?payout=` is an error for a manual payout, and its reader stopped there."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        pays_out_by_hand(world, robin, "74.00")
        days_pass(world, 4)
        assert PayItem.objects.get().state == ItemState.SETTLED

    def test_gumroad_650_failed_after_it_was_paid_is_noticed_and_not_sent_again(self, world: World) -> None:
        """A payout that the bank sent back days after it was "paid" stayed paid."""
        robin = world.performer()
        world.earns(robin, "74.00")
        world.pays()
        days_pass(world, 5)
        assert PayItem.objects.get().state == ItemState.SETTLED
        payout = BankPayout.objects.get()
        world.control(f"payouts/{payout.stripe_id}/fail", code="account_closed")
        days_pass(world, 2)
        world.sweep()
        assert PayItem.objects.get().state == ItemState.SENT
        assert sent_amounts(world.transfers_to(robin)) == [usd("74.00")]
        assert Notification.objects.filter(user=robin.user, kind="bank_failed").exists()

    def test_flexile_800_the_payee_is_told_what_failed_and_what_to_do(self, world: World) -> None:
        robin = world.performer(account=False)
        world.earns(robin, "74.00")
        world.pays()
        (told,) = Notification.objects.filter(user=robin.user, key__startswith="held:")
        assert "74.00 USD" in told.title + told.body
        assert reverse("payouts_setup") in told.path
        assert "set up" in logs_in(robin.user).get(told.path).content.decode().lower()


class TestMoneyThatNobodyKnows:
    def test_opencollective_2353_lies_in_suspense_until_two_say_what_it_was(self, world: World) -> None:
        """A payment past the platform was in Stripe's balance and in nobody's books, for months."""
        world.control("balance", account="acct_platform", amount=usd("33.00"))
        reading.read(at=world.now)
        world.wait(hours=2)
        assert agrees_with_stripe(world)
        row = StripeRow.objects.get(how=StripeRow.How.SUSPENSE)
        assert Finding.objects.filter(thing=row.stripe_id, resolved_at=None).exists()
        proposed = adjustments.propose_stray(
            row=row,
            what=Adjustment.What.STRAY_FLOAT,
            company=None,
            reason="Our own top-up.",
            by=stories.proved(world.freezer, at=world.now),
            at=world.now,
        )
        adjustments.approve(
            adjustment=proposed, by=stories.proved(world.approver, at=world.now), at=world.now
        )
        assert not Finding.objects.filter(thing=row.stripe_id, resolved_at=None).exists()
        assert agrees_with_stripe(world)
