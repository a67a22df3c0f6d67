"""allauth's journeys as this house sets them up: one's second factor, and the same doors for an app by JSON."""

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape
from pytest_django import Settings

from accounts.identity.adapters import MFAAdapter
from accounts.identity.freshness import proof
from accounts.identity.models import User
from accounts.performers.models import Performer
from tests import stories, totp
from tests.accounts.browsing import app_auth, body_of, browser, logs_in

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

    @pytest.mark.parametrize(
        "there", ["https://evil.example/", "//evil.example", "https:evil.example", "javascript:x"]
    )
    def test_leads_to_no_other_site(self, there: str) -> None:
        user = stories.a_person()
        for path in ("/accounts/login/", "/accounts/reauthenticate/"):
            client = Client() if "login" in path else logs_in(user)
            sent = {"login": user.email, "password": stories.PASSWORD, "next": there}
            assert client.post(path, sent).headers["Location"] == "/today/"
            sent["next"] = "/settings/"
            client = Client() if "login" in path else logs_in(user)
            assert client.post(path, sent).headers["Location"] == "/settings/"

    def test_five_wrong_passwords_of_one_account_are_enough(self, settings: Settings) -> None:
        settings.ACCOUNT_RATE_LIMITS = {}  # those of production
        cache.clear()
        user, client = stories.a_person(), Client()
        for number in range(5):
            client.post("/accounts/login/", {"login": user.email, "password": f"wrong {number}"})
        right = {"login": user.email, "password": stories.PASSWORD}
        assert client.post("/accounts/login/", right).status_code != 302
        other = stories.a_person()
        assert client.post("/accounts/login/", right | {"login": other.email}).status_code == 302


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

    def test_its_secret_cannot_be_altered(self) -> None:
        kept = Authenticator.objects.get(user=with_a_second_factor()).data["secret"]
        flipped = kept[:40] + ("A" if kept[40] != "A" else "B") + kept[41:]
        assert MFAAdapter().decrypt(kept) == SECRET
        with pytest.raises(InvalidToken):
            MFAAdapter().decrypt(flipped)

    @pytest.mark.parametrize(("seconds", "status"), [(0, 200), (30, 302), (-30, 302)])
    def test_a_code_counts_for_its_half_minute(self, seconds: int, status: int) -> None:
        cache.clear()
        user, client = with_a_second_factor(), Client()
        client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        given = totp.code(SECRET, at_s=time.time() - seconds)
        client.post("/accounts/2fa/authenticate/", {"code": given})
        assert client.get("/today/").status_code == status

    def test_a_written_code_has_eight_digits(self) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        code = stories.a_recovery_code_of(user)
        assert len(code) >= 8
        assert code.isdigit()

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
        assert status == 401, body
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
