"""What becomes of money once it has moved: taken back from a company, taken out by it, owed, given up; found at Stripe by
nobody's doing; come back from a performer. Each act by page and by the API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek
from tests.journeys.coming_in import an_owner
from tests.journeys.house import Person

OWN = "/pay/adjustments/"
BACK = "/pay/returned/"


@pytest.mark.long_journey
def test_a_companys_money_is_taken_out_taken_back_owed_and_given_up(busy: BusyWeek) -> None:
    house = busy.house
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    wanda, company = an_owner(house, "Wanda Withdraws", company="Second Thoughts")
    wallet, owed = f"/company/{company}/wallet/", f"companies/{company}"
    charge = pays_in(wanda, wallet, "130")
    house.asks_stripe(f"charges/{charge}/refund", amount=3000)
    wanda.waits_for(wallet, "Free in the wallet 100.00 USD")
    wanda.reads_in_mail("A payment was given back at Stripe.")

    take_out = f"{wallet}withdraw/"
    assert "It goes back" in wanda.sends(wanda.opens(wallet), take_out, **{"withdraw-amount": "20"}).text
    wanda.is_refused("POST", f"{owed}/withdrawals", "not_enough_money", amount=usd(90_00))
    assert wanda.does("POST", f"{owed}/withdrawals", amount=usd(10_00))["state"] == "going"
    a_minute_passes(busy)
    assert {row["state"] for row in wanda.does("GET", f"{owed}/withdrawals")["data"]} == {"sent"}
    wanda.waits_for(wallet, "Free in the wallet 70.00 USD")

    house.asks_stripe(f"charges/{charge}/dispute", amount=100_00)
    assert "Second Thoughts owes 30.00 USD" in wanda.waits_for(wallet, "Owed").text
    wanda.is_refused("POST", f"{owed}/withdrawals", "company_owes", amount=usd(1_00))
    wanda.reads_in_mail("Until it is paid in, nothing is published")
    is_given_up(one, other, company)
    pays_in(wanda, wallet, "50")
    wanda.waits_for(wallet, "Free in the wallet 35.00 USD")
    assert "What was owed is paid" in wanda.opens("/notifications/").text
    books_agree(busy, one)


def pays_in(owner: Person, wallet: str, amount: str) -> str:
    """Paid and available at once; Stripe's charge."""
    house = owner.house
    before = {row["id"] for row in house.asks_stripe("books")["charges"]}
    checkout = owner.sends(owner.opens(wallet), wallet, amount=amount)
    house.asks_stripe(f"checkout/{checkout.path.split('/')[-1]}/pay", payment_method="pm_card_bypassPending")
    (charge,) = {row["id"] for row in house.asks_stripe("books")["charges"]} - before
    owner.waits_for(wallet, "Paid in")
    return str(charge)


def is_given_up(one: Person, other: Person, company: str) -> None:
    """10.00 of it on the page, 5.00 over the API, each by two; more than is owed by nobody."""
    give_up = f"{OWN}debt/{company}/"
    fields = {f"{company}-amount": "10", f"{company}-reason": "They were sent the wrong invoice."}
    assert "Proposed." in one.sends(one.opens(OWN), give_up, **fields).text
    one.is_refused(
        "POST", f"companies/{company}/write-off", "more_than_owed", amount=usd(30_01), reason="All."
    )
    made = one.does("POST", f"companies/{company}/write-off", amount=usd(5_00), reason="And this.")
    one.proves()
    one.is_refused("POST", f"adjustments/{made['id']}/approve", "approver_is_proposer")
    other.proves()
    on_the_page = newest(other, "write_off", but=made["id"])
    assert "It is in the books." in other.sends(other.opens(OWN), f"{OWN}{on_the_page}/approve/").text
    assert other.does("POST", f"adjustments/{made['id']}/approve")["state"] == "approved"


def newest(finance: Person, what: str, *, but: str = "") -> str:
    """The newest proposal of that kind."""
    rows = finance.does("GET", "adjustments")["data"]
    return next(
        str(row["id"])
        for row in rows
        if row["what"] == what and row["state"] == "proposed" and row["id"] != but
    )


