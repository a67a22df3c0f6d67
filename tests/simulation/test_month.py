"""The worked months, played by the house's own operations: every figure, and after each event the books, the audit and
Stripe. One in `make test`, the other in `make slow`; any other with `python -m tests.simulation.month`."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation.month import acts, playing

WORKED = Path(__file__).parent / "month" / "worked"


def events_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (WORKED / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("number", [pytest.param("-2"), pytest.param("", marks=pytest.mark.slow_run)])
def test_comes_out_to_the_cent(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, number: str
) -> None:
    with django_db_blocker.unblock():
        books = playing.play(events_of(f"month{number}"))
    expected = json.loads((WORKED / f"expected{number}.json").read_text())
    assert list(playing.differences(expected, books)) == []


def test_the_months_do_every_act_there_is() -> None:
    done = {event["do"] for number in ("", "-2") for event in events_of(f"month{number}")}
    assert done == set(acts.ACTS)
