"""Which law protects a piece of work: by where the two are, what it is worth, and what it is. And the files that say so."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity.residence import Where, states
from kit.money import Money
from marketplace.agreements.coverage import PAID_WITHIN_DAYS, Agreed, covering, pay_by, pay_days
from marketplace.agreements.data import laws, template

NY, IL, CA, TX = (Where("US", state) for state in ("NY", "IL", "CA", "TX"))
TODAY = date(2026, 11, 27)


def held(performer: Where, company: Where = TX, minor: int = 1_000_000, **more: object) -> list[str]:
    said: dict[str, object] = {"expected": Money(minor, "usd"), "on": TODAY} | more
    return [law.key for law in covering(performer=performer, company=company, **said)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("performer", "company", "minor", "keys"),
    [
        (NY, TX, 80_000, ["us-ny"]),
        (NY, TX, 79_999, []),
        (TX, NY, 1_000_000, []),  # New York's follows the performer
        (IL, TX, 50_000, ["us-il"]),
        (IL, TX, 49_999, []),
        (TX, IL, 50_000, ["us-il"]),  # Illinois' follows either
        (IL, IL, 50_000, ["us-il"]),
        (NY, IL, 80_000, ["us-il", "us-ny"]),
        (CA, CA, 1_000_000, []),  # no occupation of California's list is improv
        (TX, TX, 1_000_000, []),
        (Where("DE"), Where("US", "IL"), 50_000, ["us-il"]),
        (Where(), Where(), 1_000_000, []),
        (Where("US"), Where("US"), 1_000_000, []),
    ],
)
def test_a_law_holds_from_its_place_and_its_worth(
    performer: Where, company: Where, minor: int, keys: list[str]
) -> None:
    assert held(performer, company, minor) == keys


def test_californias_holds_for_an_occupation_that_stands_on_its_list_and_is_data() -> None:
    assert held(CA, minor=25_000, occupation="illustrator") == ["us-ca"]
    assert held(CA, minor=24_999, occupation="illustrator") == []
    listed = [replace(law, occupations=(*law.occupations, "improv performance")) for law in laws()]
    assert held(CA, minor=25_000, known=listed) == ["us-ca"]


def test_a_law_that_is_not_in_force_yet_holds_nothing() -> None:
    (ny,) = [law for law in laws() if law.key == "us-ny"]
    assert held(NY, on=ny.in_force_from) == ["us-ny"]
    assert held(NY, on=ny.in_force_from - timedelta(days=1)) == []


def test_in_doubt_about_the_amount_a_law_holds() -> None:
    assert held(NY, expected=Money(1, "eur")) == ["us-ny"]


@pytest.mark.parametrize(
    ("worth", "days_ago", "keys"),
    [
        (40_000, 0, ["us-ny"]),
        (40_000, 120, ["us-ny"]),
        (40_000, 121, []),
        (39_999, 0, []),
        (40_000, -30, ["us-ny"]),  # it is still to end
    ],
)
def test_what_the_same_two_agreed_to_in_the_days_before_is_added_up(
    worth: int, days_ago: int, keys: list[str]
) -> None:
    before = Agreed(Money(worth, "usd"), TODAY - timedelta(days=days_ago))
    assert held(NY, minor=40_000, also=[before]) == keys
    half = Agreed(Money(worth // 2, "usd"), before.until)
    assert held(NY, minor=40_000, also=[half, half, *[Agreed(Money(worth % 2, "usd"), before.until)]]) == keys


def test_in_doubt_about_what_was_agreed_to_before_a_law_holds() -> None:
    assert held(NY, minor=1, also=[Agreed(Money(1, "eur"), TODAY)]) == ["us-ny"]
    assert held(NY, minor=1, also=[Agreed(Money(1, "eur"), TODAY - timedelta(days=121))]) == []


@given(
    st.sampled_from([NY, IL, CA, TX]),
    st.integers(0, 200_000),
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 400))),
)
def test_more_agreements_never_take_a_protection_away(
    performer: Where, minor: int, before: list[tuple[int, int]]
) -> None:
    also = [Agreed(Money(worth, "usd"), TODAY - timedelta(days=ago)) for worth, ago in before]
    assert set(held(performer, minor=minor)) <= set(held(performer, minor=minor, also=also))


@given(
    st.sampled_from([Where("US", state) for state in states()] + [Where("DE"), Where()]),
    st.sampled_from([NY, IL, CA, TX, Where("GB")]),
    st.integers(0, 10_000_000),
    st.integers(0, 10_000_000),
)
def test_more_pay_never_takes_a_protection_away(
    performer: Where, company: Where, one: int, other: int
) -> None:
    less, more = sorted((one, other))
    assert set(held(performer, company, less)) <= set(held(performer, company, more))


def test_pay_is_due_by_the_shortest_of_all_and_the_houses_own() -> None:
    (ny,) = [law for law in laws() if law.key == "us-ny"]
    assert pay_days([]) == PAID_WITHIN_DAYS == 30
    assert pay_days([ny, replace(ny, pay_within_days=14)]) == 14
    assert pay_days([replace(ny, pay_within_days=60)]) == 30
    assert pay_by(date(2026, 11, 10), within_days=30) == date(2026, 12, 10)


@pytest.mark.parametrize("law", laws(), ids=lambda law: law.key)
def test_each_law_says_its_source_its_place_and_whether_counsel_has_read_it(law: object) -> None:
    """And has clauses of its own."""
    for said in ("name", "citation", "source", "version"):
        assert getattr(law, said)
    assert law.place.removeprefix("US-") in states()  # type: ignore[attr-defined]
    assert law.within_days == 120  # type: ignore[attr-defined] # New York 1410, Illinois 193/5, California 18100
    assert law.checked_by_counsel is False  # type: ignore[attr-defined] # nobody has: whoever changes it signs for it
    written = template(law.key)  # type: ignore[attr-defined]
    assert written.source
    assert written.version
    assert written.clauses
