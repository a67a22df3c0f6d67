"""Thirty days of a small house, each another seed's: forty in `make test`, two hundred in `make slow`, as many as are wanted
by `make simulate ARGS=--life`.
"""

import inspect
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation.life import played
from tests.simulation.life.acts import ACTS, MONEY_ACTS, Act, MoneyAct
from tests.simulation.life.house import House, a_house
from tests.simulation.life.money_mutants import MONEY_MUTANTS
from tests.simulation.life.mutants import MUTANTS, planted
from tests.simulation.life.played import Run
from tests.simulation.life.report import seeds_for
from tests.simulation.life.story import tell

# Every other seed plays money; one in five, the platform's own room; one in eight, two who press at the same moment. Of those
# with money a few here: what more of them find is looked at by night.
SEEDS, WITH_MONEY, AT_ONCE_IN_TEST = range(0, 80, 2), (3, 7, 9, 15, 23), 5
AT_NIGHT, AT_ONCE = range(200), 8
CAUGHT_SOON = {
    "offers outlive a cancelled gig": range(4),
    "bookings outlive an engagement": range(4),
    "knocking pays nothing": range(4),
    "news are sent twice": range(4),
    "budgets are never given back": range(4),
    "a failed debit is not heard": (1, 3),
    "what was refunded lands": (1, 3),
    "a withdrawal is taken twice": (1, 3),
    "a budget goes past the debt": (1, 3),
    "a cancelled run stays": (1, 3, 5),
    "a closed account is forgotten": (1, 3, 5, 7),
}


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    with django_db_blocker.unblock(), a_house() as house:
        yield house


@pytest.mark.slow
@pytest.mark.parametrize("n", range(0, len(SEEDS), AT_ONCE_IN_TEST))
def test_people_do_everything_and_all_is_well(house: House, n: int) -> None:
    _all_are_well(house, SEEDS[n : n + AT_ONCE_IN_TEST])


@pytest.mark.slow
@pytest.mark.parametrize("seed", WITH_MONEY)
def test_and_with_money_too(house: House, seed: int) -> None:
    _all_are_well(house, [seed])


@pytest.mark.slow_run
@pytest.mark.parametrize("first", AT_NIGHT[::AT_ONCE])
def test_and_in_many_more_lives(house: House, first: int) -> None:
    _all_are_well(house, range(first, first + AT_ONCE))


def _all_are_well(house: House, seeds: Iterable[int]) -> None:
    for seed in seeds:
        told = tell(house, seed)
        assert not told.violation, "\n".join([*told.said[-60:], f"seed {seed}: {told.violation}"])


@pytest.mark.slow_run
@pytest.mark.parametrize("name", CAUGHT_SOON)
def test_a_planted_bug_is_caught_soon(house: House, name: str) -> None:
    with planted(name):
        assert any(tell(house, seed).violation for seed in CAUGHT_SOON[name])


@pytest.mark.slow_run
@pytest.mark.parametrize("name", MUTANTS)
def test_every_planted_bug_is_caught(house: House, name: str) -> None:
    with planted(name):
        assert any(tell(house, seed).violation for seed in seeds_for(name))


@pytest.mark.parametrize("name", [*ACTS, *MONEY_ACTS])
def test_every_act_is_walked_through_page_or_api(name: str) -> None:
    assert not _not_walked(ACTS.get(name) or MONEY_ACTS[name])


def test_an_act_that_nobody_walks_is_found() -> None:
    assert _not_walked(Act(""))
    assert _not_walked(Act("tests.journeys.no_such_module:test_it"))
    assert _not_walked(Act("tests.journeys.test_terms:no_such_test"))


def _not_walked(act: Act | MoneyAct) -> str:
    """What is wrong with the journey that an act names; nothing where it stands, and goes through page or API."""
    module, _, name = act.journey.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        return f"there is no {act.journey!r}"
    source = inspect.getsource(inspect.getmodule(found) or found)
    goes = (".does(", ".sends(", ".opens(", "logs_in(", "through_api(")
    return "" if any(each in source for each in goes) else f"{act.journey} goes through no door"


def test_what_was_played_in_several_evenings_adds_up(tmp_path: Path) -> None:
    page = tmp_path / "played.jsonl"
    played.note(Run("abc", 20, 29, [23], {"signs": 4}), where=page)
    played.note(Run("abd", 10, 19, [], {"signs": 1, "books": 2}), where=page)
    with pytest.raises(played.NotTwice):
        played.note(Run("abe", 29, 31), where=page)
    runs = played.read(page)
    total = played.add_up(runs)
    assert (total.stories, total.violations) == (20, [23])
    assert total.acts == {"signs": 5, "books": 2}
    assert "20 lives, 7 acts, 1 violations noted." in played.table(runs)


def test_no_life_that_is_noted_went_wrong() -> None:
    assert not played.add_up(played.read()).violations


def test_there_are_enough_acts_and_bugs_to_plant() -> None:
    assert len(ACTS) >= 40
    assert len(MONEY_ACTS) >= 30
    assert len(MUTANTS) - len(MONEY_MUTANTS) >= 15
    assert len(MONEY_MUTANTS) >= 15
