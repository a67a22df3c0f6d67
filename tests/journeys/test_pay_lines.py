"""What is paid beside time: a bonus by two, an expense with its receipt, a deduction that is agreed to, a guarantee that was
broken; then all of it beside the weeks, down to the statement. Each act by page and by the API, each no before its yes."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.coming_in import comes_by_invitation, joins
from tests.journeys.house import Person

MINE, HOUSE = "/pay/lines/", "/house/pay-lines/"
RECEIPT = b"%PDF-1.7 two lunches"
TRAIN = b"%PDF-1.7 a train"


@pytest.mark.long_journey
def test_what_two_agreed_on_is_paid_beside_the_weeks(busy: BusyWeek) -> None:
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    owner, company = busy.owner(2)
    person = busy.performer(9)
    engagement = is_engaged(owner, person, busy.posts_a_gig(owner, company, "An encore"))
    producer = a_second(busy, owner, company)

    bonuses(owner, producer, company, engagement)
    expenses(owner, person, company, engagement)
    deductions(one, person, engagement)
    breaches(busy, owner, company, engagement)
    minutes_pass(busy)
    is_paid(busy, one, other, person)


def a_second(busy: BusyWeek, owner: Person, company: str) -> Person:
    """A producer of the company, who may approve what the owner proposes."""
    producer = Person(busy.house, "Prudence Second")
    owner.proves()
    owner.does("POST", f"companies/{company}/invitations", email=producer.email, role="producer")
    joins(producer)
    return producer


def bonuses(owner: Person, producer: Person, company: str, engagement: str) -> None:
    page, path = f"/company/{company}/pay-lines/", f"companies/{company}/bonuses"
    asked = producer.sends(
        producer.opens(page), page, engagement=engagement, amount="4,0", reason="A great scene."
    )
    assert "Write one of them" in asked.text
    asked = producer.sends(asked, page, amount="40.00")
    assert "A second person was told" in asked.text
    (line,) = waiting(owner, "bonus")
    producer.is_refused("POST", f"pay-lines/{line}/approve", "approver_is_maker")
    assert "It is part of the next payday" in moves(owner, page, line, "approve")

    owner.is_refused("POST", path, "invalid", engagement=engagement, amount=usd(10_00), reason=" ")
    made = owner.does("POST", path, engagement=engagement, amount=usd(10_00), reason="And an encore.")
    producer.is_refused("POST", f"pay-lines/{made['id']}/decline", "invalid", answer="")
    assert (
        producer.does("POST", f"pay-lines/{made['id']}/decline", answer="Once is enough.")["state"]
        == "declined"
    )
    assert "Once is enough." in owner.opens(page).text
    again = owner.does("POST", path, engagement=engagement, amount=usd(10_00), reason="Twice.")
    assert "Taken back." in moves(owner, page, again["id"], "withdraw", answer="By mistake.")


def expenses(owner: Person, person: Person, company: str, engagement: str) -> None:
    page, day = f"/company/{company}/pay-lines/", f"{person.house.now() - timedelta(days=2):%Y-%m-%d}"
    typed = {"engagement": engagement, "amount": "12.00", "reason": "Two lunches.", "spent_on": day}
    no = person.uploads(person.opens(MINE), MINE, receipt=("lunch.pdf", b"<html>"), **typed)
    assert "A PDF, or a picture as JPEG or PNG." in no.text
    assert (
        "The company was told"
        in person.uploads(person.opens(MINE), MINE, receipt=("l.pdf", RECEIPT), **typed).text
    )
    (line,) = waiting(owner, "expense")
    assert person.gets(f"{MINE}{line}/receipt/") == owner.gets(f"{MINE}{line}/receipt/") == RECEIPT
    sent = {"engagement": engagement, "amount": usd(8_00), "reason": "A train.", "spent_on": day}
    person.is_refused("POST", "me/expenses", "invalid", receipt="?", **sent)
    used, train = (base64.b64encode(each).decode() for each in (RECEIPT, TRAIN))
    person.is_refused("POST", "me/expenses", "receipt_used", receipt=used, **sent)
    made = person.does("POST", "me/expenses", receipt=train, **sent)
    kept = owner.does("GET", f"pay-lines/{made['id']}/receipt")["content"]
    assert base64.b64decode(kept) == TRAIN
    person.is_refused("POST", f"pay-lines/{made['id']}/approve", "forbidden")
    assert "Declined." in moves(owner, page, made["id"], "decline", answer="We pay no trains.")
    assert "We pay no trains." in person.opens(MINE).text
    assert owner.does("POST", f"pay-lines/{line}/approve")["state"] == "approved"


def deductions(finance: Person, person: Person, engagement: str) -> None:
    ask, typed = f"{HOUSE}deduction/", {"deduction-engagement": engagement, "deduction-reason": "The lamp."}
    nothing = finance.sends(finance.opens(HOUSE), ask, **typed, **{"deduction-amount": "0"})
    assert "From 0.01 USD to" in nothing.text
    asked = finance.sends(finance.opens(HOUSE), ask, **typed, **{"deduction-amount": "20.00"})
    assert "The performer was told" in asked.text
    (line,) = waiting(person, "deduction")
    finance.is_refused("POST", f"pay-lines/{line}/approve", "forbidden")
    assert "A deduction waits for your answer" in person.opens("/pay/").text
    person.proves()
    assert "Approved." in moves(person, MINE, line, "approve")
    is_given_up(finance, person, engagement)
    made = finance.does("POST", "deductions", engagement=engagement, amount=usd(5_00), reason="A bulb.")
    person.is_refused("POST", f"pay-lines/{made['id']}/withdraw", "forbidden", answer="No.")
    gone = finance.does("POST", f"pay-lines/{made['id']}/withdraw", answer="It was found.")
    assert gone["state"] == "withdrawn"
    assert person.does("GET", f"pay-lines/{made['id']}")["answer"] == "It was found."


def is_given_up(finance: Person, person: Person, engagement: str) -> None:
    """What was agreed by mistake: one over the API, one on the page."""
    asked = {"engagement": engagement, "amount": usd(3_00)}
    first, second = (
        finance.does("POST", "deductions", reason=reason, **asked)["id"] for reason in ("A cup.", "A plate.")
    )
    finance.is_refused("POST", f"pay-lines/{first}/waive", "illegal_state", answer="It was ours.")
    for line in (first, second):
        person.does("POST", f"pay-lines/{line}/approve")
    person.is_refused("POST", f"pay-lines/{first}/waive", "forbidden", answer="It was yours.")
    assert finance.does("POST", f"pay-lines/{first}/waive", answer="It was ours.")["state"] == "waived"
    assert "No more of it is deducted." in moves(finance, HOUSE, second, "waive", answer="Found whole.")
    person.waits_for("/notifications/", "Found whole.")


def breaches(busy: BusyWeek, owner: Person, company: str, engagement: str) -> None:
    page, tala = f"/company/{company}/pay-lines/", busy.comes_in("Talent operations")
    second = another_in_talent(busy)
    say, typed = f"{HOUSE}breach/", {"breach-engagement": engagement, "breach-amount": "6.00"}
    asked = tala.sends(tala.opens(HOUSE), say, **typed, **{"breach-reason": "No rest."})
    assert "The company was told" in asked.text
    (line,) = waiting(owner, "breach")
    second.is_refused("POST", f"pay-lines/{line}/approve", "not_contested")
    assert "Contested." in moves(owner, page, line, "contest", answer="There was a rest.")
    assert "There was a rest." in second.opens("/desk/").text
    tala.is_refused("POST", f"pay-lines/{line}/approve", "approver_is_maker")
    assert second.does("POST", f"pay-lines/{line}/approve")["state"] == "approved"
    made = tala.does("POST", "breaches", engagement=engagement, amount=usd(7_00), reason="No meal.")
    contested = owner.does("POST", f"pay-lines/{made['id']}/contest", answer="There was one.")
    assert contested["state"] == "contested"
    assert "Declined." in moves(second, HOUSE, made["id"], "decline", answer="There was.")


def another_in_talent(busy: BusyWeek) -> Person:
    admin, person = busy.comes_in("The administrator"), Person(busy.house, "Tessa Second")
    admin.proves()
    admin.does("POST", "staff/invitations", email=person.email, role="talent")
    comes_by_invitation(person)
    return person


def is_paid(busy: BusyWeek, one: Person, other: Person, person: Person) -> None:
    """40.00, 12.00 and 6.00 are earned; of them the terms let 14.50 be deducted, and the rest waits."""
    choose = "/pay/payday/off-cycle/"
    (owed,) = one.does("GET", f"owed-performers?q={person.name}")["data"]
    assert owed["amount"] == usd(58_00)
    page = one.opens(f"{choose}?q={person.name}")
    assert "Choose from 1 to" in one.sends(page, f"{choose}$", reason="The rent is due.").text
    assert "Say why" in one.sends(page, f"{choose}$", performers=[owed["performer"]], reason=" ").text
    draft = one.sends(page, f"{choose}$", performers=[owed["performer"]], reason="The rent is due.")
    assert "43.50" in draft.text
    run = draft.path.rstrip("/").split("/")[-1]
    sent = {"performers": [owed["performer"]], "reason": "Again."}
    one.is_refused("POST", "pay-runs/off-cycle", "already_in_a_draft", **sent)
    (row,) = one.does("GET", f"pay-runs/{run}/preview")["data"]
    assert (row["amount"], row["lines"]) == (usd(43_50), 4)
    one.sends(draft, f"{draft.path}cancel/", reason="Once more over the API.")
    run = one.does("POST", "pay-runs/off-cycle", **sent)["id"]
    frozen = one.does("POST", f"pay-runs/{run}/freeze")
    assert frozen["total"] == row["amount"]
    one.is_refused(
        "POST", f"pay-runs/{run}/approve", "reauthentication_required", content_hash=frozen["content_hash"]
    )
    one.proves()
    one.is_refused(
        "POST", f"pay-runs/{run}/approve", "approver_is_creator", content_hash=frozen["content_hash"]
    )
    other.proves()
    shown = other.opens(f"/pay/payday/{run}/")
    assert "The rent is due." in shown.text or "Again." in shown.text
    assert "Approved." in other.sends(shown, f"/pay/payday/{run}/approve/").text
    other.waits_for(f"/pay/payday/{run}/", "The run Paid")
    carried = {row["what"]: row["amount"] for row in other.does("GET", f"pay-runs/{run}/carried")["data"]}
    assert carried["to_deduct"] == usd(5_50)
    item = person.does("GET", "me/statements")["data"][0]
    assert item["amount"] == usd(43_50)
    statement = person.opens(f"/pay/statements/{item['id']}/").text
    for words in ("A great scene.", "Two lunches.", "The lamp.", "No rest.", "Reimbursed expenses 12.00 USD"):
        assert words in statement, words
    assert "5.50 USD is still to be deducted" in person.opens("/pay/").text
    year = person.does("GET", f"me/years/{busy.house.now().year}")["totals"]
    assert {"counts_as": "deducted", "amount": usd(-14_50)} in year
    assert "difference 0.00 USD" in busy.house.makes("reconcile")
    assert all(rule["violations"] == 0 for rule in one.does("GET", "audit/invariants")["data"])


def waiting(person: Person, kind: str) -> list[str]:
    rows = person.does("GET", "pay-lines?limit=100")["data"]
    return [row["id"] for row in rows if row["kind"] == kind and row["state"] == "proposed"]


def moves(person: Person, page: str, line: str, act: str, **typed: str) -> str:
    return person.sends(person.opens(page), f"{MINE}{line}/{act}/", **typed).text


def minutes_pass(busy: BusyWeek) -> None:
    busy.house.passes_to(busy.house.now() + timedelta(minutes=6), step_s=60)


def usd(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "usd"}
