"""A session: from its log-in to its end, as the browser and as the app that hold it see it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.access.step_up import FRESH
from accounts.identity.session_store import IDLE, LIFETIME
from kit import clock
from tests import stories
from tests.accounts.browsing import Api, an_app_of, logs_in, proves, proves_in_an_app

pytestmark = pytest.mark.django_db


def held(client: Client) -> str:
    """What the browser keeps of its session."""
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def opens(key: str) -> bool:
    """Whether a browser that got hold of the session comes in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return bool(client.get("/today/").status_code == 200)


class TestItsToken:
    def test_is_another_after_the_log_in(self) -> None:
        user, client = stories.a_person(), Client()
        client.get("/?theme=dark")
        client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
        client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
        assert held(client) != "planted0planted0planted0planted0"
        assert opens(held(client))
        assert not opens("planted0planted0planted0planted0")

    def test_is_another_after_a_proof_and_the_old_one_opens_nothing(self) -> None:
        user = stories.a_person()
        client = logs_in(user)
        before = held(client)
        proves(client, user)
        assert client.get("/today/").status_code == 200
        assert held(client) != before
        assert not opens(before)

    def test_is_another_for_an_app_too_which_is_told_it(self) -> None:
        user = stories.a_person()
        before = an_app_of(user)
        after = proves_in_an_app(before, password=stories.PASSWORD)
        assert Api(token=after).get("me").status_code == 200
        assert Api(token=before).get("me").status_code == 401

    def test_cannot_be_guessed(self) -> None:
        keys = {held(logs_in(stories.a_person())) for _ in range(3)}
        assert len(keys) == 3
        assert all(len(key) == 32 and key.isalnum() for key in keys)


class TestItsEnd:
    def test_comes_when_nobody_used_it_for_a_week(self) -> None:
        client, token = logs_in(user := stories.a_person()), an_app_of(user)
        with time_machine.travel(timezone.now() + IDLE - timedelta(minutes=1), tick=False):
            assert opens(held(client))
        with time_machine.travel(timezone.now() + 2 * IDLE - timedelta(minutes=2), tick=False):
            assert Api(token=token).get("me").status_code == 401
            assert opens(held(client))

    def test_comes_two_weeks_after_the_log_in_though_it_is_used(self) -> None:
        client, began = logs_in(stories.a_person()), timezone.now()
        key = held(client)
        for days in (5, 10, 13):
            with time_machine.travel(began + timedelta(days=days), tick=False):
                assert opens(key)
        with time_machine.travel(began + LIFETIME + timedelta(minutes=1), tick=False):
            assert not opens(key)

    def test_comes_with_the_log_out_and_the_browser_forgets(self) -> None:
        client = logs_in(stories.a_person())
        key = held(client)
        answer: Any = client.post("/accounts/logout/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert not opens(key)
        assert not Session.objects.filter(session_key=key).exists()

    def test_of_an_app_comes_with_its_log_out(self) -> None:
        token = an_app_of(stories.a_person())
        assert Api(token=token).get("me").status_code == 200
        Client().delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
        assert Api(token=token).get("me").status_code == 401

    def test_is_no_other_answers_business(self) -> None:
        answer: Any = logs_in(stories.a_person()).get("/today/")
        assert "Clear-Site-Data" not in answer.headers


def test_every_page_of_someone_has_the_way_out() -> None:
    client = logs_in(stories.a_person())
    for path in ("/today/", "/accounts/email/", "/settings/"):
        assert "/accounts/logout/" in client.get(path, follow=True).content.decode(), path


class TestTheListOfAnApp:
    def asks(self, method: str, token: str, *ids: int) -> Any:
        ask = Client().get if method == "GET" else Client().delete
        sent: dict[str, Any] = (
            {"data": {"sessions": list(ids)}, "content_type": "application/json"} if ids else {}
        )
        return ask("/_allauth/app/v1/auth/sessions", **sent, headers={"X-Session-Token": token})

    def test_ends_others_after_a_proof_and_itself_without_one(self) -> None:
        user = stories.a_person()
        here, there = an_app_of(user), logs_in(user)
        rows = self.asks("GET", here).json()["data"]
        (own,), (other,) = (
            [row["id"] for row in rows if row["is_current"] is mine] for mine in (True, False)
        )
        with time_machine.travel(clock.now() + FRESH + timedelta(seconds=1)):
            refused = self.asks("DELETE", here, other)
            assert refused.status_code == 401
            assert {"reauthenticate"} <= {flow["id"] for flow in refused.json()["data"]["flows"]}
            assert self.asks("DELETE", here, own, other).status_code == 401
            assert there.get("/today/").status_code == 200
            assert Api(token=here).get("me").status_code == 200
            proved = proves_in_an_app(here, password=stories.PASSWORD)
            assert [row["is_current"] for row in self.asks("DELETE", proved, other).json()["data"]] == [True]
            assert there.get("/today/").status_code == 302
        with time_machine.travel(clock.now() + 3 * FRESH):
            (own,) = (row["id"] for row in self.asks("GET", proved).json()["data"])
            assert self.asks("DELETE", proved, own).status_code == 401  # logged out
            assert Api(token=proved).get("me").status_code == 401

    def test_knows_an_app_that_has_proved_and_ends_it_from_elsewhere(self) -> None:
        user = stories.a_person()
        token, here = proves_in_an_app(an_app_of(user), password=stories.PASSWORD), logs_in(user)
        assert len(self.asks("GET", token).json()["data"]) == 2
        here.post("/accounts/sessions/")
        assert Api(token=token).get("me").status_code == 401


class TestTheList:
    def reads(self, client: Client, django_assert_max_num_queries: Any) -> int:
        with django_assert_max_num_queries(100) as asked:
            assert client.get("/accounts/sessions/").status_code == 200
        return len(asked)

    def test_asks_as_often_for_nine_sessions_as_for_two(self, django_assert_max_num_queries: Any) -> None:
        user = stories.a_person()
        client, _ = logs_in(user), logs_in(user)
        self.reads(client, django_assert_max_num_queries)
        few = self.reads(client, django_assert_max_num_queries)
        for _ in range(7):
            logs_in(user)
        assert self.reads(client, django_assert_max_num_queries) == few

    def test_shows_those_that_open_something(self) -> None:
        user = stories.a_person()
        here, ended, stays = logs_in(user), logs_in(user), logs_in(user)
        Session.objects.filter(session_key=held(ended)).delete()
        assert here.get("/accounts/sessions/").content.decode().count("From 127.0.0.1") == 2
        user.set_password("another sentence")  # as `manage.py changepassword` does, which ends no session
        user.save()
        assert stays.get("/today/").status_code == 302
        later = logs_in(user, password="another sentence")
        assert later.get("/accounts/sessions/").content.decode().count("From 127.0.0.1") == 1


class TestEverySession:
    def test_is_seen_and_ended_by_its_owner_after_a_proof(self) -> None:
        user = stories.a_person()
        here = logs_in(user)
        assert "127.0.0.1" in here.get("/accounts/sessions/").content.decode()
        there = logs_in(user)
        with time_machine.travel(clock.now() + FRESH + timedelta(seconds=1)):
            assert (
                here.post("/accounts/sessions/").headers["Location"].startswith("/accounts/reauthenticate/")
            )
            assert there.get("/today/").status_code == 200
            proves(here, user)
            here.post("/accounts/sessions/")
            assert there.get("/today/").status_code == 302
            assert here.get("/today/").status_code == 200
