"""One person has one fingerprint, however the name is written; nobody else has it; the day of coming of age is exact."""

from datetime import date

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from payments.identity_checks.fingerprints import fingerprint, is_of_age

BORN = date(1990, 12, 10)
NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=20)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1))


def of(first_name: str, last_name: str, born: date = BORN) -> str:
    return fingerprint(first_name=first_name, last_name=last_name, born=born)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("JOSÉ-MARÍA", "GARCÍA LÓPEZ"),
        ("jose maria", "garcia-lopez"),
        ("Jose\u0301 Mari\u0301a", " García  López "),
    ],
)
def test_of_one_person_however_it_is_written(first: str, last: str) -> None:
    assert of(first, last) == of("José María", "García López")


@given(NAMES, NAMES, DAYS)
def test_of_spaces_and_case_is_none(first: str, last: str, born: date) -> None:
    assert of(first, last, born) == of(f" {first}-", f"'{last}. ", born)


@given(st.sampled_from(["Ada", "Ann", "An"]), st.sampled_from(["Lee", "Nlee", "Li"]), DAYS)
def test_of_another_person_is_another(first: str, last: str, born: date) -> None:
    assert (of(first, last, born) == of("An", "Nlee")) == ((first, last, born) == ("An", "Nlee", BORN))


def test_of_a_letter_that_changes_sides_is_another() -> None:
    assert of("Ann", "Lee") != of("An", "Nlee")


def test_without_the_key_is_nothing() -> None:
    with override_settings(FINGERPRINT_KEY="another"):
        other = of("Ada", "Lee")
    assert other != of("Ada", "Lee")
    assert len(other) == 64


@pytest.mark.parametrize(
    ("born", "on", "of_age"),
    [
        (date(2008, 11, 26), date(2026, 11, 25), False),
        (date(2008, 11, 26), date(2026, 11, 26), True),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(1950, 1, 1), date(2026, 1, 1), True),
    ],
)
def test_is_of_age_from_the_day_on(born: date, on: date, of_age: bool) -> None:
    assert is_of_age(born, on=on) is of_age
