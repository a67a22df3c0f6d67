"""What may be a password, at both doors, and that it counts as it was given."""

import gzip
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.identity.models import User
from tests import stories
from tests.accounts.browsing import app_auth, logs_in, the_way_in

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "app"])


def sends(door: str, *, password: str, name: str = "Ada") -> Any:
    sent = {"email": "ada@example.org", "name": name, "comes_to": "performer", "time_zone": "Europe/London"}
    if door == "page":
        return Client().post("/accounts/signup/", sent | {"password1": password})
    return app_auth("signup", sent | {"password": password})


def signs_up(door: str, *, password: str, name: str = "Ada") -> bool:
    """Whether there is an account afterwards."""
    sends(door, password=password, name=name)
    return User.objects.filter(email="ada@example.org").exists()


def opens(*, password: str, email: str = "ada@example.org") -> bool:
    answer: Any = Client().post("/accounts/login/", {"login": email, "password": password})
    return bool(answer.status_code == 302)


@DOORS
@pytest.mark.parametrize(
    "password",
    ["eleven char", "1q2w3e4r5t6y", "callboard2026!", "Improv-Payday-1", "ada@example.org", "quetzalina1987"],
    ids=["short", "common", "the house", "its trade", "ones own address", "ones own name"],
)
def test_one_that_is_guessed_is_refused(door: str, password: str) -> None:
    assert not signs_up(door, password=password, name="Quetzalina Vexberg")


def in_use() -> list[str]:
    """The 3,000 passwords that people use most, the most used first, with what makes them as long as ours have to be."""
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    djangos = set(gzip.decompress(path.read_bytes()).decode().split())
    by_use = [word for word in FREQUENCY_LISTS["passwords"] if word in djangos]
    return by_use[:3000]


LENGTHENED: dict[str, Callable[[str], str]] = {
    "doubled": lambda word: word * -(-12 // len(word)),
    "with digits": lambda word: word.capitalize() + "1234567890"[: max(12 - len(word), 1)],
    "with the year": lambda word: word.capitalize() + "2026",
}


class TestOneInUse:
    @pytest.mark.parametrize("how", LENGTHENED)
    def test_is_refused_as_long_as_it_is_made(self, how: str) -> None:
        """Of the most used a part, each time another."""
        words = [LENGTHENED[how](word) for word in random.sample(in_use(), 250)]
        assert [word for word in words if len(word) >= 12 and passes(word)] == []

    def test_is_refused_if_it_is_long_enough_as_it_is(self) -> None:
        words = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 12]
        assert len(words) > 200
        assert [word for word in words if passes(word)] == []

    @DOORS
    def test_is_said_in_words(self, door: str) -> None:
        answer = sends(door, password="Liverpool12345")
        assert "This would soon be guessed" in answer.content.decode()


class TestABreachedOne:
    @pytest.fixture
    def listed(self, tmp_path: Path, settings: Settings) -> list[str]:
        """A list as it is downloaded: digests in order, with how often each was found."""
        words = [f"stolen sentence number {number}" for number in range(501)]
        digests = sorted(
            hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in words
        )
        path = tmp_path / "pwned-passwords-sha1-ordered-by-hash.txt"
        path.write_text("".join(f"{each}:{10 ** (n % 7)}\r\n" for n, each in enumerate(digests)))
        settings.BREACHED_PASSWORDS = str(path)
        return words

    def test_is_refused_wherever_it_stands_in_the_list(self, listed: list[str]) -> None:
        assert [word for word in listed if passes(word)] == []
        assert [word for word in (f"sentence of my own {n}" for n in range(300)) if not passes(word)] == []

    @DOORS
    def test_is_said_in_words_and_another_is_taken(self, door: str, listed: list[str]) -> None:
        assert "This was stolen somewhere else" in sends(door, password=listed[7]).content.decode()
        assert signs_up(door, password="a sentence of nobody else")


def passes(word: str) -> bool:
    try:
        password_validation.validate_password(word)
    except ValidationError:
        return False
    return True


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
