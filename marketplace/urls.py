"""Collects the rooms' pages, and the door where LiveKit's webhooks arrive."""

from marketplace.sessions.pages import urlpatterns as sessions
from marketplace.sessions.room_pages import urlpatterns as room
from marketplace.sessions.webhooks import urlpatterns as livekit
from marketplace.timekeeping.pages import urlpatterns as timekeeping

urlpatterns = [*sessions, *room, *timekeeping, *livekit]
