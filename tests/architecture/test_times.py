"""Times for people are written in one place, `kit/instants.py`, and on pages by its filters and its component."""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django import forms
from rest_framework import serializers

from kit import forms as house_forms
from kit import instants
from kit.http import serializers as house_serializers
from tests.architecture.test_notices import FOR_MACHINES

ROOT = Path(__file__).parents[2]
TOPS = ("accounts", "callboard", "kit", "marketplace", "payments")
WRITES = {"strftime", "isoformat", "ctime", "date_format", "time_format", "naturaltime", "timesince"}
ALLOWED = {
    "kit/instants.py": "the place",
    "kit/ranges.py": "a fault of ours, for the log",
    "accounts/identity/freshness.py": "read back by the code that wrote it, in the session",
    "accounts/identity/session_store.py": "read back by the code that wrote it, in the session",
    "callboard/demo/stage.py": "what a program sends over the API",
    "callboard/demo/report.py": "compared with what Stripe keeps",
    "kit/http/merging.py": "read back by the code that wrote it, in a cursor",
    "payments/identity_checks/fingerprints.py": "hashed, and kept nowhere",
    "payments/books/journals.py": "the number of a journal",
    "payments/payouts/stripe_transfers.py": "metadata that Stripe keeps",
    "payments/payroll/models.py": "a number of a week, for the advisory lock",
}
IN_TEMPLATES = re.compile(
    r"\|\s*(date|time|timesince|timeuntil|naturaltime|naturalday)\b|{%\s*now\b|\w_(at|on)\s*}}"
)


def files(ending: str) -> Iterator[tuple[str, str]]:
    for top in TOPS:
        for path in sorted((ROOT / top).rglob(f"*{ending}")):
            if not {"migrations", "sandbox", "vendor"} & set(path.parts):
                yield str(path.relative_to(ROOT)), path.read_text()


