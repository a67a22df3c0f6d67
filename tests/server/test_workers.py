"""A worker of the web that is killed takes nobody with it, and another takes its place."""

import os
import signal
import time

import pytest
import requests

from tests.server import web


@pytest.mark.slow
def test_the_other_worker_answers_and_a_new_one_starts() -> None:
    with web.running(WEB_WORKERS="2") as house:
        killed, left = house.workers()
        os.kill(killed, signal.SIGKILL)
        # A connection may have waited at the dead one; from then on all are answered.
        time.sleep(0.2)
        for _ in range(50):
            assert requests.get(f"{house.url}/healthz", timeout=5).status_code == 200
        deadline = time.monotonic() + 20
        while len(house.workers()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert left in house.workers()
        assert killed not in house.workers()