@pytest.mark.long_journey
def test_money_that_nobody_knows_is_said_to_be_something_by_two(busy: BusyWeek) -> None:
    """Three strays: the house's own, by page; a loss, over the API; a company's, declined first. And fees become float."""
    house = busy.house
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    platform = next(row["account"] for row in house.asks_stripe("books")["charges"])
    for amount in (12_34, -5_67, 8_90):
        house.asks_stripe("balance", account=platform, amount=amount, currency="usd")
    assert "Asked for." in one.sends(one.opens("/pay/reconcile/"), "/pay/reconcile/now/").text
    a_minute_passes(busy)
    page = one.waits_for(OWN, "8.90 USD")
    found = {row["amount"]["amount_minor"]: row["id"] for row in one.does("GET", "strays")["data"]}
    ours, lost, theirs = found[12_34], found[-5_67], found[8_90]

    said = {f"{ours}-what": "stray_float", f"{ours}-company": "", f"{ours}-reason": "Our own top-up."}
    assert "Proposed." in one.sends(page, f"{OWN}stray/{ours}/", **said).text
    approves(other, newest(other, "stray_float"))
    made = one.does("POST", f"strays/{lost}/is", what="stray_loss", reason="Stripe's correction.")
    one.is_refused("POST", f"strays/{lost}/is", "not_in_suspense", what="stray_loss", reason="Again.")
    assert other.does("POST", f"adjustments/{made['id']}/approve")["state"] == "approved"

    owner, company = busy.owner(1)
    before = owner.does("GET", f"companies/{company}/wallet")["available"]["amount_minor"]
    made = one.does("POST", f"strays/{theirs}/is", what="stray_company", company=company, reason="Theirs.")
    refuse = f"{OWN}{made['id']}/decline/"
    assert "Declined. Nothing was moved." in other.sends(other.opens(OWN), refuse, answer="Whose name?").text
    made = one.does(
        "POST", f"strays/{theirs}/is", what="stray_company", company=company, reason="Their wire."
    )
    gone = one.does("POST", f"adjustments/{made['id']}/decline", answer="I look once more.")
    assert gone["state"] == "withdrawn"
    made = one.does(
        "POST", f"strays/{theirs}/is", what="stray_company", company=company, reason="Their wire."
    )
    approves(other, made["id"])
    after = owner.does("GET", f"companies/{company}/wallet")["available"]["amount_minor"]
    assert after - before == 8_90

    fees = one.sends(one.opens(OWN), f"{OWN}fees/", amount="1", reason="Last month's.")
    assert "Proposed." in fees.text
    approves(other, newest(other, "fees_to_float"))
    made = one.does("POST", "fees-to-float", amount=usd(2_00), reason="And these.")
    assert other.does("POST", f"adjustments/{made['id']}/approve")["state"] == "approved"
    books_agree(busy, one)


def approves(finance: Person, adjustment: str) -> None:
    finance.proves()
    assert "It is in the books." in finance.sends(finance.opens(OWN), f"{OWN}{adjustment}/approve/").text


@pytest.mark.long_journey
def test_pay_that_came_back_is_paid_again_and_the_performer_told(busy: BusyWeek) -> None:
    """One by page, one over the API; that it was too much is refused where it was not."""
    house, finance = busy.house, busy.comes_in("Finance, who freezes")
    people = [busy.performer(5), busy.performer(6)]
    items = [comes_back(busy, person) for person in people]
    page = finance.waits_for(BACK, people[1].name)
    assert people[0].name in page.text
    no_reason = finance.sends(page, f"{BACK}{items[0]}/decide/", what="pay_again", reason=" ")
    assert "Say why" in no_reason.text
    again = finance.sends(page, f"{BACK}{items[0]}/decide/", what="pay_again", reason="Their bank answers.")
    assert "goes out again" in again.text
    waits = [row["item"] for row in finance.does("GET", "returned")["data"]]
    assert waits == [items[1]]
    path = f"pay-items/{items[1]}/returned"
    finance.is_refused("POST", path, "not_that_much_overpaid", what="too_much", reason="Too much.")
    made = finance.does("POST", path, what="pay_again", reason="As agreed.")
    assert made["new_item"]
    for person in people:
        assert "came back to us" in person.reads_in_mail("of your pay came back to us")
    a_minute_passes(busy)
    for person in people:
        newest_item = person.does("GET", "me/statements")["data"][0]
        assert newest_item["state"] in ("sent", "settled")
        assert "is paid again" in person.opens("/notifications/").text
    books_agree(busy, finance)
    assert house.asks_stripe("books")["ok"]


def comes_back(busy: BusyWeek, person: Person) -> str:
    """Stripe takes their newest transfer back at its dashboard; the pay item."""
    item = next(row for row in person.does("GET", "me/statements")["data"] if row["transfer"])
    busy.house.asks_stripe(f"transfers/{item['transfer']}/reverse", amount=item["amount"]["amount_minor"])
    return str(item["id"])


def a_minute_passes(busy: BusyWeek) -> None:
    busy.house.passes_to(busy.house.now() + timedelta(minutes=2), step_s=60)


def books_agree(busy: BusyWeek, finance: Person) -> None:
    assert "difference 0.00 USD" in busy.house.makes("reconcile")
    assert all(rule["violations"] == 0 for rule in finance.does("GET", "audit/invariants")["data"])


def usd(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "usd"}
