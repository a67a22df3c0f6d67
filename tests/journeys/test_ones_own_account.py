"""What is one's own to say and to take: a name that colleagues read, news, a copy of one's data, and being forgotten."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys import reached
from tests.journeys.coming_in import ZONE, a_performer, an_owner, joins
from tests.journeys.house import House, Person

NEWS, READ_ALL = "/notifications/", "/notifications/read/"


@pytest.fixture(scope="module")
def pair(house: House) -> tuple[Person, Person, str]:
    """An owner, a colleague who has just said yes, and the company's id."""
    orla, company = an_owner(house, "Orla Owner", company="Open Mic")
    pim = Person(house, "Pim Colleague")
    orla.does("POST", f"companies/{company}/invitations", email=pim.email, role="reviewer")
    joins(pim)
    return orla, pim, company


@pytest.mark.long_journey
def test_a_new_name_is_read_by_colleagues_and_a_zone_by_oneself(pair: tuple[Person, Person, str]) -> None:
    orla, pim, company = pair
    saved = pim.sends(pim.opens("/settings/"), "/settings/", name="Pim Renamed", time_zone="Asia/Kolkata")
    assert "Saved." in saved.text
    assert "Pim Renamed" in orla.opens(f"/company/{company}/members/").text
    me = pim.does("GET", "me")
    assert (me["name"], me["time_zone"]) == ("Pim Renamed", "Asia/Kolkata")
    assert "your time (IST)" in news_with_its_time(pim)

    pim.does("PATCH", "me", time_zone="Europe/Berlin")
    assert "your time (CE" in news_with_its_time(pim)
    unknown = pim.calls("PATCH", "me", time_zone="Mars/Base")
    assert (unknown["status_code"], pim.does("GET", "me")["time_zone"]) == (422, "Europe/Berlin")


def news_with_its_time(person: Person) -> str:
    """What they are told when they set a new password."""
    path = "/accounts/password/change/"
    person.proves()
    old, person.password = person.password, f"{person.password} still"
    typed = {"oldpassword": old, "password1": person.password, "password2": person.password}
    person.sends(person.opens(path), path, **typed)
    return person.waits_for(NEWS, "Your password was changed").text


@pytest.mark.long_journey
def test_news_lead_to_where_the_thing_is_done_and_are_read_then(pair: tuple[Person, Person, str]) -> None:
    """One by one on the page and over the API; all at once there and there."""
    orla, _, company = pair
    says_yes = next(row for row in news_of(orla) if row["kind"] == "invitation")
    assert says_yes["read_at"] is None
    opened = orla.opens(orla.opens(NEWS).link(says_yes["id"]))
    assert opened.path == f"/company/{company}/members/"
    reached.led_on("notification_open")
    assert next(row for row in news_of(orla) if row["id"] == says_yes["id"])["read_at"] is not None
    unread = next(row for row in news_of(orla) if row["read_at"] is None)
    assert orla.does("POST", f"notifications/{unread['id']}/read")["read_at"] is not None

    for name in ("Quim First", "Rolf Second"):
        there_is_news_for(orla, company, name)
        assert "1 unread." in orla.opens(NEWS).text
        if name.startswith("Quim"):
            assert "All read." in orla.sends(orla.opens(NEWS), READ_ALL).text
        else:
            assert orla.does("POST", "notifications/read")["read"] == 1
    assert "All read." in orla.opens(NEWS).text


def news_of(person: Person) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.does("GET", "notifications")["data"]
    return rows


def there_is_news_for(orla: Person, company: str, name: str) -> None:
    """One more who is asked, and says no."""
    someone = a_performer(orla.house, name)
    orla.proves()
    asked = orla.does("POST", f"companies/{company}/invitations", email=someone.email, role="reviewer")
    orla.does("POST", "notifications/read")
    someone.does("POST", f"invitations/{asked['id']}/decline")


@pytest.mark.long_journey
def test_a_copy_of_ones_data_is_whole_and_ones_own(house: House) -> None:
    """With a fresh proof by page and by API the same; without one nothing is handed over."""
    uma, other = a_performer(house, "Uma Archive"), a_performer(house, "Viggo Other")
    path = "/settings/privacy/export/"
    by_page = uma.posts(uma.opens("/settings/privacy/"), path)
    assert by_page.headers["Content-Disposition"].startswith("attachment")
    by_api = uma.asks("POST", "me/export")
    copies = [read(by_page.content), read(by_api.content)]
    assert copies[0].keys() == copies[1].keys()
    for copy in copies:
        (account,) = json.loads(copy["accounts.user.json"])
        assert (account["email"], account["name"]) == (uma.email, uma.name)
        assert uma.password not in "".join(copy.values())
        assert other.email not in "".join(copy.values())

    house.passes_to(house.now() + timedelta(minutes=6))
    uma.is_refused("POST", "me/export", "reauthentication_required")
    uma.proves()
    assert uma.asks("POST", "me/export").status_code == 200


def read(zipped: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(zipped)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


@pytest.mark.long_journey
def test_whoever_asks_to_be_forgotten_may_stay_and_is_forgotten_a_week_later(house: House) -> None:
    """Asked and taken back on the page and over the API; then a week passes, and the house knows them no more."""
    wanda, company = an_owner(house, "Wanda Owner", company="Short Memory")
    xeno = Person(house, "Xeno Forgotten")
    wanda.does("POST", f"companies/{company}/invitations", email=xeno.email, role="reviewer")
    joins(xeno)
    page, asks = "/settings/privacy/", "/settings/privacy/erasure/"
    assert "You asked to be forgotten" in xeno.sends(xeno.opens(page), f"{asks}$").text
    xeno.is_refused("POST", "me/erasure", "erasure_already_asked")
    assert "You stay. Nothing was deleted." in xeno.sends(xeno.opens(page), f"{asks}take-back/").text
    asked = xeno.does("POST", "me/erasure")
    assert (asked["state"], asked["stands_against"]) == ("asked", [])
    assert xeno.does("POST", "me/erasure/take-back")["state"] == "taken_back"
    xeno.is_refused("POST", "me/erasure/take-back", "no_erasure_asked")

    alone = wanda.does("POST", "me/erasure")
    assert len(alone["stands_against"]) == 1, alone
    xeno.does("POST", "me/erasure")
    house.passes_to(house.now() + timedelta(days=7, minutes=10))
    assert "closed for good" in xeno.reads_mail("has forgotten you")
    assert xeno.opens("/today/").path.startswith("/accounts/login/")
    assert xeno.logs_in().path.startswith("/accounts/login/")
    assert xeno.name not in wanda.opens(f"/company/{company}/members/").text
    assert (
        wanda.does("GET", "me")["name"] == "Wanda Owner"
    )  # the only owner of a company stays until somebody else is one
    assert Person(house, xeno.name).comes_in(comes_to="performer", time_zone=ZONE).path == "/today/"
