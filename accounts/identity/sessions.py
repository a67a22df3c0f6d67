"""Ending sessions: those of a browser and those of an app are the same rows."""

from importlib import import_module

from allauth.core import context
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.identity.models import User


def living(user: User) -> list[UserSession]:
    """Those in which somebody is logged in as this person, the oldest first; what is left of others goes. Two queries read
    it, where allauth's own list takes three for each. What a new password closed is ended by it, or at the next log-in."""
    rows = list(UserSession.objects.filter(user=user).order_by("created_at", "pk"))
    open_ones = Session.objects.filter(expire_date__gt=timezone.now())
    kept = set(open_ones.filter(pk__in=[row.session_key for row in rows]).values_list("pk", flat=True))
    alive = [row for row in rows if row.session_key in kept]
    if over := [row.pk for row in rows if row not in alive]:
        UserSession.objects.filter(pk__in=over).delete()
    return alive


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
