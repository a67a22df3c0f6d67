"""Collects the rooms' pages, and the door where LiveKit's webhooks arrive."""

from marketplace.sessions.webhooks import urlpatterns as livekit

urlpatterns = [*livekit]
