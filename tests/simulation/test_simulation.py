"""Paydays on real Postgres, each another seed's: a hundred in `make test`, more in `make slow`, as many as are wanted by
`make simulate`.

A seed that ever failed stands in FAILED_ONCE with what it showed, and is played for ever.
"""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation.mutants import MUTANTS, planted
from tests.simulation.points import POINTS
from tests.simulation.report import HUNT
from tests.simulation.stage import Stage, a_stage
from tests.simulation.story import tell

SEEDS, AT_NIGHT, AT_ONCE = range(100), range(100, 700), 25
FAILED_ONCE = {
    18: "a transfer that was adopted late had been reversed in part, and the reversal was in nobody's books",
    28: "an item was let go while its run was being closed: ready for ever, in a run that was paid",
    88: "the news of a reversal was lost, and nobody asked",
    237: "after a restore an item was held for its bank although Stripe had its transfer",
    3374: "money was taken back between the reading of a list and its recording, and the books never heard",
}
# Quick ones; all of them in make slow.
CAUGHT_SOON = {
    "what is found is ignored": range(10),
    "absence believed at once": range(10),
    "nobody is told": range(3),
}


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    with django_db_blocker.unblock(), a_stage() as stage:
        yield stage


@pytest.mark.slow
@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_everybody_is_paid_once_or_held_and_told(stage: Stage, first: int) -> None:
    _all_are(stage, range(first, first + AT_ONCE))


@pytest.mark.slow_run
@pytest.mark.parametrize("first", AT_NIGHT[::AT_ONCE])
def test_and_in_many_more_stories(stage: Stage, first: int) -> None:
    _all_are(stage, range(first, first + AT_ONCE))


def _all_are(stage: Stage, seeds: range) -> None:
    for seed in seeds:
        told = tell(stage, seed)
        assert not told.violation, "\n".join([*told.steps[-60:], f"seed {seed}: {told.violation}"])


@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_what_failed_once_holds(stage: Stage, seed: int) -> None:
    told = tell(stage, seed)
    assert not told.violation, "\n".join([*told.steps, told.violation])


@pytest.mark.slow
@pytest.mark.parametrize("name", CAUGHT_SOON)
def test_a_planted_bug_is_caught(stage: Stage, name: str) -> None:
    with planted(name):
        assert any(tell(stage, seed).violation for seed in CAUGHT_SOON[name])


@pytest.mark.slow_run
@pytest.mark.parametrize("name", MUTANTS)
def test_every_planted_bug_is_caught(stage: Stage, name: str) -> None:
    with planted(name):
        assert any(tell(stage, seed).violation for seed in range(HUNT))


def test_there_are_enough_places_to_die_and_bugs_to_plant() -> None:
    assert len(POINTS) >= 25
    assert len(MUTANTS) >= 14
