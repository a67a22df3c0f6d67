"""allauth's journeys as this house sets them up: one's second factor, and the same doors for an app by JSON."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape

from accounts.identity.freshness import proof
from accounts.identity.models import User
from accounts.performers.models import Performer
from tests import stories
from tests.accounts.browsing import app_auth, body_of, browser

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code() -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(SECRET, counter)))


def with_a_second_factor() -> User:
    user = stories.a_person()
    TOTP.activate(user, SECRET)
    return user


class TestLogIn:
    @pytest.mark.parametrize("name", ["Robin Vale", "Siobhán O'Hara & Co"])
    def test_greets_by_name_and_never_by_address_or_id(self, name: str) -> None:
        user = stories.a_person(name)
        sent = {"login": user.email, "password": stories.PASSWORD}
        page = Client().post("/accounts/login/", sent, follow=True).content.decode()
        assert f"Welcome back, {escape(name)}." in page

    def test_tells_an_app_the_name(self) -> None:
        user = stories.a_person("Robin Vale")
        answer = app_auth("login", {"email": user.email, "password": stories.PASSWORD})
        assert body_of(answer)["data"]["user"]["display"] == "Robin Vale"


class TestSecondFactor:
    def test_its_secret_is_not_readable_in_the_database(self) -> None:
        user = with_a_second_factor()
        kept = json.dumps(Authenticator.objects.get(user=user).data)
        assert SECRET not in kept

    def test_is_asked_for_and_opens_once(self) -> None:
        cache.clear()
        user, client = with_a_second_factor(), Client()
        answer = client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
        assert client.get("/today/").status_code == 302
        used = code()
        client.post("/accounts/2fa/authenticate/", {"code": used})
        assert client.get("/today/").status_code == 200
        thief = Client()
        thief.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        thief.post("/accounts/2fa/authenticate/", {"code": used})
        assert thief.get("/today/").status_code == 302

    def test_a_password_alone_proves_its_own_owner_and_nobody_else(self) -> None:
        user, client = stories.a_person(), Client()
        client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        assert proof(session=client.session, user=user).at(has_second_factor=False) is not None
        assert proof(session=client.session, user=stories.a_person()).at(has_second_factor=False) is None

    def test_a_password_alone_proves_nothing_of_who_has_one(self) -> None:
        user, client = with_a_second_factor(), Client()
        client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        assert proof(session=client.session, user=user).at(has_second_factor=True) is None
        client.post("/accounts/2fa/authenticate/", {"code": code()})
        assert proof(session=client.session, user=user).at(has_second_factor=True) is not None

    def test_a_new_password_by_mail_does_not_go_round_it(self) -> None:
        user, client = with_a_second_factor(), Client()
        user.set_password("another good sentence")
        user.save()
        client.post("/accounts/login/", {"login": user.email, "password": "another good sentence"})
        assert client.get("/today/").status_code == 302

    def test_setting_it_up_asks_for_the_password_again(self) -> None:
        response = browser(stories.a_person()).get("/accounts/2fa/totp/activate/")
        assert response.headers["Location"].startswith("/accounts/reauthenticate/")


class TestHeadless:
    """`/_allauth/app/v1/`: the journeys as JSON, for an app."""

    def send(self, path: str, body: dict[str, Any], token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"X-Session-Token": token} if token else {}
        response = Client().post(
            f"/_allauth/app/v1/auth/{path}", json.dumps(body), "application/json", headers=headers
        )
        return response.status_code, response.json()

    def test_signs_up_a_performer(self) -> None:
        status, body = self.send(
            "signup",
            {
                "email": "ada@example.org",
                "password": "a long enough sentence",
                "name": "Ada",
                "comes_to": "performer",
                "time_zone": "Europe/London",
            },
        )
        assert status == 200, body
        assert body["meta"]["session_token"]
        assert Performer.objects.get(user__email="ada@example.org").stage_name == "Ada"

    def test_a_session_token_opens_the_api(self) -> None:
        user = stories.a_person()
        status, body = self.send("login", {"email": user.email, "password": stories.PASSWORD})
        assert status == 200
        token = body["meta"]["session_token"]
        answer = Client().get("/api/v1/me", headers={"X-Session-Token": token})
        assert answer.json()["email"] == user.email
        assert Client().get("/api/v1/me", headers={"X-Session-Token": "nonsense"}).status_code == 401

    def test_a_wrong_password_opens_nothing(self) -> None:
        user = stories.a_person()
        status, _ = self.send("login", {"email": user.email, "password": "wrong"})
        assert status == 400

    def test_the_second_factor_is_asked_for_here_too(self) -> None:
        cache.clear()
        user = with_a_second_factor()
        status, body = self.send("login", {"email": user.email, "password": stories.PASSWORD})
        assert status == 401
        status, _ = self.send("2fa/authenticate", {"code": code()}, token=body["meta"]["session_token"])
        assert status == 200
