"""The worked week: 80 sessions with the tricky cases, whose 162 seats were worked out apart from this code."""

import csv
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.marketplace.presence import folding
from tests.marketplace.presence.oracle import walk

WEEK = Path(__file__).parent / "week"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def sessions() -> list[Json]:
    loaded: list[Json] = json.loads((WEEK / "sessions.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def by_room() -> dict[str, list[Json]]:
    rooms: dict[str, list[Json]] = defaultdict(list)
    for line in (WEEK / "deliveries.jsonl").read_text().splitlines():
        delivery = json.loads(line)
        rooms[delivery["poll"]["room"] if "poll" in delivery else delivery["body"]["room"]["name"]].append(
            delivery
        )
    return rooms


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str], tuple[int, int, int, str, bool]]:
    with (WEEK / "expected.csv").open() as file:
        return {
            (row["session"], row["performer"]): (
                int(row["worked_s"]),
                int(row["payable_s"]),
                int(row["amount_minor"]),
                row["currency"],
                row["inferred"] == "1",
            )
            for row in csv.DictReader(file)
        }


def fold(sessions: list[Json], by_room: dict[str, list[Json]]) -> dict[tuple[str, str], Any]:
    return {
        (session["session"], who): row
        for session in sessions
        for who, row in folding.rows(session, by_room[session["room"]], sessions).items()
    }


class TestWorkedWeek:
    def test_every_one_of_its_162_seats_is_right(
        self, sessions: list[Json], by_room: dict[str, list[Json]], expected: Any
    ) -> None:
        assert len(expected) == 162
        assert fold(sessions, by_room) == expected

    def test_the_oracle_of_these_tests_agrees_with_it_too(
        self, sessions: list[Json], by_room: dict[str, list[Json]], expected: Any
    ) -> None:
        walked = {
            (s["session"], who): row
            for s in sessions
            for who, row in walk(s, by_room[s["room"]], sessions).items()
        }
        assert walked == expected

    @pytest.mark.parametrize("seed", range(5))
    def test_comes_out_the_same_when_shuffled_and_delivered_twice(
        self, seed: int, sessions: list[Json], by_room: dict[str, list[Json]], expected: Any
    ) -> None:
        order = random.Random(seed)
        mixed = {room: came + order.choices(came, k=len(came)) for room, came in by_room.items()}
        for came in mixed.values():
            order.shuffle(came)
        assert fold(sessions, defaultdict(list, mixed)) == expected
