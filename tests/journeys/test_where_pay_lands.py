"""Where pay lands, when the account at Stripe or the bank behind it is not what it should be; and books of before."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import House, Person
from tests.journeys.page import Page

HELD, SETUP, BEFORE = "/pay/held/", "/pay/setup/", "/pay/restatements/"
# What former rules left, and no door makes any more: a company has money in its wallet and owes some beside it.
OLD_BOOKS = (
    "from tests.payments.restating import old_books; print(old_books.a_debt_beside_a_full_wallet({key!r}))"
)


@pytest.mark.long_journey
def test_an_account_is_closed_while_a_payout_bounces_and_the_money_arrives_all_the_same(
    busy: BusyWeek,
) -> None:
    """The bank bounces it; Stripe tries the corrected bank, closes the account meanwhile, and that bounces too. Another account,
    what lay on the old one taken back and paid again: it is in the bank."""
    house, finance, pia = busy.house, busy.comes_in("Finance, who freezes"), busy.performer(4)
    (item, *_) = pia.does("GET", "me/statements")["data"]
    account = pia.does("GET", "me/payout-account")["id"]
    house.asks_stripe(f"payouts/{newest_payout(house, account, 'paid')}/fail", code="no_account")
    pia.waits_for("/notifications/", "sent")
    fills_in_the_form(pia, pia.opens(SETUP), number="000555000121")
    on_its_way = newest_payout(house, account, "in_transit", "pending")
    house.asks_stripe(f"accounts/{account}/close", now=True)
    page = pia.waits_for(SETUP, "Stripe closed it")
    house.asks_stripe(f"payouts/{on_its_way}/fail", code="account_closed")
    pia.waits_for("/notifications/", "Stripe closed your account")
    assert pia.does("GET", "me/payout-account")["ended_why"] == "closed"

    fills_in_the_form(pia, page, number="000555000122")
    pia.waits_for(SETUP, "Your new bank account rests")
    banks_are_read(house)
    pia.waits_for("/pay/", "lies on your former account at Stripe")
    (row,) = [each for each in finance.does("GET", "payee-accounts/ended")["data"] if each["id"] == account]
    assert row["next"] == "take_back"
    written = finance.sends(finance.waits_for(HELD, pia.name), f"/pay/accounts/{account}/write/")
    assert "They were written to." in written.text
    finance.proves()
    took = finance.sends(finance.waits_for(HELD, pia.name), f"/pay/accounts/{account}/take-back/")
    assert "It came back." in took.text
    again = finance.does(
        "POST", f"pay-items/{item['id']}/returned", what="pay_again", reason="Its account was closed."
    )["new_item"]
    house.passes_to(house.now() + timedelta(days=12))
    assert state_of(pia, again) == "settled"
    assert state_of(pia, item["id"]) == "reversed"
    pia.waits_for("/notifications/", "is in your bank")
    assert "lies on your former account" not in pia.opens("/pay/").text
    assert finance.does("GET", "payee-accounts/ended")["data"] == []
    books_agree(house, finance)


def fills_in_the_form(person: Person, page: Page, *, number: str) -> None:
    """On Stripe's own page, with that bank account."""
    if page.path.startswith(SETUP):
        person.proves()
        page = person.sends(page, f"{SETUP}$")
    assert page.url.startswith(person.house.stripe)
    says = {"dob": "1991-05-04", "address_line1": "address_full_match", "id_number": "000000000"}
    bank = {"routing_number": "110000000", "account_number": number}
    person.sends(page, "/", legal_name=person.name, **says, **bank)


def newest_payout(house: House, account: str, *states: str) -> str:
    """Stripe's name for what last went from there to a bank; a day later where there is none yet, and so on."""
    for _ in range(9):
        payouts = [row for row in house.asks_stripe("books")["payouts"] if row["account"] == account]
        fits = [row for row in payouts if row["status"] in states]
        if fits:
            return str(max(fits, key=lambda row: row["created"])["id"])
        house.passes_to(house.now() + timedelta(days=1))
    raise AssertionError(f"{account} pays nothing out: {payouts}")


