"""Whoever owns a company says who acts for it: they are asked, answer, get another role, are taken out, or go."""

import pytest

from tests.journeys.coming_in import ZONE, an_owner, is_invited, joins
from tests.journeys.house import House, Person


@pytest.fixture(scope="module")
def harbour(house: House) -> tuple[Person, str]:
    return an_owner(house, "Clara Owner", company="Harbour Lights")


@pytest.mark.long_journey
def test_members_come_by_their_own_yes(house: House, harbour: tuple[Person, str]) -> None:
    """One is asked on the page and says yes, one is asked over the API and says no."""
    clara, company = harbour
    members, asks = f"/company/{company}/members/", f"/company/{company}/invitations/"
    pelle, quill = Person(house, "Pelle Producer"), Person(house, "Quill Reviewer")
    asked = clara.sends(clara.opens(members), asks, email=pelle.email, role="producer")
    assert f"{pelle.email} gets a mail" in asked.text
    path = f"companies/{company}/invitations"
    asked_by_api = clara.does("POST", path, email=quill.email, role="reviewer")
    joins(pelle)
    assert pelle.does("GET", f"companies/{company}")["name"].startswith("Harbour")
    pelle.is_refused("POST", path, "forbidden", email="x@example.org", role="owner")

    quill.signs_up(comes_to="performer", time_zone=ZONE)
    quill.confirms()
    assert "You are asked to act for" in quill.opens("/today/").text
    assert quill.does("POST", f"invitations/{asked_by_api['id']}/decline")["state"] == "declined"
    told = clara.opens("/notifications/").text
    assert "Pelle Producer says yes." in told
    assert f"{quill.email} says no." in told
    named = [row["name"] for row in pelle.does("GET", f"companies/{company}/members")["data"]]
    assert {"Clara Owner", "Pelle Producer"} <= set(named)
    assert quill.name not in named


@pytest.mark.long_journey
def test_an_invitation_that_is_taken_back_leads_nowhere(house: House, harbour: tuple[Person, str]) -> None:
    clara, company = harbour
    members, path = f"/company/{company}/members/", f"companies/{company}/invitations"
    rosa, sunna = Person(house, "Rosa Unwanted"), Person(house, "Sunna Unwanted")
    ids = {
        person.name: clara.does("POST", path, email=person.email, role="billing")["id"]
        for person in (rosa, sunna)
    }
    links = {person: is_invited(person) for person in (rosa, sunna)}
    for person, link in links.items():
        assert "Sign up" in person.opens(link).text
    taken_back = clara.sends(clara.opens(members), f"/invitation/{ids[rosa.name]}/withdraw/")
    assert "Taken back." in taken_back.text
    assert clara.does("POST", f"invitations/{ids[sunna.name]}/withdraw")["state"] == "withdrawn"
    for person, link in links.items():
        assert "This invitation is over" in person.opens(link).text


@pytest.mark.long_journey
def test_a_role_changes_and_ends(house: House, harbour: tuple[Person, str]) -> None:
    """A producer becomes a reviewer, who posts nothing; one is taken out on the page, one over the API, two go themselves."""
    clara, company = harbour
    tove, uwe, vera, wim = crew = [
        Person(house, name) for name in ("Tove First", "Uwe Second", "Vera Third", "Wim Fourth")
    ]
    for person in crew:
        clara.does("POST", f"companies/{company}/invitations", email=person.email, role="producer")
    for person in crew:
        joins(person)
    ids = {row["name"]: row["id"] for row in clara.does("GET", f"companies/{company}/members")["data"]}
    page = f"/company/{company}/members/"

    assert tove.opens(f"/company/{company}/gigs/new/").status == 200
    changed = clara.sends(clara.opens(page), f"{page}{ids[tove.name]}/", role="reviewer")
    assert "Tove First is now reviewer." in changed.text
    (acts_for,) = tove.does("GET", "me")["companies"]
    assert acts_for == {"id": company, "name": acts_for["name"], "role": "reviewer"}
    tove.is_refused("POST", "gigs", "forbidden", **a_gig_of(company))

    removed = clara.sends(clara.opens(page), f"{page}{ids[tove.name]}/", do="remove")
    assert "Tove First no longer acts for" in removed.text
    clara.does("DELETE", f"companies/{company}/members/{ids[uwe.name]}")
    left = vera.sends(vera.opens(page), f"/company/{company}/leave/")
    assert "You no longer act for" in left.text
    wim.does("DELETE", f"companies/{company}/membership")
    for person in crew:
        assert person.does("GET", "me")["companies"] == []
        assert person.opens(page).status in (403, 404)
        assert person.name not in clara.opens(page).text
    clara.is_refused("DELETE", f"companies/{company}/membership", "last_owner")

    trail = clara.does("GET", f"audit?thing={company}")["data"]
    removed_by = [row["actor"] for row in trail if row["verb"] == "company.member_removed"]
    assert len(removed_by) == 4
    assert len({*removed_by}) == 3  # Clara took two out; two went themselves
    wim.is_refused("GET", f"audit?thing={company}", "not_found")


