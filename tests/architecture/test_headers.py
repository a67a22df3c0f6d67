"""Every answer of every route carries the same headers, page and API alike; what is answered to somebody is not stored."""

import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.accounts.browsing import Api, browser
from tests.architecture.headers import wanting
from tests.architecture.test_access import House, house, routes  # noqa: F401 -- a fixture

PROJECT = Path(__file__).parents[2]


def of_libraries(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    """The addresses of libraries' own pages: log-in, second factor, admin, schema, figures."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from of_libraries(pattern.url_patterns, path)
        elif path not in dict(routes()).values() and not {"<", "(", "^", "?"} & set(path):
            yield path


def test_of_every_page_that_a_library_brings(house: House) -> None:  # noqa: F811 -- the fixture
    found = sorted(set(of_libraries()))
    assert {"accounts/login/", "admin/", "api/v1/schema/", "metrics", "_allauth/app/v1/auth/login"} <= set(
        found
    )
    wrong = {}
    # A session each: one person's many sessions are read one by one by allauth.
    people = {who: browser(house.people[who]) for who in ("anonymous", "owner A", "finance")}
    for path in found:
        for who, client in people.items():
            answer: Any = client.get(f"/{path}")
            assert answer.status_code < 500, (path, who)
            missing = wanting(answer, personal=who != "anonymous")
            if missing:
                wrong[path, who] = missing
    assert wrong == {}


class TestWhatIsAnsweredToSomebody:
    def test_is_not_stored_by_key_and_refused_key_either(self, house: House) -> None:  # noqa: F811
        for answer in (Api(key="cb_guess").get("gigs"), Api(token="guess").get("me")):
            assert answer.status_code == 401
            assert wanting(answer, personal=True) == []

    def test_is_not_stored_where_the_log_in_hands_out_a_session(self, house: House) -> None:  # noqa: F811
        answer: Any = Client().get("/accounts/login/")
        assert wanting(answer, personal=True) == []

    def test_but_the_board_of_a_stranger_may_be(self, house: House) -> None:  # noqa: F811
        answer: Any = Client().get("/api/v1/gigs")
        assert answer.status_code == 200
        assert "Cache-Control" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "/terms/", "/accounts/login/", "/api/v1/gigs", "/webhooks/stripe/platform", "/static/"]
)
def test_nothing_answers_to_trace_and_no_folder_is_listed(db: None, path: str) -> None:
    assert Client().trace(path).status_code in (404, 405)
    assert Client().get("/static/").status_code == 404


def test_of_a_body_that_is_refused_unread(db: None) -> None:
    answer: Any = Client().post("/api/v1/gigs", "[" * 100 + "]" * 100, "application/json")
    assert answer.status_code == 400
    assert wanting(answer, personal=False) == []


ASK = """
import django, json
django.setup()
from django.test import Client
for secure in (True, False):
    for path in ("/api/v1/none", "/webhooks/none", "/_allauth/none") + (() if secure else ("/none",)):
        answer = Client(headers={"host": "callboard.org"}).get(path, secure=secure)
        print(json.dumps({"status": answer.status_code, "body": answer.content.decode()} | dict(answer.headers)))
"""


COOKIES = """
import django, json
django.setup()
from django.conf import settings
assert not settings.DEBUG and not any(each["OPTIONS"].get("debug") for each in settings.TEMPLATES)
assert "messages.storage.session" in settings.MESSAGE_STORAGE
assert "Argon2" in settings.PASSWORD_HASHERS[0] and len(settings.PASSWORD_HASHERS) == 1
names = [name for name in dir(settings) if name.endswith("_COOKIE_NAME") and not name.startswith("LANGUAGE")]
kinds = [name.removesuffix("_NAME") for name in names if name != "THEME_COOKIE_NAME"]
print(json.dumps({"names": [getattr(settings, name) for name in names]} | {
    f"{kind}_{what}": getattr(settings, f"{kind}_{what}")
    for kind in kinds for what in ("SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
}))
"""


def test_productions_cookies_are_of_this_host_and_of_https_alone() -> None:
    strong = runpy.run_path(str(PROJECT / ".ci" / "check_deploy.py"))["ENVIRONMENT"]
    words = [sys.executable, "-c", COOKIES]
    said = json.loads(subprocess.check_output(words, cwd=PROJECT, env=strong, text=True))
    assert {name.startswith("__Host-") for name in said.pop("names")} == {True}
    for kind in ("SESSION_COOKIE", "CSRF_COOKIE"):
        held = [said.pop(f"{kind}_{what}") for what in ("SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")]
        assert held == [True, True, "Lax", "/", None]
    assert said == {}


def test_production_speaks_https_only_leads_readers_there_and_refuses_programs() -> None:
    strong = runpy.run_path(str(PROJECT / ".ci" / "check_deploy.py"))["ENVIRONMENT"] | {
        "TRUSTED_PROXIES": "0"
    }
    words = [sys.executable, "-c", ASK]
    done = subprocess.run(words, cwd=PROJECT, env=strong, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    safe, programs, reader = said[:3], said[3:6], said[6]
    assert [each["status"] for each in safe] == [404] * 3
    assert {each["Strict-Transport-Security"] for each in safe} == {
        "max-age=31536000; includeSubDomains; preload"
    }
    assert reader["status"] == 301
    assert reader["Location"] == "https://callboard.org/none"
    assert [(each["status"], json.loads(each["body"])["code"]) for each in programs] == [
        (403, "https_required")
    ] * 3
