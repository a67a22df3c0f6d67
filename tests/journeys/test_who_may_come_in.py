"""Whose account it is: a lost second factor, an address that a stranger changed, a proof that has grown old, a colleague
whose account is closed. Each no is followed by the yes behind it."""

import re
from datetime import timedelta

import pytest

from tests.journeys.coming_in import a_performer, an_owner, comes_by_invitation, joins
from tests.journeys.house import House, Person
from tests.journeys.page import Page

LOST = "/recovery/"


@pytest.mark.long_journey
def test_a_lost_second_factor_is_given_back_by_a_second_owner(house: House) -> None:
    """Asked for on the page, refused over the API, told why, and agreed to on the page; the other way round over the API, where
    nobody else can ask."""
    ines, company = an_owner(house, "Ines Loses", company="Lost & Found")
    jonas = Person(house, "Jonas Decides")
    ines.does("POST", f"companies/{company}/invitations", email=jonas.email, role="owner")
    joins(jonas)
    jonas.sets_up_a_second_factor()

    asks_for_a_new_start(ines)
    assert "asks for a new start" in jonas.waits_for("/notifications/", "Ines Loses").text.lower()
    (asked,) = jonas.does("GET", "recoveries")["data"]
    assert asked["name"] == ines.name
    jonas.does("POST", f"recoveries/{asked['id']}/refuse", reason="Nobody answered the phone.")
    assert "Your second factor stays as it is" in ines.reads_in_mail("Nobody answered the phone.")
    assert ines.opens("/accounts/login/").path.startswith("/accounts/2fa/authenticate/")
    assert "You asked for a new start" in ines.sends(ines.opens(LOST), LOST).text

    agreed = jonas.sends(jonas.opens("/recoveries/"), r"/recoveries/\w+/", answer="agree", reason="We spoke.")
    assert "Done. Ines Loses is told" in agreed.text
    is_in_again(ines)

    asks_for_a_new_start_over_the_api(jonas)
    (asked,) = ines.does("GET", "recoveries")["data"]
    ines.does("POST", f"recoveries/{asked['id']}/agree", reason="We met.")
    is_in_again(jonas)
    assert [row["role"] for row in jonas.does("GET", "me")["companies"]] == ["owner"]


def logs_in_with_the_password(person: Person) -> Page:
    return person.sends(
        person.opens("/accounts/login/"), "/accounts/login/", login=person.email, password=person.password
    )


def asks_for_a_new_start(person: Person) -> None:
    person.sends(person.opens("/today/"), "/accounts/logout/")
    page = logs_in_with_the_password(person)
    asked = person.sends(person.opens(page.link(LOST)), LOST)
    assert "You asked for a new start" in asked.text
    assert "Another owner of your company looks at it." in asked.text


def asks_for_a_new_start_over_the_api(person: Person) -> None:
    """As a script on the log-in's pages would."""
    person.is_refused("POST", "recoveries/ask", "authentication_failed")
    person.sends(person.opens("/today/"), "/accounts/logout/")
    person.is_refused("POST", "recoveries/ask", "authentication_failed")
    logs_in_with_the_password(person)
    said = person.does("POST", "recoveries/ask")
    assert (said["state"], said["who_decides"]) == ("asked", "another owner of your company")
    person.is_refused("GET", "me", "not_authenticated")


def is_in_again(person: Person) -> None:
    """In the browser in which it was asked for, the password alone leads in; the role waits for another second factor."""
    person.codes = []
    today = logs_in_with_the_password(person)
    assert "Your role waits for a second factor" in today.text
    assert "passkey" in person.opens(today.link("/settings/second-factor/")).text.lower()
    person.sets_up_a_second_factor()
    assert "waits for a second factor" not in person.opens("/today/").text


