"""A no, a suspension and a gig that is sent back, from outside: what is said, how it is appealed, and who takes it back."""

import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest

from tests.journeys.coming_in import comes_by_invitation
from tests.journeys.house import House, Person, running
from tests.journeys.test_a_paid_week import (
    NEW_YORK,
    Week,
    a_company_posts_a_gig,
    performers_are_cast,
    the_house_is_staffed,
)

REGISTERED = {
    "legal_name": "Southlight Ltd",
    "registration_number": "09876543",
    "country": "GB",
    "website": "https://southlight.example",
}


@pytest.fixture(scope="module")
def empty_house() -> Iterator[House]:
    with running() as house:
        yield house


@pytest.mark.long_journey
def test_a_no_is_told_appealed_and_answered_by_another_person(empty_house: House) -> None:
    week = Week(empty_house)
    the_house_is_staffed(week)
    otto = Person(empty_house, "Otto Second")
    week.root.proves()
    week.root.sends(week.root.opens("/staff/"), "/staff/invitations/", email=otto.email, role="talent")
    comes_by_invitation(otto)
    a_company_posts_a_gig(week)
    performers_are_cast(week)
    a_performer_is_declined(week, otto)
    a_company_is_vetted_by_api(week)
    a_performer_is_suspended(week, otto)


def a_performer_is_declined(week: Week, otto: Person) -> None:
    """Declined; the appeal is taken back, filed again, and not granted; asked again, approved."""
    noa, tala = Person(week.house, "Noa Newcomer"), week.tala
    noa.comes_in(comes_to="performer", time_zone=NEW_YORK.key)
    noa.does("PATCH", "me/performer", skills=["duo"], languages=["en"])
    noa.sends(noa.opens("/terms/"), "/onboarding/terms/")
    vetting = noa.does("POST", "me/vettings")["id"]
    assert [row["id"] for row in noa.does("GET", "me/vettings")["data"]] == [vetting]
    assert [row["id"] for row in tala.does("GET", "desk")["data"]] == [vetting]
    assert {row["what"]: row["count"] for row in tala.does("GET", "desk/counts")["data"]}["performer"] == 1
    tala.does("POST", f"vettings/{vetting}/take-up")
    tala.does("POST", f"vettings/{vetting}/decline", reason="profile", words="Say what you play.")
    assert "Say what you play." in noa.reads_mail("You are not approved")
    first = files_an_appeal(noa)
    page = noa.opens(f"/appeals/{first}/")
    assert "Taken back." in noa.sends(page, r"/appeals/\w+/withdraw/").text
    noa.waits_for("/notifications/", "Your appeal was taken back")
    appeal = files_an_appeal(noa)
    dates = [noa.does("GET", f"appeals/{each}")["answer_due_at"] for each in (first, appeal)]
    assert dates[0] == dates[1], "it counts from the first"
    assert week.tala.calls("POST", f"appeals/{appeal}/take-up")["code"] == "reviewer_decided"
    page = otto.sends(otto.opens(otto.opens("/desk/").link("/appeals/")), r"/appeals/\w+/take-up/")
    answered = otto.sends(page, r"/appeals/\w+/answer/", outcome="upheld", text="It is still empty.")
    assert "Answered." in answered.text
    assert "It is still empty." in noa.reads_mail("appeal is answered")
    assert noa.does("GET", f"appeals/{appeal}")["state"] == "upheld"
    is_approved_after_all(week, noa)


def files_an_appeal(person: Person) -> str:
    filed = person.sends(person.opens("/standing/"), "/appeals/", text="I wrote what I play.")
    assert "Filed." in filed.text
    return filed.path.strip("/").split("/")[-1]


def is_approved_after_all(week: Week, noa: Person) -> None:
    """Asked again; the identity is proven over the API, on the partner's page."""
    asked = noa.sends(noa.opens("/standing/"), "/standing/ask/")
    assert "Sent." in asked.text
    stripe = noa.opens(noa.does("POST", "me/identity-check/link")["url"])
    noa.sends(stripe, "/hosted/verify/", first_name="Noa", last_name="Newcomer", dob="1999-02-28")
    assert noa.does("GET", "me/identity-check")["status"] == "verified"
    vetting = noa.does("GET", "me/vettings")["data"][0]["id"]
    week.tala.does("POST", f"vettings/{vetting}/take-up")
    assert all(item["met"] for item in week.tala.does("GET", f"vettings/{vetting}")["checklist"])
    week.tala.does("POST", f"vettings/{vetting}/approve")
    assert "You are approved" in noa.opens("/standing/").text


