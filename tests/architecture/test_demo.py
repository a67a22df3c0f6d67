"""A demo that was stopped goes on with the numbers it began with, and with no others."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from callboard.backstage.outbox import newest
from callboard.demo import begun
from tests.processes import PROJECT, plain_environment

MONDAY, NEXT = date(2026, 11, 16), date(2026, 11, 23)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cb", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("CALLBOARD_HOME", folder)
        yield Path(folder).resolve()


def asked(**numbers: int) -> dict[str, int | None]:
    return dict.fromkeys(begun.FIRST) | numbers


def test_it_begins_with_what_is_asked_and_goes_on_so_in_its_own_week(home: Path) -> None:
    began = begun.FIRST | {"performers": 16}
    assert begun.numbers(asked=asked(performers=16), monday=MONDAY) == (began, MONDAY)
    assert begun.numbers(asked=asked(), monday=NEXT) == (began, MONDAY)
    assert begun.numbers(asked=asked(performers=16, seed=74), monday=NEXT) == (began, MONDAY)


@pytest.mark.parametrize("other", ["performers", "sessions", "seed"])
def test_other_numbers_are_refused_with_what_to_type_until_it_is_forgotten(home: Path, other: str) -> None:
    begun.numbers(asked=asked(), monday=MONDAY)
    with pytest.raises(begun.BegunOtherwise, match=rf'32 performers.*`make demo ARGS="--fresh --{other} 20"'):
        begun.numbers(asked=asked(**{other: 20}), monday=MONDAY)
    begun.forget()
    anew = begun.FIRST | {other: 20}
    assert begun.numbers(asked=asked(**{other: 20}), monday=NEXT) == (anew, NEXT)


@pytest.mark.slow_run
def test_stopped_again_and_again_it_refuses_other_numbers_in_a_sentence_and_goes_on_to_the_end(
    home: Path,
) -> None:
    for mails in (1, 6, 6):  # while staff, companies and performers come
        stops(demo(home, "--performers", "16", "--sessions", "2"), home, after=mails)
    other = demo(home, "--performers", "18")
    _, said = other.communicate(timeout=60)
    assert other.returncode == 1
    assert said.startswith("CommandError: The week here began with 16 performers, 2 sessions and seed 74: ")
    assert said.count("\n") == 1
    again = demo(home)
    shown, said = again.communicate(timeout=240)
    assert again.returncode == 0, said
    assert "  2 sessions, " in shown


def stops(playing: "subprocess.Popen[str]", home: Path, *, after: int) -> None:
    """Press Ctrl-C once so many more mails have been written."""
    deadline, before = time.monotonic() + 90, len(newest(home / "mail"))
    while len(newest(home / "mail")) < before + after:
        assert time.monotonic() < deadline, "It stands still."
        assert playing.poll() is None, playing.communicate()
        time.sleep(0.1)
    playing.send_signal(signal.SIGINT)
    playing.communicate(timeout=60)
    assert playing.returncode == 130


def demo(home: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--once", "--port", "0", *words],
        cwd=PROJECT,
        env=plain_environment(CALLBOARD_HOME=str(home), COLUMNS="200"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
