"""What an end costs the company before it is pressed: every seat that would be called off with it, by the notice of now."""

from datetime import datetime

from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions.calling_off import Price, price_of
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.states import BEFORE


def of_gig(gig: Gig, *, at: datetime) -> Price:
    """Of calling the gig off."""
    ahead = Session.objects.filter(gig=gig, state__in=BEFORE, call_at__gt=at).prefetch_related("seats")
    return price_of(list(ahead), currency=gig.currency, at=at)


def of_engagement(engagement: Engagement, *, at: datetime) -> Price:
    """Of the company's ending the engagement: its performer's seats alone. A performer who leaves is owed nothing."""
    theirs = Seat.objects.filter(engagement=engagement, released_at=None, session__state__in=BEFORE)
    seats = theirs.filter(session__call_at__gt=at).values("session_id")
    ahead = Session.objects.filter(pk__in=seats).prefetch_related("seats")
    return price_of(list(ahead), only=engagement, currency=engagement.gig.currency, at=at)