def times_written(text: str) -> Iterator[int]:
    """Lines of Python that write a time, apart from the forms that machines read."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            specs = [str(part.value) for part in ast.walk(node.format_spec) if isinstance(part, ast.Constant)]
            if any("%" in spec and spec != "%" and spec not in FOR_MACHINES for spec in specs):
                yield node.lineno
        elif isinstance(node, ast.Attribute | ast.Name) and _named(node) in WRITES:
            yield node.lineno


def _named(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def test_no_module_writes_a_time_of_its_own() -> None:
    found = {path for path, text in files(".py") if any(times_written(text))}
    assert sorted(found) == sorted(ALLOWED), "say it with kit.instants, in the reader's zone"


@pytest.mark.parametrize(
    "line",
    [
        'f"{at:%d %b %H:%M}"',
        'at.strftime("%H:%M")',
        "at.isoformat()",
        "f\"{at:{'%H:%M:%S' if exact else '%H:%M'}}\"",
        "dateformat.date_format(at)",
    ],
)
def test_a_module_that_did_would_be_found(line: str) -> None:
    assert list(times_written(line))


def test_no_template_writes_a_time_of_its_own() -> None:
    wrong = {path for path, text in files(".html") if IN_TEMPLATES.search(text)}
    wrong |= {path for path, text in files(".txt") if IN_TEMPLATES.search(text)}
    assert wrong == set(), "use <c-instant>, |day, or |for_machines in an address"
    assert IN_TEMPLATES.search('{{ at|date:"j M" }}')


def test_no_script_but_the_one_for_visitors_writes_a_time() -> None:
    found = {path for path, text in files(".js") if "toLocale" in text and "/js/htmx" not in path}
    assert found == {"callboard/static/js/manners.js"}


class TestAnInstantInWords:
    AT = datetime(2027, 1, 1, 2, 30, tzinfo=UTC)
    NOW = datetime(2026, 11, 26, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("zone", "said"),
        [
            ("America/New_York", "Thu 31 Dec, 21:30 EST"),
            ("Europe/Berlin", "Fri 1 Jan 2027, 03:30 CET"),
            ("America/Chicago", "Thu 31 Dec, 20:30 CST"),
            ("Asia/Shanghai", "Fri 1 Jan 2027, 10:30 Asia/Shanghai"),
            ("Asia/Manila", "Fri 1 Jan 2027, 10:30 Asia/Manila"),
            ("Asia/Kolkata", "Fri 1 Jan 2027, 08:00 IST"),
            ("Asia/Jerusalem", "Fri 1 Jan 2027, 04:30 Asia/Jerusalem"),
        ],
    )
    def test_names_the_zone_and_the_year_that_is_not_this_one(self, zone: str, said: str) -> None:
        assert instants.in_words(self.AT, zone, now=self.NOW) == said

    def test_this_year_is_the_readers(self) -> None:
        """In Tokyo it is 2027 already while New York is still in 2026."""
        at, now = datetime(2027, 3, 1, tzinfo=UTC), datetime(2026, 12, 31, 20, tzinfo=UTC)
        assert instants.day(at, "Asia/Tokyo", now=now) == "Mon 1 Mar"
        assert instants.day(at, "America/New_York", now=now) == "Sun 28 Feb 2027"
        assert instants.day(date(2025, 3, 1), now=now) == "Sat 1 Mar 2025"

    @pytest.mark.parametrize(
        ("zone", "said"),
        [
            ("America/New_York", "Thu 31 Dec, 21:30 EST (Fri 1 Jan 2027, 02:30 UTC)"),
            ("Europe/Berlin", "Fri 1 Jan 2027, 03:30 CET (02:30 UTC)"),
            ("UTC", "Fri 1 Jan 2027, 02:30 UTC"),
        ],
    )
    def test_beside_utc_for_who_may_have_no_zone(self, zone: str, said: str) -> None:
        assert instants.in_words_and_utc(self.AT, zone, now=self.NOW) == said

    def test_letters_of_several_zones_are_known_to_mislead(self) -> None:
        """Whatever the tables of time zones hold: letters that stand for several offsets are in our table."""
        meant: dict[str, set[timedelta | None]] = {}
        for month in range(12):
            at = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(days=30 * month)
            for name in available_timezones():
                local = at.astimezone(ZoneInfo(name))
                if "/" in name and (local.tzname() or "").isalpha():
                    meant.setdefault(local.tzname() or "", set()).add(local.utcoffset())
        assert {letters for letters, offsets in meant.items() if len(offsets) > 1} == set(instants.TAKEN_FOR)


READ = re.compile(r"(?:self\.(?:read|query)\(|request=|parameters=\[)(\w+)")
STRICT = {
    forms.DateTimeField: house_forms.InstantField,
    forms.DateField: house_forms.DayField,
    serializers.DateTimeField: house_serializers.InstantField,
    serializers.DateField: house_serializers.DayField,
}
NEVER = (forms.TimeField, forms.SplitDateTimeField, forms.DurationField, serializers.TimeField)


def below(kind: type[Any]) -> Iterator[Any]:
    """All classes of ours that inherit from `kind`; every room has been imported with the addresses."""
    importlib.import_module("callboard.urls")
    for each in kind.__subclasses__():
        if each.__module__.partition(".")[0] in TOPS:
            yield each
        yield from below(each)


def times_read() -> Iterator[tuple[str, object]]:
    """Every field of ours that takes a day or an instant from outside, by its name."""
    read = {name for _, text in files(".py") for name in READ.findall(text)}
    kinds = [(kind, kind.base_fields) for kind in below(forms.BaseForm)]
    asked = [kind for kind in below(serializers.Serializer) if kind.__name__ in read]
    for kind, fields in [*kinds, *((kind, kind._declared_fields) for kind in asked)]:
        for name, field in fields.items():
            if isinstance(field, (*STRICT, *NEVER)):
                yield f"{kind.__name__}.{name}", field


def test_whatever_takes_a_time_takes_it_strictly() -> None:
    lax = [name for name, field in times_read() if not isinstance(field, tuple(STRICT.values()))]
    assert lax == [], "use InstantField or DayField of kit.forms or kit.http.serializers"
    assert {"BookForm.call_at", "GigForm.starts_on", "CloseIn.week"} <= {name for name, _ in times_read()}


@pytest.mark.parametrize("year", ["0001", "1999", "2200", "9999"])
@pytest.mark.parametrize(
    ("takes", "at"),
    [
        (house_forms.DayField().clean, "-06-01"),
        (house_forms.InstantField().clean, "-06-01T12:00"),
        (house_serializers.DayField().run_validation, "-06-01"),
        (house_serializers.InstantField().run_validation, "-06-01T12:00:00Z"),
    ],
)
def test_a_year_that_nobody_means_is_refused_with_the_bounds(
    year: str, takes: Callable[[str], object], at: str
) -> None:
    with pytest.raises((forms.ValidationError, serializers.ValidationError)) as refused:
        takes(year + at)
    assert "1 Jan 2000 to 31 Dec 2199" in str(refused.value)
    assert takes("2027" + at)
