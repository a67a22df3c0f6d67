"""The cache and broker is stopped under a web that runs: people log in, pages and the API answer, limits still hold."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from pytest_django import Settings

from callboard.embedded import addresses, binaries
from callboard.settings import connections
from tests import stories
from tests.accounts.test_log_in import SECRET, code
from tests.server import web
from tests.server.web import Web, free_port

SIGN_UP = {
    "password1": "a long enough sentence",
    "name": "Ada",
    "comes_to": "performer",
    "time_zone": "Europe/London",
}
WAITS_S = 15


class Valkey:
    """A server of this test alone, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        words: list[str | Path] = [
            binaries.valkey(),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ]
        self.process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Browser:
    """Fills in forms, as a person does."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, requests.Session()

    def send(self, path: str, **fields: str) -> requests.Response:
        page = self.session.get(f"{self.url}{path}", timeout=WAITS_S).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields["csrfmiddlewaretoken"] = found[1] if found else ""
        return self.session.post(f"{self.url}{path}", fields, timeout=WAITS_S)

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.url}{path}", timeout=WAITS_S)


def confirms(house: Web, email: str) -> None:
    """By the link in the mail, which the house writes into its folder."""
    letters = [path.read_text() for path in (addresses.home() / "mail").glob("*.log")]
    found = [re.search(r"/accounts/confirm-email/[^/\s]+/", text) for text in letters if email in text]
    assert found
    assert found[-1] is not None
    assert Browser(house.url).send(found[-1][0]).status_code == 200


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(valkey: Valkey) -> Iterator[Web]:
    with web.running(REDIS_URL=valkey.url, PACE_ACCOUNT="40") as up:
        yield up


@pytest.mark.slow
def test_a_house_without_its_cache(house: Web, valkey: Valkey) -> None:
    ada = f"ada{os.getpid()}@example.org"
    assert Browser(house.url).send("/accounts/signup/", email=ada, **SIGN_UP).status_code == 200
    confirms(house, ada)
    valkey.stop()
    began = time.monotonic()

    someone = Browser(house.url)
    assert someone.send("/accounts/login/", login=ada, password="not hers").status_code == 200
    assert someone.get("/today/").url.endswith("/accounts/login/?next=/today/")
    assert someone.send("/accounts/login/", login=ada, password=SIGN_UP["password1"]).status_code == 200
    assert someone.get("/today/").status_code == 200
    assert someone.get("/api/v1/me").status_code == 200
    assert (
        someone.send("/accounts/password/reset/", email=ada).status_code == 200
    )  # the mail is a row, sent when the worker is back
    assert Browser(house.url).send("/accounts/signup/", email=f"b{ada}", **SIGN_UP).status_code == 200
    assert someone.get("/healthz").status_code == 200
    assert someone.get("/readyz").status_code == 503  # and says so to whoever sends visitors
    assert time.monotonic() - began < 30

    # Each process counts alone meanwhile: nobody gets a limit's worth of guesses at a password for nothing.
    answers = {someone.get("/api/v1/me").status_code for _ in range(90)}
    assert answers == {200, 429}
    guesser = Browser(house.url)
    tries = [guesser.send("/accounts/login/", login=ada, password=f"guess {n}") for n in range(8)]
    assert "wrong too often" in tries[-1].text or tries[-1].status_code == 429

    valkey.start()
    time.sleep(6)  # it is asked for anew every five
    assert someone.get("/readyz").status_code == 200
    assert Browser(house.url).send("/accounts/signup/", email=f"c{ada}", **SIGN_UP).status_code == 200


@pytest.mark.django_db
def test_a_second_factor_is_refused_where_nobody_knows_whether_it_was_used(settings: Settings) -> None:
    settings.CACHES = {"default": connections.cache(f"redis://127.0.0.1:{free_port()}/0")}
    person = stories.a_person()
    TOTP.activate(person, SECRET)
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": stories.PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 200
    assert client.get("/today/").status_code == 302
    recovery = RecoveryCodes.activate(person).get_unused_codes()[0]
    assert client.post("/accounts/2fa/authenticate/", {"code": recovery}).status_code == 302
    assert client.get("/today/").status_code == 200
