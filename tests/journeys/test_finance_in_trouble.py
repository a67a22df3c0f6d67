"""What finance does about pay that is held, money that a bank sent back, and what does not add up."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import Person, waits_until

HELD = "/pay/held/"
TODAY = "They were written to today already."


@pytest.mark.long_journey
def test_whoever_is_held_is_written_to_once_a_day_and_paid_once_set_up(busy: BusyWeek) -> None:
    """By their own button, then with all of the same reason; one finishes at Stripe, and the money goes out by itself."""
    finance, may = busy.comes_in("Finance, who freezes"), busy.performer(15)
    waits = busy.comes_in("A performer whose pay is held")
    assert not waits.does("GET", "me/payout-account")["ready"]
    by_button = f"{HELD}{held_item(waits)['id']}/remind/"
    assert "They were written to." in finance.sends(finance.opens(HELD), by_button).text
    assert still_held(waits)
    assert TODAY in finance.sends(finance.opens(HELD), by_button).text
    assert not still_held(may)
    code = f"?code={held_item(may)['hold']['code']}"
    remind_all = "/pay/held/remind/$"
    assert "They were written to, " in finance.sends(finance.opens(HELD + code), remind_all).text
    assert still_held(may)
    assert TODAY in finance.sends(finance.opens(HELD + code), remind_all).text

    item = held_item(may)["id"]
    may.proves()  # they may have come in a while ago
    stripe = may.sends(may.opens("/pay/setup/"), "/pay/setup/")
    assert stripe.path.startswith("/hosted/onboarding/")
    bank = {"routing_number": "110000000", "account_number": "000555000115"}
    person = {"dob": "1991-05-04", "address_line1": "address_full_match", "id_number": "000000000"}
    may.sends(stripe, "/", legal_name=may.name, **person, **bank)
    busy.house.passes_to(busy.house.now() + timedelta(minutes=2))
    may = busy.performer(15)
    waits_until(lambda: may.does("GET", "me/payout-account")["ready"], "Stripe's word never came", for_s=90)
    may.waits_for(f"/pay/statements/{item}/", "Stripe account")
    states = {row["id"]: row["state"] for row in may.does("GET", "me/statements")["data"]}
    assert states[item] in ("sent", "settled")
    assert held_item(waits)["state"] == "held"


def held_item(person: Person) -> dict[str, Any]:
    """The first item of theirs that was held: a later week may hold another."""
    rows = [row for row in person.does("GET", "me/statements")["data"] if row["state"] == "held"]
    return dict(min(rows, key=lambda row: str(row["id"])))


def still_held(person: Person) -> bool:
    """Whether they were reminded."""
    return any(
        row["title"] == "Your pay still waits for you" for row in person.does("GET", "notifications")["data"]
    )


@pytest.mark.long_journey
def test_whoever_whose_bank_sent_it_back_is_written_to(busy: BusyWeek) -> None:
    finance, ned = busy.comes_in("Finance, who approves"), busy.performer(3)
    payout = newest_payout(busy, ned)
    busy.house.asks_stripe(f"payouts/{payout}/fail", code="account_closed")
    busy.house.passes_to(busy.house.now() + timedelta(minutes=2))  # banks are read once a minute
    ned.waits_for("/notifications/", "The bank account is closed.")
    page = finance.waits_for(HELD, ned.name)
    remind = f"{HELD}bank/{payout}/remind/"
    before = len(ned.does("GET", "notifications")["data"])
    assert "They were written to." in finance.sends(page, remind).text
    assert len(ned.does("GET", "notifications")["data"]) == before + 1
    assert TODAY in finance.sends(finance.opens(HELD), remind).text


def newest_payout(busy: BusyWeek, person: Person) -> str:
    """Stripe's name for what last went to that person's bank; a day later where there is none yet, and so on."""
    for _ in range(9):
        transfer = person.does("GET", "me/statements")["data"][0]["transfer"]
        books = busy.house.asks_stripe("books")
        accounts = [row["destination"] for row in books["transfers"] if row["id"] == transfer]
        for row in books["payouts"]:
            if row["account"] in accounts and row["status"] == "paid":
                return str(row["id"])
        busy.house.passes_to(busy.house.now() + timedelta(days=1))
    raise AssertionError(f"{person.name} has nothing in a bank")


@pytest.mark.long_journey
def test_what_does_not_add_up_is_explained_by_one_and_read_by_the_other(busy: BusyWeek) -> None:
    """Closed with a sentence, on the page and over the API; without one it stays."""
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    strangers = {"acct_nobody1": "It was a test of ours.", "acct_nobody2": "Closed years ago."}
    for account in strangers:
        busy.house.hears_from_stripe("account.updated", account, account)
        one.waits_for("/pay/inbox/", account)
    found = {row["thing"]: row["id"] for row in open_findings(other)}
    by_page, by_api = strangers
    close = f"/pay/inbox/{found[by_page]}/resolve/"
    one.sends(one.opens("/pay/inbox/"), close, resolution=" ")
    assert by_page in {row["thing"] for row in open_findings(other)}
    assert "Noted." in one.sends(one.opens("/pay/inbox/"), close, resolution=strangers[by_page]).text
    one.does("POST", f"findings/{found[by_api]}/resolve", resolution=strangers[by_api])
    assert not strangers.keys() & {row["thing"] for row in open_findings(other)}
    assert all(said in other.opens("/pay/inbox/").text for said in strangers.values())


def open_findings(finance: Person) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = finance.does("GET", "findings")["data"]
    return rows


@pytest.mark.long_journey
def test_news_that_could_not_be_read_are_read_once_stripe_answers_again(busy: BusyWeek) -> None:
    """For three hours Stripe does not say what a transfer is; then the house gives up, and finance has it tried again."""
    finance, house = busy.comes_in("Finance, who freezes"), busy.house
    (first, *_) = house.asks_stripe("books")["transfers"]
    house.asks_stripe("faults", on="GET /v1/transfers/*", do="503_before", times=None)
    try:
        event = house.hears_from_stripe("transfer.updated", "", first["id"])
        house.passes_to(house.now() + timedelta(hours=3), step_s=660)
        page = finance.waits_for("/pay/inbox/", event)
        finding = next(row["id"] for row in open_findings(finance) if row["thing"] == event)
    finally:
        house.stripe_is_well_again()
    again = finance.sends(page, f"/pay/inbox/{finding}/again/")
    assert "It is tried again now." in again.text
    house.passes_to(house.now() + timedelta(minutes=2))
    assert event not in {row["thing"] for row in open_findings(finance)}
    nothing_left = finance.sends(page, f"/pay/inbox/{finding}/again/")
    assert "There is nothing to try again" in nothing_left.text
