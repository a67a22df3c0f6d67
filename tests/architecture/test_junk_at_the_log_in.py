"""Junk at the doors that a library brings, by which apps log in and change what proves who one is: refused, never a fault."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests import stories
from tests.accounts.browsing import an_app_of, app_auth

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# By which words each door reads a body, each right in its form.
WORDS: dict[str, dict[str, Any]] = {
    "auth/login": {"email": "eve@example.org", "password": stories.PASSWORD},
    "auth/signup": {
        "email": "eve@example.org",
        "password": stories.PASSWORD,
        "name": "Eve",
        "comes_to": "performer",
        "time_zone": "UTC",
    },
    "auth/session": {},
    "auth/sessions": {"sessions": [1]},
    "auth/email/verify": {"key": "x"},
    "auth/email/verify/resend": {},
    "auth/code/confirm": {"code": "123456"},
    "auth/password/request": {"email": "eve@example.org"},
    "auth/password/reset": {"key": "1-abc", "password": "marble otters drive north at dawn"},
    "auth/phone/verify": {"code": "123456"},
    "auth/phone/verify/resend": {},
    "auth/reauthenticate": {"password": stories.PASSWORD},
    "auth/2fa/authenticate": {"code": "123456"},
    "auth/2fa/reauthenticate": {"code": "123456"},
    "auth/webauthn/login": {"credential": {}},
    "auth/webauthn/authenticate": {"credential": {}},
    "auth/webauthn/reauthenticate": {"credential": {}},
    "account/authenticators": {},
    "account/authenticators/recovery-codes": {},
    "account/authenticators/totp": {"code": "123456"},
    "account/authenticators/webauthn": {"credential": {}, "name": "k", "authenticators": [1], "id": 1},
    "account/email": {"email": "eve@example.org", "primary": True},
    "account/password/change": {
        "current_password": stories.PASSWORD,
        "new_password": "marble otters at dawn",
    },
    "account/phone": {"phone": "+123"},
    "config": {},
    "tokens/refresh": {"refresh_token": "x"},
}
JUNK: tuple[Any, ...] = (None, True, 7, 2**70, "", "\x00", "-x", "x" * 10_000, [], [None], {"a": 1})


def doors(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from doors(pattern.url_patterns, path)
        elif path.startswith("_allauth/"):
            yield f"/{path}"


DOORS = sorted(set(doors()))


def tokens() -> dict[str, str]:
    """Nobody, who is in, and who has yet to give the second factor."""
    half = stories.a_performer().user
    stories.sets_up_a_second_factor(half)
    sent: Any = app_auth("login", {"email": half.email, "password": stories.PASSWORD})
    return {
        "nobody": "",
        "in": an_app_of(stories.a_person()),
        "half in": sent.json()["meta"]["session_token"],
    }


def answers(path: str, method: str, body: Any, token: str) -> HttpResponse:
    headers = {"X-Session-Token": token} if token else {}
    if isinstance(body, dict) and isinstance(body.get("key"), str) and body["key"].isprintable():
        headers |= {"X-Password-Reset-Key": body["key"], "X-Email-Verification-Key": body["key"]}
    with transaction.atomic():
        answer = Client(raise_request_exception=False).generic(
            method, path, json.dumps(body), "application/json", headers=headers
        )
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value] # Django's test client says so too


def bodies(right: dict[str, Any]) -> Iterator[Any]:
    yield from (None, 7, "text", [{}])
    yield right
    for field in right:
        for wrong in JUNK:
            yield right | {field: wrong}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("client", ["app", "browser"])
def test_is_never_a_fault(client: str) -> None:
    prefix = f"/_allauth/{client}/v1/"
    own = {path: WORDS[path.removeprefix(prefix)] for path in DOORS if path.startswith(prefix)}
    faults = {
        (path, method, who)
        for who, token in tokens().items()
        for path, right in own.items()
        for method in METHODS
        for body in (bodies(right) if method == "POST" else [right, right | {"key": "-x"}])
        if answers(path, method, body, token).status_code >= 500
    }
    assert faults == set()


@pytest.mark.django_db
def test_a_key_out_of_the_mail_still_leads_to_a_new_password() -> None:
    user, new = stories.a_person(), "marble otters drive north at dawn"
    app_auth("password/request", {"email": user.email})
    key = re.search(r"/accounts/password/reset/key/(\S+)/", str(mail.outbox[-1].body))
    assert key is not None
    path = "/_allauth/app/v1/auth/password/reset"
    for wrong in ("-x", "x", "", f"{key[1]}x"):
        assert Client().get(path, headers={"X-Password-Reset-Key": wrong}).status_code == 400
        assert app_auth("password/reset", {"key": wrong, "password": new}).status_code == 400
    assert Client().get(path, headers={"X-Password-Reset-Key": key[1]}).status_code == 200
    assert (
        app_auth("password/reset", {"key": key[1], "password": new}).status_code == 401
    )  # and logs nobody in
    assert an_app_of(user, password=new)
