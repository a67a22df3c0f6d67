"""Collects the rooms' tasks for Celery."""

from marketplace.casting.tasks import expire
from marketplace.sessions.tasks import calendar as sessions_calendar
from marketplace.sessions.tasks import poll
from marketplace.timekeeping.tasks import calendar as timekeeping_calendar
from marketplace.timekeeping.tasks import sweep

__all__ = ["expire", "poll", "sessions_calendar", "sweep", "timekeeping_calendar"]
