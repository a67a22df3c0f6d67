"""Production refuses to start on anything that is missing or weak, with a sentence; and it starts on what is strong."""

import base64
import json
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callboard.embedded import own_certificate
from callboard.settings.parts import PARTS, SECRETS

PROJECT = Path(__file__).parents[2]
Start = Callable[..., str]
STRONG: dict[str, str] = runpy.run_path(str(PROJECT / ".ci" / "check_deploy.py"))["ENVIRONMENT"]
SETTINGS = [
    name for name in STRONG if name not in ("DJANGO_SETTINGS_MODULE", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
]
A_KEY, ANOTHER_KEY = (base64.urlsafe_b64encode(bytes(range(n, n + 32))).decode() for n in (0, 100))
WEAK = {
    "SECRET_KEY": ["hunter2", "ab" * 40, "django-insecure-" + STRONG["SECRET_KEY"]],
    "FIELD_ENCRYPTION_KEY": [
        "A" * 43 + "=",
        "not base64 at all, but long enough to be one",
        A_KEY + ",",
        A_KEY + ",short",
    ],
    "WEBHOOK_KEY": ["A" * 43 + "=", A_KEY + ",short"],
    "RECEIPT_KEY": ["A" * 43 + "=", "not base64 at all, but long enough to be one", f"{A_KEY},{ANOTHER_KEY}"],
    "AGREEMENT_CERT": ["hunter2", own_certificate.made()["AGREEMENT_CERT"]],
    "AGREEMENT_KEY": ["hunter2", own_certificate.made()["AGREEMENT_KEY"]],
    "PROVENANCE_CERT": [
        "hunter2",
        own_certificate.made()["AGREEMENT_CERT"],
        own_certificate.made()["AGREEMENT_CERT"] * 2,
        own_certificate.made_for_recordings()["PROVENANCE_CERT"],
    ],
    "PROVENANCE_KEY": ["hunter2", own_certificate.made_for_recordings()["PROVENANCE_KEY"]],
    "FINGERPRINT_KEY": ["hunter2", "ab" * 40],
    "PUBLIC_URL": [
        "http://callboard.org",
        "https://localhost",
        "https://10.0.0.1",
        "https://callboard.example",
    ],
    "ALLOWED_HOSTS": ["*", "callboard.org,*.org", "127.0.0.1"],
    "DATABASE_URL": [
        "postgresql://u:p@db.callboard.org/c",
        "postgresql://u:p@db.callboard.org/c?sslmode=require",
        "postgresql://u@db.callboard.org/c?sslmode=verify-full",
    ],
    "REDIS_URL": ["redis://:p@valkey.callboard.org/0", "redis://valkey/0", "rediss://valkey.callboard.org/0"],
    "STRIPE_SECRET_KEY": [
        "sk_test_" + "a1b2" * 8,
        "pk_live_" + "a1b2" * 8,
        "sk_live_short",
        "sk_live_" + "a" * 30,
    ],
    "STRIPE_IDENTITY_KEY": ["sk_live_" + "a1b2" * 8, "rk_test_" + "a1b2" * 8, "rk_live_short"],
    "STRIPE_API_BASE": ["https://sandbox.callboard.org", "http://127.0.0.1:12111"],
    "STRIPE_ACCOUNT_ID": ["platform", "acct_"],
    "STRIPE_WEBHOOK_SECRET_CONNECT": ["whsec_short", "a1b2c3d4" * 6],
    "LIVEKIT_URL": ["none", "http://livekit.callboard.org"],
    "EMAIL_URL": ["smtp://mail.callboard.org:25", "consolemail://", "dummymail://"],
}
GOOD = {
    "FIELD_ENCRYPTION_KEY": [f"{ANOTHER_KEY},{A_KEY}"],
    "WEBHOOK_KEY": [f"{ANOTHER_KEY},{A_KEY}"],
    "DATABASE_URL": ["postgresql://u:p@postgres:5432/c", "postgresql:///c", "postgresql://u:p@127.0.0.1/c"],
    "REDIS_URL": ["redis://:secret@valkey:6379/0", "unix:///run/valkey.sock"],
    "LIVEKIT_URL": ["own"],
    "ALLOWED_HOSTS": ["callboard.org,www.callboard.org"],
    "EMAIL_URL": ["smtp://mailhost:25", "smtp+ssl://u:p@mail.callboard.org:465"],
}


# Loads the settings anew for each line of standard input, an environment as JSON, and says how it went.
LOADER = """
import json, os, runpy, sys
for line in sys.stdin:
    os.environ.clear(); os.environ.update(json.loads(line))
    try:
        runpy.run_module("callboard.settings.production")
        print(json.dumps(""), flush=True)
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"), flush=True)
"""


@pytest.fixture(scope="module")
def house() -> Iterator["subprocess.Popen[str]"]:
    words = [sys.executable, "-c", LOADER]
    with subprocess.Popen(
        words, cwd=PROJECT, env=STRONG, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def start(house: "subprocess.Popen[str]") -> Start:
    """Load the production settings; what was said instead of starting, empty where they load."""

    def load(**changes: str | None) -> str:
        environment = {name: value for name, value in (STRONG | changes).items() if value is not None}
        assert house.stdin is not None
        assert house.stdout is not None
        house.stdin.write(json.dumps(environment) + "\n")
        house.stdin.flush()
        said: str = json.loads(house.stdout.readline())
        return said

    return load


def refused(said: str) -> str:
    assert said.startswith("ImproperlyConfigured: "), said or "it started"
    return said


def test_starts_on_strong_settings(start: Start) -> None:
    assert start() == ""


@pytest.mark.parametrize("name", SETTINGS)
def test_does_not_start_without(start: Start, name: str) -> None:
    assert name in refused(start(**{name: None}))


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WEAK.items() for value in values]
)
def test_does_not_start_on_what_is_weak(start: Start, name: str, value: str) -> None:
    said = refused(start(**{name: value}))
    assert name in said
    assert value not in said or name in ("ALLOWED_HOSTS", "STRIPE_ACCOUNT_ID")


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in GOOD.items() for value in values]
)
def test_starts_where_something_is_near_or_chosen(start: Start, name: str, value: str) -> None:
    assert start(**{name: value}) == ""


