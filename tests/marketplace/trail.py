"""What an act leaves behind it: its rows in the trail, and whom it told, leading where."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent
from accounts.notifications.models import Notification


@dataclass(frozen=True)
class Left:
    """`trail`: what was done, by whom and when, in order. `told`: who was told, under which title, and the page it leads to."""

    trail: list[tuple[str, str, datetime]]
    told: list[tuple[str, str, str]]


def left_by(act: Callable[[], object]) -> Left:
    """Do it, and say what was not there before. `told` is in the order of names."""
    trail, news = AuditEvent.objects.all(), Notification.objects.all()
    before, known = (set(rows.values_list("pk", flat=True)) for rows in (trail, news))
    act()
    done = trail.exclude(pk__in=before).order_by("pk")
    told = news.exclude(pk__in=known).values_list("user__name", "title", "path")
    return Left(trail=list(done.values_list("verb", "actor", "at")), told=sorted(told))


def done(*verbs: str, by: Actor, at: datetime) -> list[tuple[str, str, datetime]]:
    """The rows that one actor's acts leave in the trail."""
    return [(verb, by.label, at) for verb in verbs]
