"""A performer and a company come in by the front door: sign up, confirm their address, leave, and come back."""

import pytest

from tests.journeys.house import House, Person


@pytest.mark.parametrize(
    ("name", "says", "reads"),
    [
        ("Ada Okafor", {"comes_to": "performer"}, "What waits for you"),
        ("Nora Lindqvist", {"comes_to": "company", "company_name": "Northlight"}, "Northlight"),
    ],
    ids=["performer", "company"],
)
def test_signs_up_confirms_leaves_and_comes_back(
    house: House, name: str, says: dict[str, str], reads: str
) -> None:
    me = Person(house, name)
    waits = me.signs_up(**says, time_zone="Europe/London")
    assert f"the mail that we sent to {me.email}" in waits.text
    assert "It went out a moment ago" in me.sends(waits, "/confirmation/again/").text
    assert me.opens("/today/").path.startswith("/accounts/login/")
    first = me.confirms()
    assert first.path == "/today/"
    assert reads in first.text
    assert "Not confirmed yet" not in me.opens("/accounts/email/").text

    me.sends(me.opens("/accounts/logout/"), "/accounts/logout/")
    shut = me.opens("/today/")
    assert shut.path.startswith("/accounts/login/")
    wrong = me.sends(shut, "/accounts/login/", login=me.email, password="not what I typed")
    assert wrong.path.startswith("/accounts/login/")
    assert me.sends(shut, "/accounts/login/", login=me.email, password=me.password).path == "/today/"
