"""Somebody sees where they are logged in and ends the others: on the page, and in an app that proves it is still them."""

import re
from typing import Any

import requests

from tests.journeys.house import WAITS_S, House, Person

SESSIONS = "/accounts/sessions/"


class App:
    """An app on the person's phone, logged in as them."""

    def __init__(self, me: Person) -> None:
        self._url, self._token = f"{me.house.url}/_allauth/app/v1/auth/", ""
        self.asks("POST", "login", email=me.email, password=me.password)

    def asks(self, method: str, path: str, **body: Any) -> requests.Response:
        answer = requests.request(
            method,
            self._url + path,
            json=body or None,
            headers={"X-Session-Token": self._token} if self._token else {},
            timeout=WAITS_S,
        )
        self._token = answer.json().get("meta", {}).get("session_token") or self._token
        return answer

    def others(self) -> list[int]:
        return [row["id"] for row in self.asks("GET", "sessions").json()["data"] if not row["is_current"]]


def test_and_ends_what_is_not_theirs_any_more(house: House) -> None:
    me = Person(house, "Lena Logins")
    me.comes_in(comes_to="performer", time_zone="Europe/London")
    lost, app = Person(house, me.name), App(me)
    assert lost.logs_in().path == "/today/"

    me.proves()
    page = me.opens(SESSIONS)
    assert len(re.findall(r"From 127\.0\.0\.1", page.text)) == 3
    assert "You are logged in nowhere else." in me.sends(page, SESSIONS).text
    assert lost.opens("/today/").path.startswith("/accounts/login/")
    assert app.asks("GET", "sessions").status_code == 410  # its session is gone

    app = App(me)
    (browser,) = app.others()
    assert app.asks("POST", "reauthenticate", password=me.password).status_code == 200
    assert app.asks("DELETE", "sessions", sessions=[browser]).status_code == 200
    assert me.opens("/today/").path.startswith("/accounts/login/")
    assert me.logs_in().path == "/today/"
    assert app.others() != []

    # The same from a script in the browser, once it has proved it.
    others = [row["id"] for row in me.lists_logins() if not row["is_current"]]
    me.proves()
    me.ends_logins(others)
    assert app.asks("GET", "sessions").status_code == 410
