"""Bookings of a company that owes (money/RULES.md, rule 3): the next 48 hours are played, later ones released in time."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from accounts.access.actors import Actor
from marketplace.sessions import calling_off
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Cancelled, Session
from marketplace.sessions.states import BEFORE

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("debts")
PLAYED_WITHIN = timedelta(hours=48)
REASON = "The company owes money for work that is done, so what is booked later is released."


def release_unpaid(*, at: datetime, at_most: int = 100) -> int:
    """Release, by the cancellation's tier, what was booked later than 48 hours from when its company began to owe and is
    now 48 hours ahead; returns how many sessions."""
    due = Session.objects.filter(
        state__in=BEFORE,
        company__owes_since__isnull=False,
        call_at__gt=F("company__owes_since") + PLAYED_WITHIN,
        call_at__lte=at + PLAYED_WITHIN,
    ).exclude(call_at__lte=at)
    return sum(_release(session.pk, at=at) for session in due.order_by("call_at", "pk")[:at_most])


@transaction.atomic
def _release(session_pk: int, *, at: datetime) -> bool:
    session = sessions.locked(session_pk)
    session.company.refresh_from_db(fields=["owes_since"])
    # It paid, or the session moved, while this one waited for the lock.
    if session.company.owes_since is None or session.state not in BEFORE or session.call_at <= at:
        return False
    calling_off.call_off(session, Cancelled.COMPANY, REASON, by=SYSTEM, at=at)
    return True
