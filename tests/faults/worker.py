"""The ordinary worker, in which traps at crash points spring: `celery -A tests.faults.worker worker`."""

from callboard.celery import app
from kit import crash
from tests.faults import traps

__all__ = ["app"]

crash.on_reach(traps.reach)