def banks_are_read(house: House) -> None:
    """Which is once a minute."""
    house.passes_to(house.now() + timedelta(minutes=2))


def state_of(person: Person, item: str) -> str:
    return next(str(row["state"]) for row in person.does("GET", "me/statements")["data"] if row["id"] == item)


def books_agree(house: House, finance: Person) -> None:
    assert all(rule["violations"] == 0 for rule in finance.does("GET", "audit/invariants")["data"])
    assert "difference 0.00 USD" in house.makes("reconcile")


@pytest.mark.long_journey
def test_two_behind_one_bank_account_are_found_held_and_allowed_by_two(busy: BusyWeek) -> None:
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    first, second = busy.performer(7), busy.performer(8)
    for person in (first, second):
        fills_in_the_form(person, person.opens(SETUP), number="000555000130")
    for person, stranger in ((first, second), (second, first)):
        person.waits_for("/notifications/", "Your bank account is in use by somebody else here")
        assert stranger.name not in person.opens("/notifications/").text
    page = one.waits_for(HELD, "Two performers, one bank account")
    (shared,) = one.does("GET", "shared-banks")["data"]
    path = f"/pay/shared-banks/{shared['id']}"
    assert "Proposed." in one.sends(page, f"{path}/propose/", reason="A couple, seen together.").text
    one.proves()
    one.is_refused("POST", f"shared-banks/{shared['id']}/allow", "allower_is_proposer")
    other.does("POST", f"shared-banks/{shared['id']}/keep", reason="I ask them first.")
    first.waits_for("/notifications/", "Name another bank account")
    other.does("POST", f"shared-banks/{shared['id']}/propose", reason="They live together.")
    allowed = one.sends(one.opens(HELD), f"{path}/allow/")
    assert "Allowed." in allowed.text
    for person in (first, second):
        person.waits_for("/notifications/", "Your bank account may stay as it is")
    assert one.does("GET", "shared-banks")["data"] == []
    by_the_other_doors(busy, one, other)


def by_the_other_doors(busy: BusyWeek, one: Person, other: Person) -> None:
    """Another two: kept on the page, and in the end allowed over the API."""
    for person in (busy.performer(9), busy.performer(10)):
        fills_in_the_form(person, person.opens(SETUP), number="000555000131")
    page = one.waits_for(HELD, "Two performers, one bank account")
    (shared,) = one.does("GET", "shared-banks")["data"]
    kept = one.sends(page, f"/pay/shared-banks/{shared['id']}/keep/", reason="They never met.")
    assert "It stays held." in kept.text
    one.does("POST", f"shared-banks/{shared['id']}/propose", reason="They are brothers.")
    other.proves()
    assert other.does("POST", f"shared-banks/{shared['id']}/allow")["state"] == "allowed"


