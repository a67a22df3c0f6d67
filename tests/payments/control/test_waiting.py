"""All money that waits: whose turn it is, for how long, why, and who was told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.roles import Staff
from accounts.performers.models import Performer
from kit.errors import Forbidden
from kit.money import Money
from payments.connect.models import PayeeAccount
from payments.control import waiting
from payments.control.waiting import Asked, Wait
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.inbox.reasons import Who
from payments.payouts import bank
from payments.payouts.models import BankPayout
from payments.payroll.models import PayItem
from tests import stories
from tests.accounts.browsing import browser
from tests.payments.world import World, a_week, usd

EVERYTHING = Asked()
LATER = stories.MONDAY + timedelta(days=7)


def waits(world: World, asked: Asked = EVERYTHING) -> list[Wait]:
    return list(waiting.listed(world.freezer, asked, at=world.now).rows)


def turn(world: World) -> Who:
    (wait,) = waits(world)
    return wait.owner


def is_refused(world: World, code: str) -> None:
    """Robin, who can be paid, earns 100.00; Stripe refuses it once with this code."""
    world.earns(world.performer(), "100.00")
    world.an_approved_run()
    world.control("faults", on="POST /v1/transfers", do="refuse", code=code, status=400, times=1)
    world.sweep()


def does_not_come_in(world: World, how: str = "pm_usBankAccount_insufficientFunds") -> Funding:
    paid = funding.start(
        company=world.company, amount=Money(500_00, "usd"), by=stories.owner_of(world.company), at=world.now
    )
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method=how)
    for _ in range(6):
        world.wait(days=1)
        following.refresh_due(at=world.now)
    paid.refresh_from_db()
    return paid


def is_sent_back(world: World, account_number: str = "000111111116") -> BankPayout:
    robin = world.performer(onboarded=False)
    world.banks_with(robin, account_number)
    world.earns(robin, "74.00")
    world.pays()
    for _ in range(9):
        world.wait(days=1)
        bank.settle(at=world.now)
    return BankPayout.objects.get(status="failed")


class TestWhoseTurnItIs:
    def test_is_the_performers_while_their_setup_is_missing(self, world: World) -> None:
        world.earns(world.performer(onboarded=False, account=False), "20.00")
        world.pays()
        assert turn(world) == Who.PERFORMER

    def test_is_stripes_while_it_checks_and_finances_once_it_rejected_for_good(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.earns(robin, "20.00")
        world.pays()
        PayeeAccount.objects.update(transfers_status="pending")
        assert turn(world) == Who.STRIPE
        PayeeAccount.objects.update(transfers_status="restricted")
        assert turn(world) == Who.PERFORMER
        PayeeAccount.objects.update(transfers_status="unsupported")
        assert turn(world) == Who.FINANCE

    @pytest.mark.parametrize(
        ("code", "owner"),
        [
            ("balance_insufficient", Who.FINANCE),
            ("transfers_not_allowed", Who.STRIPE),
            ("of_2031", Who.FINANCE),
        ],
    )
    def test_is_whose_the_reason_says_and_finances_where_nobody_knows_it(
        self, world: World, code: str, owner: Who
    ) -> None:
        is_refused(world, code)
        assert turn(world) == owner

    def test_is_finances_once_the_cause_is_gone(self, world: World) -> None:
        is_refused(world, "insufficient_capabilities_for_transfer")
        assert turn(world) == Who.FINANCE  # the account is ready: it need only be sent
        PayeeAccount.objects.update(transfers_status="restricted")
        assert turn(world) == Who.PERFORMER

    def test_is_the_performers_while_a_new_bank_rests_and_finances_after(self, world: World) -> None:
        robin = world.performer()
        world.banks_with(robin, "000999999999")
        PayeeAccount.objects.update(bank_changed_at=world.now)
        world.earns(robin, "100.00")
        world.pays()
        assert turn(world) == Who.PERFORMER
        world.wait(hours=72)
        assert turn(world) == Who.FINANCE

    def test_is_the_performers_until_they_ask_to_be_vetted_then_talents_and_is_never_tried_again_meanwhile(
        self, world: World
    ) -> None:
        robin, finance = world.performer(), browser(stories.person(world.freezer))
        stories.a_member_of_staff(Staff.TALENT, "Tala")
        Performer.objects.update(state="signed_up")
        world.earns(robin, "20.00")
        world.pays()
        for state, owner in (
            ("signed_up", Who.PERFORMER),
            ("declined", Who.PERFORMER),
            ("applied", Who.TALENT),
            ("in_review", Who.TALENT),
        ):
            Performer.objects.update(state=state)
            assert turn(world) == owner, state
            page = finance.get(reverse("payday_held")).content.decode()
            assert "Tala in talent operations vets, at the desk." in page
            assert "Try again" not in page
            assert ("Remind Robin" in page) == (owner == Who.PERFORMER)
        Performer.objects.update(state="approved")
        assert turn(world) == Who.FINANCE
        assert "Try again" in finance.get(reverse("payday_held")).content.decode()

    def test_is_the_performers_or_the_banks_of_what_a_bank_sent_back(self, world: World) -> None:
        is_sent_back(world)
        (wait,) = waits(world)
        assert (wait.owner, wait.code, wait.amount) == (
            Who.PERFORMER,
            "no_account",
            Money(usd("74.00"), "usd"),
        )
        BankPayout.objects.update(failure_code="account_frozen")
        assert turn(world) == Who.BANK

    def test_is_the_companys_of_what_did_not_come_in_and_finances_of_a_dispute(self, world: World) -> None:
        paid = does_not_come_in(world)
        (wait,) = waits(world)
        assert (wait.owner, wait.whose) == (Who.COMPANY, world.company.public_id)
        Funding.objects.filter(pk=paid.pk).update(state="disputed")
        (wait,) = waits(world)
        assert (wait.owner, wait.code) == (Who.FINANCE, "disputed")


class TestTheList:
    def test_is_in_order_of_age_across_what_waits_and_leads_through_all_of_it_once(
        self, world: World
    ) -> None:
        does_not_come_in(world)
        for name in ("Bea", "Cy"):
            world.earns(world.performer(name, onboarded=False), "20.00")
        world.pays()
        world.wait(days=3)
        ages = [(wait.name, wait.days) for wait in waits(world)]
        assert ages == [(world.company.name, 9), ("Bea", 3), ("Cy", 3)]
        seen, cursor = [], ""
        for _ in ages:
            found = waiting.listed(world.freezer, EVERYTHING, at=world.now, cursor=cursor, limit=1)
            seen += [wait.name for wait in found.rows]
            cursor = found.next_cursor or ""
        assert (seen, cursor) == ([name for name, _ in ages], "")

    def test_counts_days_whole(self, world: World) -> None:
        world.earns(world.performer(onboarded=False), "20.00")
        world.pays()
        held_at = PayItem.objects.get(state="held").held_at
        assert held_at is not None
        for after, days in ((timedelta(), 0), (timedelta(days=1, seconds=-1), 0), (timedelta(days=1), 1)):
            (wait,) = waiting.listed(world.freezer, EVERYTHING, at=held_at + after).rows
            assert wait.days == days

    def test_says_who_was_told_and_when(self, world: World) -> None:
        world.earns(world.performer(onboarded=False), "20.00")
        world.pays()
        (wait,) = waits(world)
        assert [sorted(told.names) for told in wait.told] == [["Robin"], ["Ana", "Fran"]]
        assert {told.at for told in wait.told} == {wait.since}
        does_not_come_in(world)
        payment = waits(world, Asked(owner="company"))[0]
        assert [told.names for told in payment.told] == [
            [stories.person(stories.owner_of(world.company)).name]
        ]

    def test_is_narrowed_by_owner_reason_and_text(self, world: World) -> None:
        does_not_come_in(world)
        world.earns(world.performer("Bea", onboarded=False), "20.00")
        world.pays()
        PayeeAccount.objects.update(transfers_status="restricted")
        narrow = {
            ("Bea",): [
                Asked(owner="performer"),
                Asked(reason="pay.payout_account_not_ready"),
                Asked(text="be"),
                Asked(text="NOT_READY", owner="performer"),
            ],
            (world.company.name,): [Asked(owner="company"), Asked(text=world.company.name)],
            (): [
                Asked(owner="bank"),
                Asked(reason="bank.payout_account_not_ready"),
                Asked(reason="pay.\x00"),
                Asked(reason="?"),
                Asked(owner="company", text="be "),
            ],
        }
        for names, ways in narrow.items():
            for asked in ways:
                assert tuple(wait.name for wait in waits(world, asked)) == names, asked

    def test_lets_go_of_what_the_company_paid_since_and_what_reached_the_bank_since(
        self, world: World
    ) -> None:
        failed = does_not_come_in(world)
        sent_back = is_sent_back(world)
        assert {wait.id for wait in waits(world)} >= {failed.public_id, sent_back.stripe_id}
        Funding.objects.create(
            company=world.company,
            amount_minor=1,
            currency="usd",
            state="processing",
            started_at=world.now,
        )
        BankPayout.objects.create(
            stripe_id="po_later",
            account=sent_back.account,
            amount_minor=1,
            currency="usd",
            status="paid",
            created_at=sent_back.created_at + timedelta(days=1),
            seen_at=world.now,
        )
        assert not {wait.id for wait in waits(world)} & {failed.public_id, sent_back.stripe_id}

    def test_asks_no_more_for_many_than_for_one(self, world: World) -> None:
        world.earns(world.performer("Bea", onboarded=False), "20.00")
        world.pays()
        asked = []
        for more in (0, 4):
            for n in range(more):
                world.earns(world.performer(f"P{n}", onboarded=False), "20.00", monday=LATER)
            if more:
                world.wait(days=7)
                world.an_approved_run(a_week(LATER))
                world.sweep()
            with CaptureQueriesContext(connection) as captured:
                found = waits(world)
            asked.append((len(found), len(captured)))
        assert asked[0][0] < asked[1][0]
        assert asked[0][1] == asked[1][1]


class TestTheCounts:
    def test_add_up_by_owner_and_by_reason_the_longest_first(self, world: World) -> None:
        does_not_come_in(world)
        for name, amount in (("Bea", "20.00"), ("Cy", "30.00")):
            world.earns(world.performer(name, onboarded=False), amount)
        world.pays()
        PayeeAccount.objects.update(transfers_status="restricted")
        world.wait(days=2)
        owners = waiting.by_owner(world.freezer, at=world.now)
        assert [(each.key, each.count, each.amounts, each.oldest_days) for each in owners] == [
            ("company", 1, [Money(usd("500.00"), "usd")], 8),
            ("performer", 2, [Money(usd("50.00"), "usd")], 2),
        ]
        reasons = waiting.by_reason(world.freezer, at=world.now)
        assert [(each.key.partition(".")[0], each.count) for each in reasons] == [("payment", 1), ("pay", 2)]
        assert sum(each.count for each in owners) == len(waits(world))
        for each in reasons:
            assert len(waits(world, Asked(reason=each.key))) == each.count


class TestTheDoors:
    def test_show_owner_age_reason_fix_and_told_on_the_page_and_over_the_api(
        self, world: World, it_is: Callable[[datetime], None]
    ) -> None:
        world.earns(world.performer(onboarded=False, account=False), "20.00")
        world.pays()
        world.wait(days=3)
        it_is(world.now)
        finance, path = browser(stories.person(world.freezer)), reverse("payday_held")
        assert "The performer must act" in finance.get(path).content.decode()
        for fits in ({"all": "1"}, {"owner": "performer"}, {"q": "robin"}):
            said = " ".join(finance.get(path, fits).content.decode().split())
            assert '<td class="num" data-label="Days">3</td>' in said
            assert '<td data-label="Must act"><span class="nowrap">The performer</span></td>' in said
            assert "There is no payout account yet." in said
            assert "Finish the bank set-up with Stripe" in said
            assert "Robin: in the app" in said
        assert "Nothing of that waits" in finance.get(path, {"owner": "bank"}).content.decode()
        (row,) = finance.get(reverse("api_holds"), {"owner": "performer"}).json()["data"]
        assert (row["owner"], row["days"], row["what"], row["code"]) == (
            "performer",
            3,
            "pay",
            "payout_account_missing",
        )
        assert (row["means"], row["told"][0]["names"]) == ("There is no payout account yet.", ["Robin"])
        counts = finance.get(reverse("api_hold_counts")).json()
        assert [(each["key"], each["count"], each["oldest_days"]) for each in counts["owners"]] == [
            ("performer", 1, 3)
        ]
        assert finance.get(reverse("api_holds"), {"owner": "nobody"}).status_code == 422

    def test_are_finances_alone(self, world: World) -> None:
        admin = browser(stories.a_member_of_staff(Staff.ADMIN))
        for name in ("api_holds", "api_hold_counts", "payday_held"):
            assert admin.get(reverse(name)).status_code == HTTPStatus.FORBIDDEN
        with pytest.raises(Forbidden):
            waiting.by_owner(stories.owner_of(world.company), at=world.now)
