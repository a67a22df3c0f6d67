"""Collects the rooms' tasks for Celery."""

from marketplace.casting.tasks import expire
from marketplace.craft.tasks import sweep as craft_sweep
from marketplace.deliveries.tasks import sweep as deliveries_sweep
from marketplace.desk.tasks import reckon_pace
from marketplace.endings.tasks import release_unpaid
from marketplace.engagements.tasks import papers
from marketplace.gigs.tasks import send_searches
from marketplace.media.tasks import sweep as media_sweep
from marketplace.rights.tasks import sweep as rights_sweep
from marketplace.sessions.tasks import calendar as sessions_calendar
from marketplace.sessions.tasks import poll
from marketplace.slots.tasks import calendar as slots_calendar
from marketplace.timekeeping.tasks import calendar as timekeeping_calendar
from marketplace.timekeeping.tasks import sweep
from marketplace.video.tasks import forget
from marketplace.works.tasks import calendar as works_calendar
from marketplace.works.tasks import sweep as works_sweep

__all__ = [
    "craft_sweep",
    "deliveries_sweep",
    "expire",
    "forget",
    "media_sweep",
    "papers",
    "poll",
    "reckon_pace",
    "release_unpaid",
    "rights_sweep",
    "send_searches",
    "sessions_calendar",
    "slots_calendar",
    "sweep",
    "timekeeping_calendar",
    "works_calendar",
    "works_sweep",
]
