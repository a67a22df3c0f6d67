"""A short `make kill`: paydays of real processes that are killed, paid exactly once by the sandbox's own books."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DONE = {"kills": 4, "broker_restarts": 1, "flushes": 1, "postgres_stops": 1, "freezes": 1}
LEFT_OUT = ("droughts", "restores")
# Workers die after the call to Stripe, before it is recorded, and while it is.
SEED, DIED_AT = "18", ["record.posted", "send.called"]
GIVE_UP_S = 280


@pytest.mark.slow
def test_killed_workers_broker_and_database_pay_everyone_once(tmp_path: Path) -> None:
    amounts = DONE | dict.fromkeys(LEFT_OUT, 0)
    options = [
        word for name, times in amounts.items() for word in (f"--{name.replace('_', '-')}", str(times))
    ]
    home = ["--home", str(tmp_path / "home"), "--performers", "24", "--seed", SEED]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))
    }
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--json", *home, *options],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
        check=False,
    )
    assert told.stdout, told.stderr[-4000:]
    outcome = json.loads(told.stdout)
    assert [finding for finding in outcome["findings"] if not finding["ok"]] == []
    assert told.returncode == 0, told.stderr[-4000:]
    assert outcome["done"] == DONE
    assert outcome["died_at"] == DIED_AT
