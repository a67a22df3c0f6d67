"""Waiting for the workers, who are rung for as beat would ring."""

import time
from collections.abc import Callable

from callboard.celery import app as celery

WAIT_S, RING_EVERY_S, LOOK_EVERY_S = 120.0, 1.0, 0.2


class StoodStill(RuntimeError):
    """Something that the workers should have done did not happen in time."""


def ring(*tasks: str) -> None:
    for name in tasks:
        celery.send_task(name, expires=10)


def until(what: str, done: Callable[[], bool], *tasks: str) -> None:
    """Ring for the workers until it is done. Raises StoodStill when it takes too long."""
    deadline, rung_s = time.monotonic() + WAIT_S, 0.0
    while not done():
        now_s = time.monotonic()
        if now_s > deadline:
            raise StoodStill(f"After {WAIT_S:.0f} s it is still not so that {what}. See the logs.")
        if now_s - rung_s > RING_EVERY_S:
            rung_s = now_s
            ring(*tasks)
        time.sleep(LOOK_EVERY_S)