@pytest.mark.long_journey
def test_an_address_that_a_stranger_changed_is_put_back(house: House) -> None:
    """From the mail to the old address, and without a log-in: whoever changed it is out, its owner is in by a new password."""
    kaja = a_performer(house, "Kaja Careless")
    stranger = Person(house, "Stranger Within")
    stranger.email, stranger.password = kaja.email, kaja.password
    assert stranger.logs_in().path == "/today/"
    page = stranger.opens("/accounts/email/")
    stranger.sends(page, "/accounts/email/", email="thief@example.org", action_add="")
    stranger.email = "thief@example.org"
    stranger.confirms()
    assert stranger.does("GET", "me")["email"] == "thief@example.org"

    link = re.search(r"http\S+/address/\S+", kaja.reads_mail("address was changed"))
    assert link is not None
    question = kaja.opens(link[0])
    assert "Put your old address back?" in question.text
    assert stranger.opens("/today/").path == "/today/"  # looking at it changed nothing
    done = kaja.sends(question, "/address/")
    assert "Your old address is back" in done.text
    assert stranger.opens("/today/").path.startswith("/accounts/login/")
    assert stranger.logs_in().path.startswith("/accounts/login/")

    reset = re.search(r"http\S+/accounts/password/reset/key/\S+", kaja.reads_mail("password"))
    assert reset is not None
    kaja.password = "Kaja keeps another sentence now"
    kaja.sends(
        kaja.opens(reset[0]), "/accounts/password/reset/", password1=kaja.password, password2=kaja.password
    )
    assert logs_in_with_the_password(kaja).path == "/today/"
    assert kaja.does("GET", "me")["email"] == kaja.email


@pytest.mark.long_journey
def test_what_asks_for_a_fresh_proof_is_done_after_it_and_nothing_is_typed_twice(house: House) -> None:
    mats, company = an_owner(house, "Mats Slow", company="Slow Studio")
    page = mats.opens(f"/company/{company}/keys/")
    house.passes_to(house.now() + timedelta(minutes=6))
    stale = mats.sends(page, page.path, name="Kept", scopes=["gigs:read"], days="9")
    assert stale.path.startswith("/accounts/2fa/reauthenticate/")
    assert mats.does("GET", f"companies/{company}/api-keys")["data"] == []
    mats.is_refused(
        "POST", f"companies/{company}/api-keys", "reauthentication_required", name="K", scopes=["gigs:read"]
    )
    back = mats.sends(stale, "/accounts/2fa/reauthenticate/", code=mats.codes.pop())
    assert "Thank you, it is you" in back.text
    assert mats.does("GET", f"companies/{company}/api-keys")["data"] == []
    made = mats.sends(back, page.path)
    assert "Your key is ready" in made.text
    (key,) = mats.does("GET", f"companies/{company}/api-keys")["data"]
    assert (key["name"], key["scopes"]) == ("Kept", ["gigs:read"])


@pytest.mark.long_journey
def test_a_colleague_whose_role_or_account_ends_is_out_at_once(house: House) -> None:
    """Finance no longer, closed, opened again, and asked anew: each is seen at the colleague's own next step."""
    root, lars = Person(house, "Root Keeper"), Person(house, "Lars Ledger")
    house.makes("first_administrator", root.email)
    comes_by_invitation(root)
    root.sends(root.opens("/staff/"), "/staff/invitations/", email=lars.email, role="finance")
    comes_by_invitation(lars)
    assert lars.opens("/pay/payday/").status == 200
    of_lars = f"/staff/{lars.does('GET', 'me')['id']}/"

    taken = root.sends(root.opens("/staff/"), of_lars, do="finance")
    assert "Lars Ledger is no longer finance." in taken.text
    assert lars.opens("/pay/payday/").status == 403

    root.proves()
    root.sends(root.opens("/staff/"), "/staff/invitations/", email=lars.email, role="finance")
    asked = lars.opens("/today/")
    assert "You act for the house as finance." in lars.sends(asked, "/invitation/", answer="accept").text
    assert lars.opens("/pay/payday/").status == 200

    closed = root.sends(root.opens("/staff/"), of_lars, do="deactivate", reason="On leave for a year.")
    assert "Lars Ledger can no longer come in." in closed.text
    assert lars.opens("/today/").path.startswith("/accounts/login/")
    assert "This account is closed" in lars.logs_in().text
    opened = root.sends(root.opens("/staff/"), of_lars, do="reactivate", reason="Back early.")
    assert "Lars Ledger can come in again." in opened.text
    assert lars.logs_in().path == "/today/"
    assert lars.opens("/pay/payday/").status == 200

    # The same, as an administrator's app does it.
    root.proves()
    listed = {row["name"]: row["id"] for row in root.does("GET", "staff")["data"]}
    path = f"staff/{listed[lars.name]}"
    root.does("POST", f"{path}/deactivate", reason="On leave again.")
    assert "This account is closed" in lars.logs_in().text
    root.does("POST", f"{path}/reactivate", reason="Back.")
    assert lars.logs_in().path == "/today/"
    root.does("POST", f"{path}/withdraw", role="finance")
    assert lars.opens("/pay/payday/").status == 403