def a_company_is_vetted_by_api(week: Week) -> None:
    """And its first gig is taken back, sent back, and approved."""
    sol, tala = Person(week.house, "Sol Owner"), week.tala
    sol.comes_in(comes_to="company", company_name="Southlight", time_zone=NEW_YORK.key)
    sol.sets_up_a_second_factor()
    company = sol.opens("/today/").link(r"^/company/\w+/").split("/")[2]
    vetting = sol.does("POST", f"companies/{company}/vettings", **REGISTERED)["id"]
    tala.does("POST", f"vettings/{vetting}/take-up")
    for item in tala.does("GET", f"vettings/{vetting}")["checklist"]:
        if not item["met"]:
            tala.does("POST", f"vettings/{vetting}/ticks", item=item["item"], note="Looked up.")
    tala.does("POST", f"vettings/{vetting}/approve")
    assert sol.does("GET", f"companies/{company}/vettings")["data"][0]["outcome"] == "approved"
    gig = a_funded_draft(week, sol, company)
    assert sol.does("POST", f"gigs/{gig}/publish")["state"] == "in_review"
    assert sol.does("POST", f"gigs/{gig}/take-back")["state"] == "draft"
    sol.does("POST", f"gigs/{gig}/publish")
    tala.does("POST", f"gigs/{gig}/send-back", reason="Say what the scene may touch.")
    assert "Say what the scene may touch." in sol.opens(f"/company/{company}/gigs/{gig}/").text
    sol.does("PATCH", f"gigs/{gig}", content_notes="Grief.")
    sol.does("POST", f"gigs/{gig}/publish")
    assert tala.does("POST", f"gigs/{gig}/approve")["state"] == "published"


def a_funded_draft(week: Week, sol: Person, company: str) -> str:
    wallet = f"/company/{company}/wallet/"
    checkout = sol.sends(sol.opens(wallet), wallet, amount="500")
    paid = f"checkout/{checkout.path.split('/')[-1]}/pay"
    week.house.asks_stripe(paid, payment_method="pm_card_bypassPending")
    gig = sol.does(
        "POST",
        "gigs",
        company=company,
        title="A letter that came late",
        scene="Two people read it.",
        brief="No script.",
        rate={"amount_minor": 5000, "currency": "usd"},
        starts_on=f"{week.monday}",
        ends_on=f"{week.monday + timedelta(days=30)}",
        purposes=["evaluation"],
    )["id"]
    sol.waits_for(wallet, "Free in the wallet 500.00 USD")
    sol.sends(sol.opens(wallet), f"/gigs/{gig}/set-aside/", **{f"{gig}-amount": "300"})
    return str(gig)


def a_performer_is_suspended(week: Week, otto: Person) -> None:
    """Twice: over the API, lifted by who did it; on the pages, taken back on appeal over the API; and once more, by page."""
    tala, ada = week.tala, week.ada.me
    sessions = [is_booked(week, days=days) for days in (1, 2)]
    why = {"reason": "conduct", "words": "A promise was not kept.", "evidence": "The room's record."}
    about = ada.does("GET", "me/performer")["id"]
    for borne in tala.does("GET", f"subjects/{about}/suspension-price")["data"]:
        assert borne["sessions"] > 0
        assert borne["price"]["amount"]["currency"] == "usd"
    one = tala.does("POST", "suspensions", subject=about, **why)
    assert one["open_sessions"] == sessions
    assert "A promise was not kept." in ada.reads_mail("suspended")
    assert [row["id"] for row in ada.does("GET", "suspensions")["data"]] == [one["id"]]
    path = f"suspensions/{one['id']}"
    kept = tala.does("POST", f"{path}/sessions", answer="keep", reason="It may be.", sessions=sessions[:1])
    assert kept["open_sessions"] == sessions[1:]
    assert ada.does("GET", path)["lifted_at"] is None
    tala.does("POST", f"{path}/lift", reason="It was put right.")

    page = is_suspended_by_page(tala, ada, why)
    (suspension,) = re.findall(r"suspensions/(\w+)/lift", page.form("/house/suspensions/.+/lift/").action)
    off = tala.sends(page, r"/house/suspensions/\w+/sessions/", answer="call_off", reason="It cannot be.")
    assert "Answered." in off.text
    ada.does("POST", "appeals", subject=suspension, text="No.")
    (waits,) = [row["id"] for row in ada.does("GET", "appeals")["data"] if row["state"] == "filed"]
    ada.does("POST", f"appeals/{waits}/withdraw")
    appeal = ada.does("POST", "appeals", subject=suspension, text="The record is of another.")["id"]
    otto.does("POST", f"appeals/{appeal}/take-up")
    otto.does("POST", f"appeals/{appeal}/answer", outcome="reversed", text="It is of another.")
    assert "It is of another." in ada.opens("/notifications/").text

    page = is_suspended_by_page(tala, ada, why)
    (third,) = re.findall(r"suspensions/(\w+)/lift", page.form("/house/suspensions/.+/lift/").action)
    for _ in range(2):
        again = ada.does("POST", "appeals", subject=third, text="It is not so.")["id"]
        ada.proves()
        ada.does("POST", f"appeals/{again}/withdraw")
    ada.is_refused("POST", "appeals", "appeal_taken_back", subject=third, text="Once more.")
    lifted = tala.sends(page, r"/house/suspensions/\w+/lift/", reason="Enough.")
    assert "Lifted. They are told." in lifted.text


def is_booked(week: Week, *, days: int) -> str:
    rows = week.nora.does("GET", "engagements")["data"]
    engaged = [row["id"] for row in rows if row["performer_name"] == week.ada.me.name]
    call_at = f"{week.at(days, 14).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    booked = week.nora.does("POST", "sessions", gig=week.gig_id, call_at=call_at, engagements=engaged)
    return str(booked["id"])


def is_suspended_by_page(tala: Person, whom: Person, why: dict[str, str]) -> Any:
    found = tala.opens(f"/house/people/?q={whom.name.split()[0]}")
    page = tala.sends(tala.opens(found.link("/house/people/prf_")), r"/house/people/\w+/suspend/", **why)
    assert "Suspended, at every door." in page.text
    return page
