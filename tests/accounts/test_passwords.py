"""What may be a password, at both doors, and that it counts as it was given."""

from typing import Any

import pytest
from django.test import Client

from accounts.identity.models import User
from tests import stories
from tests.accounts.browsing import app_auth, logs_in, the_way_in

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "app"])


def signs_up(door: str, *, password: str, email: str = "ada@example.org") -> bool:
    """Whether there is an account afterwards."""
    sent = {"email": email, "name": "Ada", "comes_to": "performer", "time_zone": "Europe/London"}
    if door == "page":
        Client().post("/accounts/signup/", sent | {"password1": password})
    else:
        app_auth("signup", sent | {"password": password})
    return User.objects.filter(email=email).exists()


def opens(*, password: str, email: str = "ada@example.org") -> bool:
    answer: Any = Client().post("/accounts/login/", {"login": email, "password": password})
    return bool(answer.status_code == 302)


@DOORS
@pytest.mark.parametrize(
    "password",
    ["eleven char", "1q2w3e4r5t6y", "callboard2026!", "Improv-Payday-1", "ada@example.org"],
    ids=["short", "common", "the house", "its trade", "ones own address"],
)
def test_one_that_is_guessed_is_refused(door: str, password: str) -> None:
    assert not signs_up(door, password=password)


@DOORS
@pytest.mark.parametrize(
    "password",
    [
        "all in small letters",
        "839201748362",
        "an improv night in Leeds",
        "über—straße ☂ 夜の稽古場で",
        "a" * 40 + " long one " + "b" * 78,
    ],
    ids=["small letters", "digits", "a house word and more", "any script", "128 characters"],
)
def test_any_composition_and_length_is_taken_and_opens(door: str, password: str) -> None:
    assert signs_up(door, password=password)
    Client().post(the_way_in("ada@example.org"))
    assert opens(password=password)


@DOORS
def test_counts_as_it_was_given(door: str) -> None:
    long = " Mixed Case, spaces at both ends, " + "x" * 100 + " "
    assert signs_up(door, password=long)
    Client().post(the_way_in("ada@example.org"))
    for other in (long.strip(), long.lower(), long[:72], long[:-2]):
        assert not opens(password=other)
    assert opens(password=long)


def test_fields_are_masked_and_filled_by_a_password_manager() -> None:
    page = Client().get("/accounts/login/").content.decode()
    assert 'type="password"' in page
    assert 'autocomplete="current-password"' in page
    page = Client().get("/accounts/signup/").content.decode()
    assert 'type="password"' in page
    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page


def test_a_change_takes_the_one_before() -> None:
    user, new = stories.a_person(), "another sentence to remember"
    client = logs_in(user)
    for old, opened in (("not the one before", False), (stories.PASSWORD, True)):
        sent = {"oldpassword": old, "password1": new, "password2": new}
        client.post("/accounts/password/change/", sent)
        assert opens(password=new, email=user.email) is opened
