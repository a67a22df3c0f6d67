"""The protocol alone keeps its promises, the planted bugs do not, and both go by the product's own times."""

from datetime import UTC, datetime, timedelta

import pytest

from kit.jobs import next_try
from payments.payouts import calls, claims, lookups
from tests.simulation.model.__main__ import WITHIN, first_caught, main, violations
from tests.simulation.model.mutants import MUTANTS
from tests.simulation.model.rules import Rules, Times
from tests.simulation.model.story import told


class TestTheProtocolAlone:
    def test_pays_everybody_once_or_holds_with_a_reason(self) -> None:
        broken = violations(range(3_000))
        story = "\n".join(told(broken[0][0], Rules())) if broken else ""
        assert broken == [], f"{broken}\npython -m tests.simulation.model --story {broken[0][0]}\n{story}"

    @pytest.mark.slow_run
    def test_and_in_a_hundred_thousand_stories(self) -> None:
        assert main(["--seeds", "100000"]) == 0

    def test_tells_the_same_story_again(self) -> None:
        assert told(7, Rules()) == told(7, Rules())


class TestPlantedBugs:
    @pytest.mark.parametrize("planted", MUTANTS, ids=lambda planted: planted.__name__)
    def test_is_caught(self, planted: type[Rules]) -> None:
        assert first_caught(planted(), WITHIN) is not None


class TestTimes:
    def test_are_the_products(self) -> None:
        times = Times()
        assert timedelta(seconds=times.last_send) == claims.LAST_SEND
        assert timedelta(seconds=times.look_apart) == lookups.LISTINGS_APART
        assert timedelta(seconds=times.believe_absence) == lookups.BELIEVE_ABSENCE
        assert timedelta(seconds=times.lease) == claims.lease()
        assert times.peek_after == calls.PEEK_AFTER

    @pytest.mark.parametrize("tries", range(14))
    def test_wait_like_the_product(self, tries: int) -> None:
        at = datetime(2026, 11, 20, tzinfo=UTC)
        assert at + timedelta(seconds=Times().next_try(0, tries)) == next_try(at=at, tries=tries)