@pytest.mark.long_journey
def test_an_account_is_given_up_for_another_by_its_owner_or_at_finances_word(busy: BusyWeek) -> None:
    """By app, on the page, and because finance has read at Stripe what is wrong: each time another one is set up. What a bank
    had sent back to the first is taken back, and paid to the last."""
    house, finance, kim = busy.house, busy.comes_in("Finance, who freezes"), busy.performer(12)
    (item, *_) = kim.does("GET", "me/statements")["data"]
    first = account_of(kim)
    house.asks_stripe(f"payouts/{newest_payout(house, first, 'paid')}/fail", code="no_account")
    banks_are_read(house)
    kim.proves()
    to_stripe = kim.does("POST", "me/payout-account/begin-again", account=first)["url"]
    fills_in_the_form(kim, kim.opens(to_stripe), number="000555000141")
    kim.waits_for(SETUP, "Another took its place")
    banks_are_read(house)
    finance.waits_for(HELD, kim.name)
    finance.proves()
    assert finance.does("POST", f"payee-accounts/{first}/take-back")["id"] == first

    second = account_of(kim)
    page = kim.sends(kim.opens(SETUP), f"{SETUP}begin-again/")
    fills_in_the_form(kim, page, number="000555000142")
    third = account_of(kim)
    ended = finance.does("POST", f"payee-accounts/{third}/begin-again", reason="It names another person.")
    assert ended["id"] == third
    kim.waits_for("/notifications/", "It names another person.")
    fills_in_the_form(kim, kim.waits_for(SETUP, "Begin again with another account"), number="000555000143")

    fourth = account_of(kim)
    what = {"what": "pay_again", "reason": "Its bank sent it back."}
    again = finance.does("POST", f"pay-items/{item['id']}/returned", **what)["new_item"]
    refusal = {"status": 400, "code": "transfers_not_allowed", "times": 1}
    house.asks_stripe("faults", on="POST /v1/transfers", do="refuse", **refusal)
    house.passes_to(house.now() + timedelta(days=4))
    held = finance.waits_for(HELD, "Stripe does not allow transfers to this account.")
    finance.proves()
    asked = finance.sends(held, f"/pay/accounts/{fourth}/begin-again/", reason="Stripe gives no reason.")
    assert "They were asked to set up another account." in asked.text
    kim.waits_for("/notifications/", "Stripe gives no reason.")
    fills_in_the_form(kim, kim.waits_for(SETUP, "Begin again with another account"), number="000555000144")
    house.passes_to(house.now() + timedelta(days=12))
    assert state_of(kim, again) == "settled"
    earlier = [row["id"] for row in kim.does("GET", "me/payout-account")["earlier"]]
    assert earlier == [fourth, third, second, first]
    books_agree(house, finance)


def account_of(person: Person) -> str:
    return str(person.does("GET", "me/payout-account")["id"])


@pytest.mark.long_journey
def test_books_of_before_are_shown_proposed_and_approved_by_another(busy: BusyWeek) -> None:
    house = busy.house
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    assert "Nothing to restate." in house.makes("restate")
    company = house.manages("shell", "--no-imports", "-c", OLD_BOOKS.format(key="debt:before")).split()[-1]
    shown = house.makes("restate")
    assert company in shown
    assert "Money in a wallet pays what is owed first." in shown
    proposes(house, one)
    assert "Somebody else approves it." in one.waits_for(BEFORE, company).text
    (waits,) = [row for row in one.does("GET", "restatements")["data"] if row["state"] == "proposed"]
    over: dict[str, Any] = {"content_hash": waits["content_hash"]}
    one.proves()
    one.is_refused("POST", f"restatements/{waits['id']}/approve", "approver_is_proposer", **over)
    declined = other.sends(
        other.opens(BEFORE), f"{BEFORE}{waits['id']}/decline/", answer="I read it again first."
    )
    assert "Nothing was moved." in declined.text
    proposes(house, one)
    (waits,) = [row for row in other.does("GET", "restatements")["data"] if row["state"] == "proposed"]
    other.proves()
    approved = other.sends(other.opens(BEFORE), f"{BEFORE}{waits['id']}/approve/")
    assert "It is in the books." in approved.text
    assert "Nothing to restate." in house.makes("restate")

    # More of before is found: declined and approved over the API.
    house.manages("shell", "--no-imports", "-c", OLD_BOOKS.format(key="debt:long before"))
    proposes(house, one)
    (waits,) = [row for row in other.does("GET", "restatements")["data"] if row["state"] == "proposed"]
    gone = other.does("POST", f"restatements/{waits['id']}/decline", answer="Not today.")
    assert gone["state"] == "declined"
    proposes(house, one)
    (waits,) = [row for row in other.does("GET", "restatements")["data"] if row["state"] == "proposed"]
    over = {"content_hash": waits["content_hash"]}
    assert other.does("POST", f"restatements/{waits['id']}/approve", **over)["state"] == "approved"
    assert "Nothing to restate." in house.makes("restate")


def proposes(house: House, finance: Person) -> None:
    """At the terminal, where they are asked who they are."""
    lines = f"{finance.email}\n{finance.password}\n{finance.reads_a_code()}\n"
    said = house.manages("restate", "--propose", "--by", finance.email, types=lines)
    assert "waits for a second person." in said
