"""Ending sessions: those of a browser and those of an app are the same rows."""

from importlib import import_module

from allauth.core import context
from allauth.usersessions.models import UserSession
from django.conf import settings

from accounts.identity.models import User


def end_all(user: User) -> None:
    """Everyone who is logged in as this person is so no more."""
    _end(user, but="")


def end_others(user: User) -> None:
    """All of them but the one in which this is asked for."""
    request = context.request
    _end(user, but=(request.session.session_key or "") if request is not None else "")


def _end(user: User, *, but: str) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for row in UserSession.objects.filter(user=user).exclude(session_key=but):
        store.delete(row.session_key)
        row.delete()
