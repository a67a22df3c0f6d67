"""The README's commands, copied and pasted in a folder that holds nothing but the tracked files."""

import contextlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.test_habits import printed
from tests.processes import PROJECT, plain_environment, staying_up

DEMO, RUN, SANDBOX = "make demo", "make run", 'make sandbox ARGS="--port 12111 --data .callboard/alone"'
WEEK = PROJECT / "tests/marketplace/presence/week"
# What stands for "…", or keeps a command short; what is not here is pasted as it is printed.
AS = {
    DEMO: 'make demo ARGS="--once --json --performers 16 --sessions 16"',
    RUN: 'make run ARGS="--port 0"',
    SANDBOX: 'make sandbox ARGS="--port 0 --data .callboard/alone"',
    'make fold_presence ARGS="--sessions … --deliveries … --out …"': (
        f'make fold_presence ARGS="--sessions {WEEK}/sessions.json --deliveries {WEEK}/deliveries.jsonl --out answer.csv"'
    ),
    'make house_clock ARGS="--to …"': 'make house_clock ARGS="--to now"',
    "make simulate SEEDS=3000": "make simulate SEEDS=3",
    "make model SEEDS=100000": "make model SEEDS=1000",
}
# They are runs of their own: by hand, in `.ci/run`, and in `make slow`.
ELSEWHERE = {"make test", "make lint", "make journeys", "make slow", "make kill", "make demo ARGS=--fresh"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh checkout, beside a .venv that `make install` has filled."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, tracked.stdout.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    return tmp_path


def paste(command: str, folder: Path, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=plain_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def up(command: str, folder: Path, *, until: str) -> contextlib.AbstractContextManager[str]:
    return staying_up(shlex.split(command), until=until, environment=plain_environment(), cwd=folder)


@pytest.mark.slow_run
def test_each_command_works_as_it_is_printed(folder: Path) -> None:
    commands = list(dict.fromkeys(printed("README.md")))
    empty = paste("make audit", folder)
    assert "The database has no tables yet: run `.venv/bin/python manage.py migrate` first." in empty.stderr
    assert paste("make migrate ARGS='--verbosity 0'", folder).returncode == 0
    demo = paste(AS[DEMO], folder)
    assert demo.returncode == 0, demo.stderr[-3000:]
    away = paste("make reconcile", folder)
    assert "Stripe does not answer at http://127.0.0.1:" in away.stderr
    assert len(away.stderr.splitlines()) == 2  # the sentence, and make's own
    transfer = _a_transfer(folder)
    with up(AS[RUN], folder, until="Ctrl-C stops everything."):
        for command in commands:
            if command in {DEMO, RUN, SANDBOX} | ELSEWHERE:
                continue
            pasted = AS.get(command, command).replace("tr_…", transfer)
            done = paste(pasted, folder, stdin="print(6 * 7)\n" if command == "make shell" else "")
            assert done.returncode == 0, f"{pasted}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    assert SANDBOX in commands
    with up(AS[SANDBOX], folder, until="Stripe sandbox ready at http://"):
        pass


def _a_transfer(folder: Path) -> str:
    ask = "from payments.payouts.models import Transfer; print(Transfer.objects.first().stripe_id)"
    return paste(f"make shell ARGS='-v 0 -c \"{ask}\"'", folder).stdout.strip()
