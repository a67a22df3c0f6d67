"""Beat's timetable, done in one process: for a house whose clock is moved, where beat itself would see real time only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from callboard.celery import app
from payments.gateway.errors import StripeUnavailable

log = structlog.get_logger(__name__)


class Clockwork:
    """The ticks of a `beat_schedule` since an instant. What was missed is not made up for: one tick, as beat does."""

    def __init__(self, schedule: Mapping[str, Mapping[str, Any]], *, since: datetime) -> None:
        app.loader.import_default_modules()
        self._every = {entry["task"]: timedelta(seconds=entry["schedule"]) for entry in schedule.values()}
        self._last = dict.fromkeys(self._every, since)

    def due(self, *, at: datetime) -> list[str]:
        """The tasks whose interval is over at `at`, in the timetable's order."""
        return [name for name, every in self._every.items() if at - self._last[name] >= every]

    def tick(self, *, at: datetime) -> list[str]:
        """Run what is due, here and now. A task to which Stripe does not answer is left, as beat would, until its interval is
        over again; raises whatever else a task raises."""
        names = self.due(at=at)
        for name in names:
            self._last[name] = at
            try:
                app.tasks[name]()
            except StripeUnavailable as error:
                log.warning("stripe_unavailable", task=name, error=type(error).__name__)
        return names


def steps(*, since: datetime, to: datetime, step: timedelta) -> Iterable[datetime]:
    """The instants after `since` by `step`; the last is `to` itself."""
    at = since
    while at < to:
        at = min(at + step, to)
        yield at
