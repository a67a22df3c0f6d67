"""The ASVS table: every item of the standard's levels 1 and 2 once, and each test that it names is there."""

import ast
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings

from tests.processes import PROJECT

PAGE = (PROJECT / "callboard" / "decisions" / "0009-asvs.md").read_text()
ROW = re.compile(r"\| (V\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| (met|not applicable|open) \| ([^|]+) \|")
TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
# How many items of levels 1 and 2 each chapter of ASVS 5.0.0 has.
OF_THE_STANDARD = {
    1: (8, 19),
    2: (4, 7),
    3: (8, 11),
    4: (2, 8),
    5: (4, 5),
    6: (13, 22),
    7: (6, 12),
    8: (4, 3),
    9: (4, 3),
    10: (5, 24),
    11: (3, 11),
    12: (3, 6),
    13: (1, 12),
    14: (2, 7),
    15: (3, 10),
    16: (0, 16),
    17: (0, 7),
}


class Item(NamedTuple):
    id: str
    level: int
    asks: str
    stands: str
    by: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return TEST.findall(self.by)


def lines() -> list[str]:
    return [line for line in PAGE.splitlines() if line.startswith("| V")]


def items() -> list[Item]:
    found = [match for line in lines() if (match := ROW.fullmatch(line))]
    return [Item(one[1], int(one[2]), one[3], one[4], one[5]) for one in found]


@cache
def named_in(path: str) -> set[str]:
    """The tests of a file, as they are named: `test_…` or `TestClass::test_…`."""
    tree = ast.parse((PROJECT / path).read_text())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = {
        f"{node.name}::{one.name}"
        for node in classes
        for one in node.body
        if isinstance(one, ast.FunctionDef)
    }
    return functions | methods


def test_each_line_is_an_item_that_stands_one_way() -> None:
    assert [line for line in lines() if not ROW.fullmatch(line)] == []
    wrong = [one.id for one in items() if bool(one.tests) != (one.stands == "met") or not one.by.strip()]
    assert wrong == []
    unread = [one.id for one in items() if one.stands == "met" and TEST.sub("", one.by).strip(", ")]
    assert unread == []


def test_each_item_of_the_standard_is_there_once() -> None:
    assert [name for name, times in Counter(one.id for one in items()).items() if times > 1] == []
    found = Counter((int(one.id[1:].split(".")[0]), one.level) for one in items())
    assert {chapter: (found[chapter, 1], found[chapter, 2]) for chapter in OF_THE_STANDARD} == OF_THE_STANDARD
    assert [sum(of) for of in zip(*OF_THE_STANDARD.values(), strict=True)] == [70, 183]


def test_each_test_that_is_named_is_there() -> None:
    missing = [
        (one.id, path, name)
        for one in items()
        for path, name in one.tests
        if not Path(PROJECT / path).is_file() or name not in named_in(path)
    ]
    assert missing == []


def in_words(value: Any) -> str:
    """A limit as the page writes it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {most}" for name, most in value.items())
    if hasattr(value, "total_seconds"):
        return f"{value.days} days" if value.days else f"{value.seconds // 60} minutes"
    return str(value)


def test_the_limits_are_those_of_the_code() -> None:
    told = re.findall(r"^\| `([\w.]+)\.(\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE)
    assert len(told) >= 7
    assert [
        (name, said) for module, name, said in told if in_words(getattr(import_module(module), name)) != said
    ] == []


def test_every_secret_of_production_is_in_the_table_of_keys() -> None:
    told = set(re.findall(r"`([A-Z_]+)`", PAGE.partition("### Keys")[2].partition("## V1 ")[0]))
    wanted = {f"STRIPE_WEBHOOK_SECRET_{kind.upper()}" for kind in settings.STRIPE_WEBHOOK_SECRETS}
    production = (PROJECT / "callboard" / "settings" / "production.py").read_text()
    wanted |= set(
        re.findall(r'\b(?:secret|encryption_key|\w+_url|stripe_identity_key)\("([A-Z_]+)"', production)
    )
    assert wanted - {"PUBLIC_URL"} | {"STRIPE_SECRET_KEY", "LIVEKIT_API_SECRET"} <= told


def test_the_ways_in_are_those_of_the_settings() -> None:
    """Another way of proving who one is changes one of these; then the page does too."""
    assert settings.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
    assert settings.MFA_SUPPORTED_TYPES == ["totp", "webauthn", "recovery_codes"]
    names = [each.rpartition(".")[2] for each in settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]]
    assert names == ["ApiKeyAuthentication", "SessionTokenAuthentication", "SessionAuthentication"]
    assert not [app for app in settings.INSTALLED_APPS if app.startswith("allauth.socialaccount")]
    assert not getattr(settings, "ACCOUNT_LOGIN_BY_CODE_ENABLED", False)


# "The rest with the quarter's update", of the page.
A_QUARTER = timedelta(days=92)


@pytest.mark.slow_run
@pytest.mark.parametrize("lock", ["base", "dev"])
def test_no_lock_is_older_than_a_quarter(lock: str) -> None:
    """By night, so that a checkout of long ago still passes its tests."""
    found = re.match(
        r"# Locked on (\d{4}-\d\d-\d\d)\n", (PROJECT / "requirements" / f"{lock}.lock").read_text()
    )
    assert found, "make lock writes the day"
    assert datetime.now(tz=UTC).date() - date.fromisoformat(found[1]) <= A_QUARTER


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_every_library_is_pinned_by_hash(lock: str) -> None:
    text = (PROJECT / "requirements" / f"{lock}.lock").read_text()
    pinned = re.findall(
        r"^([a-z0-9._-]+)==\S+(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)", text, re.MULTILINE
    )
    named = re.findall(r"^[a-z0-9][^\n]*", text, re.MULTILINE)
    assert len(pinned) == len(named) > 20
    assert "://" not in "".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
