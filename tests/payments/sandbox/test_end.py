"""The sandbox's process ends when it is told to, however often it is told."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("times", [1, 5])
def test_ends_at_once_by_signals_that_come_together(tmp_path: Path, times: int) -> None:
    command = [sys.executable, "-m", "payments.sandbox", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("Stripe sandbox ready at ")
        for _ in range(times):
            running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=15) == 0
