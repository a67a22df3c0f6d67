"""The demo's payday with its worker killed: paid exactly once all the same, by the sandbox's own books."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
GIVE_UP_S = 280


@pytest.mark.slow
def test_three_kills_of_the_worker_in_mid_payday_pay_everyone_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "DJANGO", "CALLBOARD"))
    } | {"CALLBOARD_HOME": str(home), "PAYOUT_LEASE_S": "25", "STRIPE_REQUESTS_PER_S": "5"}
    options = [
        "--once",
        "--json",
        "--performers",
        "24",
        "--sessions",
        "40",
        "--kill-worker",
        "3",
        "--port",
        "0",
    ]
    told = subprocess.run(
        [sys.executable, "manage.py", "demo", *options],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr[-4000:]
    report = json.loads(told.stdout)
    assert report["transfers"] == report["performers_paid"] == 22
    assert report["worker_restarts"] >= 3
    assert report["one_transfer_each"]
    assert report["sandbox_equals_items"]
    assert report["audit_ok"]
    audit = subprocess.run(
        [sys.executable, "manage.py", "audit"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert audit.returncode == 0, audit.stdout
