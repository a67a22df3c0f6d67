"""Collects the rooms' endpoints."""

from django.urls import URLPattern, URLResolver

from marketplace.sessions.api import urlpatterns as sessions
from marketplace.timekeeping.api import urlpatterns as timekeeping

urlpatterns: list[URLPattern | URLResolver] = [*sessions, *timekeeping]
