"""From an empty database to a statement of account: two of finance agree to terms, the owner draws on them up to the limit, pays
by checkout, is late, and gives back. Each door of it, by page and by the API."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.house import House, Person, running
from tests.journeys.test_a_paid_week import Week, a_company_posts_a_gig, the_house_is_staffed

TERMS = "/pay/terms/"


@pytest.fixture(scope="module")
def empty_house() -> Iterator[House]:
    with running() as house:
        yield house


@pytest.mark.long_journey
def test_a_company_sets_aside_on_terms_is_late_and_pays(empty_house: House) -> None:
    week = Week(empty_house)
    the_house_is_staffed(week)
    a_company_posts_a_gig(week)
    terms = two_agree_after_two_that_came_to_nothing(week)
    the_owner_draws_up_to_the_limit(week)
    finance_sees_it_and_writes(week)
    the_owner_pays_and_reads_the_statement(week)
    it_is_late(week)
    finance_lowers_replaces_and_ends(week, terms)
    what_is_given_back_pays_it(week)
    week.house.manages("audit")


def usd(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "usd"}


def proposes(finance: Person, week: Week, *, limit: int, days: int = 1) -> str:
    made = finance.does(
        "POST", "net-terms", company=week.company_id, limit=usd(limit), pay_days=days, reason="They pay."
    )
    return str(made["id"])


def two_agree_after_two_that_came_to_nothing(week: Week) -> str:
    faye, frank, nora = week.faye, week.frank, week.nora
    back = proposes(faye, week, limit=1_00)
    faye.is_refused(
        "POST",
        "net-terms",
        "net_terms_wait",
        company=week.company_id,
        limit=usd(2_00),
        pay_days=7,
        reason="Once more.",
    )
    taken = faye.sends(faye.opens(TERMS), f"{TERMS}{back}/decline/", answer="Too little.")
    assert "Taken back." in taken.text
    fields = {"company": week.company_id, "limit": "9,000.00", "pay_days": "61", "reason": "Northlight pays."}
    assert "Nothing was changed." in faye.sends(faye.opens(TERMS), f"{TERMS}propose/", **fields).text
    fields |= {"pay_days": "30"}
    assert "Proposed." in faye.sends(faye.opens(TERMS), f"{TERMS}propose/", **fields).text
    much = faye.does("GET", "net-terms")["data"][0]["id"]
    assert frank.does("POST", f"net-terms/{much}/decline", answer="Too much.")["state"] == "declined"

    terms = proposes(faye, week, limit=500_00)
    faye.proves()
    faye.is_refused("POST", f"net-terms/{terms}/approve", "terms_approver_is_proposer")
    nora.is_refused("POST", f"gigs/{week.gig_id}/funding", "not_enough_money", amount=usd(200_01))
    frank.proves()
    approved = frank.sends(frank.opens(TERMS), f"{TERMS}{terms}/approve/")
    assert "In force. Northlight was told." in approved.text
    assert "nothing more is drawn" in nora.reads_mail("You may set aside 500.00 USD beyond your wallet")
    return terms


def the_owner_draws_up_to_the_limit(week: Week) -> None:
    """200.00 are free in the wallet, so of 600.00 the rest is drawn."""
    nora, wallet = week.nora, f"/company/{week.company_id}/wallet/"
    page = nora.opens(wallet)
    assert "Up to 500.00 USD beyond the wallet" in page.text
    aside = nora.sends(page, f"/gigs/{week.gig_id}/set-aside/", **{f"{week.gig_id}-amount": "600"})
    assert "600.00 USD is set aside" in aside.text
    assert "100.00 USD left to draw" in aside.text
    nora.is_refused("POST", f"gigs/{week.gig_id}/funding", "beyond_terms", amount=usd(100_01))
    said = nora.does("GET", f"companies/{week.company_id}/net-terms")
    assert (said["drawn"], said["left"], said["overdue"]) == (usd(400_00), usd(100_00), usd(0))
    nora.does("POST", f"gigs/{week.gig_id}/funding", amount=usd(100_00))
    nora.is_refused("POST", f"gigs/{week.gig_id}/funding", "beyond_terms", amount=usd(1))


def finance_sees_it_and_writes(week: Week) -> None:
    faye = week.faye
    (row,) = faye.does("GET", "net-terms/ageing")["rows"]
    assert (row["bands"][0], row["exposure"], row["overdue"]) == (usd(500_00), usd(500_00), usd(0))
    write = f"{TERMS}company/{week.company_id}/write/"
    words = {f"{week.company_id}-words": "Will you pay on Monday?"}
    assert "Northlight was written to." in faye.sends(faye.opens(TERMS), write, **words).text
    assert "Will you pay on Monday?" in week.nora.reads_mail("About the 500.00 USD that you drew")
    again = f"companies/{week.company_id}/net-terms/write"
    faye.is_refused("POST", again, "written_today", words="Will you?")


def the_owner_pays_and_reads_the_statement(week: Week) -> None:
    nora, company = week.nora, f"/company/{week.company_id}"
    checkout = nora.sends(nora.opens(f"{company}/wallet/"), f"{company}/wallet/", amount="150")
    paying = f"checkout/{checkout.path.split('/')[-1]}/pay"
    week.house.asks_stripe(paying, payment_method="pm_card_bypassPending")
    nora.waits_for(f"{company}/wallet/", "Drawn on your terms 350.00 USD")
    page = nora.opens(f"{company}/account/").text
    assert "Drawn for" in page
    assert "Paid in" in page
    said = nora.does("GET", f"companies/{week.company_id}/account")
    assert [line["amount"]["amount_minor"] for line in said["lines"]] == [400_00, 100_00, -150_00]
    assert (said["opening"], said["closing"]) == (usd(0), usd(350_00))
    kept = nora.gets(f"{company}/account.csv").decode()
    assert "Closing balance" in kept
    assert "350.00" in kept
    assert "350.00" in week.faye.opens(f"{company}/account/").text


def it_is_late(week: Week) -> None:
    """It is told before and on the day; then nothing more is drawn."""
    nora, faye = week.nora, week.faye
    (due,) = nora.does("GET", f"companies/{week.company_id}/net-terms")["due"]
    days = (date.fromisoformat(due["on"]) - week.house.now().date()).days
    week.house.passes_to(week.house.now() + timedelta(days=days + 2))
    for person in (nora, faye, week.frank):
        if person.calls("GET", "me")["status_code"] == 401:  # days went by
            person.logs_in()
    nora.reads_in_mail("Pay it into the wallet: it is taken from there first.")
    nora.reads_in_mail("once that day is over, nothing more is drawn until it is paid")
    nora.is_refused("POST", f"gigs/{week.gig_id}/funding", "terms_overdue", amount=usd(1_00))
    assert "350.00 USD is overdue" in nora.opens(f"/company/{week.company_id}/wallet/").text
    (row,) = faye.does("GET", "net-terms/ageing")["rows"]
    assert (row["bands"][1], row["overdue"]) == (usd(350_00), usd(350_00))
    write = f"companies/{week.company_id}/net-terms/write"
    assert faye.does("POST", write, words="It is late.")["company"] == week.company_id


def finance_lowers_replaces_and_ends(week: Week, terms: str) -> None:
    """Lowered twice by one; others in their place by two; ended by one, twice."""
    faye, frank, nora = week.faye, week.frank, week.nora
    less = {f"{terms}-limit": "300", f"{terms}-reason": "You are late."}
    assert "Lowered." in faye.sends(faye.opens(TERMS), f"{TERMS}{terms}/lower/", **less).text
    nora.reads_in_mail("The reason: You are late.")
    raised = {"limit": usd(300_01), "reason": "More."}
    faye.is_refused("POST", f"net-terms/{terms}/lower", "net_terms_not_lower", **raised)
    lowered = faye.does("POST", f"net-terms/{terms}/lower", limit=usd(200_00), reason="Still late.")
    assert (lowered["limit"], lowered["agreed"]) == (usd(200_00), usd(500_00))

    others = proposes(frank, week, limit=250_00, days=7)
    faye.proves()
    assert faye.does("POST", f"net-terms/{others}/approve")["state"] == "in_force"
    over = {f"end-{others}-reason": "Pay first."}
    assert "Ended." in frank.sends(frank.opens(TERMS), f"{TERMS}{others}/end/", **over).text
    nora.reads_in_mail("Pay first.")
    last = proposes(faye, week, limit=10_00)
    frank.proves()
    frank.does("POST", f"net-terms/{last}/approve")
    assert faye.does("POST", f"net-terms/{last}/end", reason="After all.")["state"] == "ended"
    assert nora.does("GET", f"companies/{week.company_id}/net-terms")["terms"] is None


def what_is_given_back_pays_it(week: Week) -> None:
    nora, company = week.nora, f"/company/{week.company_id}"
    nora.sends(nora.opens(f"{company}/wallet/"), f"/gigs/{week.gig_id}/give-back/")
    found = nora.does("GET", f"companies/{week.company_id}/wallet")
    assert (found["drawn"], found["available"]) == (usd(0), usd(650_00))
    today = week.house.now().date()
    asked = f"companies/{week.company_id}/account?first={today - timedelta(days=60)}&last={today}"
    said = nora.does("GET", asked)
    assert said["closing"] == usd(0)
    assert said["lines"][-1]["amount"] == usd(-350_00)
