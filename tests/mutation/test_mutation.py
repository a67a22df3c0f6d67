"""What `make mutate` says of rules whose mutants are known."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.mutation import accepted, mutants
from tests.mutation.children import Tried, Verdict
from tests.processes import PROJECT

RULE = "tests/mutation/specimen/rule.py"


def mutate(*given: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.mutation",
        "--rooms",
        RULE,
        "--tests",
        "tests/mutation/specimen/claims.py",
    ]
    return subprocess.run(
        [*command, *given], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.slow
def test_what_a_claim_notices_is_killed_and_the_rest_is_listed_with_its_change() -> None:
    told = mutate("--jobs", "1", "--verbose")
    fate = {line.split(" s ")[1] for line in told.stderr.splitlines() if " s tests/" in line}
    killed = {line.split()[0] for line in fate if " killed tests/mutation/specimen/claims.py" in line}
    # The boundary, the constant, and under a decorator what is written and that it is.
    assert killed >= {
        f"{RULE}:{_line(words)}" for words in ("GRACE =", "at > due_at", "= False", "user.save(")
    }
    assert "longer: survived" in told.stdout
    assert (
        "  - return one if one > other else other\n  + return one if one >= other else other\n" in told.stdout
    )
    assert "never_asked: unreached" in told.stdout
    assert told.returncode == 1, told.stdout


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    found = mutants.of_room(RULE)
    first, again, other = (mutants.sample(found, size=5, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


class TestAnAcceptedMutant:
    def test_is_one_that_there_is_and_that_survives(self) -> None:
        assert _complaints([_entry()]) == []

    def test_is_stale_once_its_line_has_changed(self) -> None:
        assert "no such mutant" in _complaints([replace(_entry(), was="return other")])[0]

    def test_is_stale_once_a_test_kills_it(self) -> None:
        (mutant,) = [one for one in _written() if _entry().is_of(one)]
        assert (
            "is killed by a_test" in _complaints([_entry()], [Tried(mutant, Verdict.KILLED, by="a_test")])[0]
        )

    def test_is_one_of_few(self) -> None:
        assert "more than 3 %" in _complaints([_entry(), _entry()])[0]


def _complaints(entries: Sequence[accepted.Accepted], tried: Sequence[Tried] = ()) -> list[str]:
    enough = mutants.of_room(RULE) * 3
    return accepted.complaints(entries, changes={RULE: enough}, tried=tried)


def _entry() -> accepted.Accepted:
    (mutant,) = [one for one in _written() if one.owner == "longer" and ">=" in one.becomes]
    return accepted.Accepted(mutant.path, mutant.owner, mutant.was, mutant.becomes, reason="the same number")


def _written() -> list[mutants.Mutant]:
    return [mutant for change in mutants.of_room(RULE) if (mutant := change.written())]


def _line(words: str) -> int:
    lines = (PROJECT / RULE).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)