class TestAPart:
    @pytest.mark.parametrize("part", PARTS)
    def test_starts_on_its_own_secrets_and_on_no_fewer(self, start: Start, part: str) -> None:
        own = {name for name, parts in SECRETS.items() if part in parts and name in STRONG}
        others: dict[str, str | None] = dict.fromkeys(SECRETS.keys() - own)
        assert start(HOUSE_PART=part, **others) == ""
        for name in own:
            assert name in refused(start(HOUSE_PART=part, **(others | {name: None})))

    def test_that_there_is_not_is_refused(self, start: Start) -> None:
        assert "HOUSE_PART" in refused(start(HOUSE_PART="wbe"))


class TestAFile:
    def test_may_hold_a_secret(self, start: Start, tmp_path: Path) -> None:
        (tmp_path / "key").write_text(STRONG["SECRET_KEY"] + "\n")
        assert start(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key")) == ""

    def test_that_is_not_there_is_said(self, start: Start, tmp_path: Path) -> None:
        assert "SECRET_KEY_FILE" in refused(start(SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "none")))

    def test_beside_a_value_is_two_truths(self, start: Start, tmp_path: Path) -> None:
        assert "both" in refused(start(SECRET_KEY_FILE=str(tmp_path / "key")))


def test_a_staging_house_takes_test_keys_and_no_live_one(start: Start) -> None:
    test_keys = {
        "STRIPE_SECRET_KEY": "sk_test_" + "a1b2c3d4" * 5,
        "STRIPE_IDENTITY_KEY": "rk_test_" + "a1b2c3d4" * 5,
    }
    assert start(CALLBOARD_ENV="staging", **test_keys) == ""
    assert "staging" in refused(start(CALLBOARD_ENV="staging"))