def a_gig_of(company: str) -> dict[str, object]:
    return {
        "company": company,
        "title": "Two keys",
        "scene": "One flat.",
        "brief": "No script.",
        "rate": {"amount_minor": 5000, "currency": "usd"},
        "starts_on": "2030-01-01",
        "ends_on": "2030-02-01",
        "purposes": ["evaluation"],
    }


@pytest.mark.long_journey
def test_what_a_company_says_of_itself(house: House, harbour: tuple[Person, str]) -> None:
    """Its first steps stand on its first page; another name is read by whoever acts for it, and a colleague cannot give it."""
    clara, company = harbour
    yrsa = Person(house, "Yrsa Colleague")
    clara.does("POST", f"companies/{company}/invitations", email=yrsa.email, role="reviewer")
    joins(yrsa)
    assert "Your first steps" in clara.opens(f"/company/{company}/first-steps/").text
    page = f"/company/{company}/"
    saved = clara.sends(clara.opens(page), page, name="Harbour & Sons", about="We listen.")
    assert "Saved. Performers see it from now on." in saved.text
    assert "Harbour & Sons" in yrsa.opens("/today/").text
    assert yrsa.does("GET", f"companies/{company}")["about"] == "We listen."
    assert yrsa.calls("PATCH", f"companies/{company}", name="Mine")["status_code"] == 403


@pytest.mark.long_journey
def test_a_key_opens_what_it_may_until_it_is_revoked(house: House, harbour: tuple[Person, str]) -> None:
    clara, company = harbour
    page = f"/company/{company}/keys/"
    made = clara.sends(clara.opens(page), page, name="Dashboard", scopes=["gigs:read"], days="9")
    by_page = next(word for word in made.text.split() if word.startswith("cb_"))
    made_by_api = clara.does(
        "POST", f"companies/{company}/api-keys", name="Wallet", scopes=["billing:read"], days=9
    )
    by_api = made_by_api["secret"]
    gigs, wallet = f"companies/{company}/gigs", f"companies/{company}/wallet"
    assert (house.answers(gigs, key=by_page).status_code, house.answers(gigs, key=by_api).status_code) == (
        200,
        403,
    )
    read = house.answers(wallet, key=by_api)
    assert read.json()["available"] == {"amount_minor": 0, "currency": "usd"}, read.text
    named = {row["name"]: row for row in clara.does("GET", f"companies/{company}/api-keys")["data"]}
    assert named.keys() == {"Dashboard", "Wallet"}
    assert named["Dashboard"]["last_used_at"] is not None

    clara.does("DELETE", f"companies/{company}/api-keys/{named['Wallet']['id']}")
    revoked = clara.sends(clara.opens(page), f"{page}{named['Dashboard']['id']}/revoke/")
    assert "The key is revoked." in revoked.text
    for path, key in ((gigs, by_page), (wallet, by_api)):
        assert house.answers(path, key=key).status_code == 401


@pytest.mark.long_journey
def test_whoever_came_by_invitation_may_begin_something_of_their_own(house: House) -> None:
    """Who came to join, and was asked by nobody, says on the first page that they perform; then they make a company too."""
    zita = Person(house, "Zita Begins")
    first = zita.comes_in(comes_to="invitation", time_zone="Europe/London")
    assert "What do you come for?" in first.text
    begun = zita.sends(first, "/today/begin/", comes_to="performer", name=zita.name)
    assert begun.path == "/onboarding/"
    todo = zita.does("GET", "me/onboarding")
    assert not all(step["done"] for step in todo["steps"]), todo
    made = zita.does("POST", "companies", name="Zita & Co")
    assert made["state"] == "signed_up"
    assert [row["role"] for row in zita.does("GET", "me")["companies"]] == ["owner"]
