"""The key over seeds of second factors can be rolled: nobody sets one up anew, and the old key opens nothing afterwards."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.identity.models import User
from tests import stories, totp

pytestmark = pytest.mark.django_db


def comes_in(user: User, code: str) -> bool:
    cache.clear()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return bool(client.get("/today/").status_code == 200)


def by_app() -> str:
    return totp.code(stories.TOTP_SECRET)


def anew() -> str:
    said = StringIO()
    call_command("encrypt_anew", stdout=said)
    return said.getvalue()


def test_the_key_is_rolled_while_people_log_in(settings: Settings) -> None:
    old, new = settings.FIELD_ENCRYPTION_KEY, Fernet.generate_key().decode()
    before, after = stories.a_person(), stories.a_person()
    stories.sets_up_a_second_factor(before)
    code = stories.a_recovery_code_of(before)
    assert comes_in(before, code)

    settings.FIELD_ENCRYPTION_KEY = f"{new},{old}"
    stories.sets_up_a_second_factor(after)
    assert comes_in(before, by_app())
    assert comes_in(after, by_app())
    assert anew() == "4 under the first key. The others can go.\n"

    settings.FIELD_ENCRYPTION_KEY = new
    for user in (before, after):
        assert comes_in(user, by_app())
        assert comes_in(user, stories.a_recovery_code_of(user))
    assert not comes_in(before, code)  # it was used already
    for row in Authenticator.objects.all():
        kept = row.data.get("secret") or row.data["seed"]
        assert Fernet(new).decrypt(kept.encode())
        with pytest.raises(InvalidToken):
            Fernet(old).decrypt(kept.encode())
    assert anew() == "4 under the first key. The others can go.\n"


def test_a_seed_without_its_key_is_said_and_stays(settings: Settings) -> None:
    user = stories.a_person()
    stories.sets_up_a_second_factor(user)
    old, settings.FIELD_ENCRYPTION_KEY = settings.FIELD_ENCRYPTION_KEY, Fernet.generate_key().decode()
    with pytest.raises(CommandError, match="Put the key back"):
        anew()
    settings.FIELD_ENCRYPTION_KEY = old
    assert comes_in(user, by_app())
