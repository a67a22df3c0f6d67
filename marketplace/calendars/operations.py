"""The address of one's calendar feed: made and shown once, kept as a hash, renewed and taken back."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.identity.models import User
from kit.errors import NotFound
from marketplace.calendars.models import CalendarFeed

NEEDS_A_PERSON = "A calendar is a person's."
SEEN_EVERY = timedelta(minutes=15)


@transaction.atomic
def renew(*, by: Actor, at: datetime) -> tuple[CalendarFeed, str]:
    """A new address, which is in the answer and nowhere else; the one before it opens nothing from now on.

    Raises Forbidden (403) for a key or nobody.
    """
    person_id = by.require_person(NEEDS_A_PERSON)
    # Locked, so that of two presses at once the later one's address is the one that opens.
    User.objects.select_for_update(no_key=True).get(pk=person_id)
    CalendarFeed.objects.filter(user_id=person_id, ended_at=None).update(ended_at=at)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user_id=person_id, secret_hash=_hash(secret), created_at=at)
    audit.record(verb="calendar_feed.renewed", thing=feed, by=by, at=at)
    return feed, f"{settings.PUBLIC_URL}{reverse('calendar_feed', args=[secret])}"


@transaction.atomic
def take_back(*, by: Actor, at: datetime) -> None:
    """The address opens nothing from now on. Raises Forbidden (403) for a key, NotFound (404) where there is none."""
    feed = live_of(by)
    if feed is None:
        raise NotFound
    CalendarFeed.objects.filter(pk=feed.pk).update(ended_at=at)
    audit.record(verb="calendar_feed.ended", thing=feed, by=by, at=at)


def live_of(by: Actor) -> CalendarFeed | None:
    """The feed whose address opens now. Raises Forbidden (403) for a key."""
    person_id = by.require_person(NEEDS_A_PERSON)
    return CalendarFeed.objects.filter(user_id=person_id, ended_at=None).first()


def find(*, secret: str, at: datetime) -> User:
    """Whose calls that address shows; that it was read is noted, at most once in SEEN_EVERY. Raises NotFound (404)."""
    live = CalendarFeed.objects.filter(secret_hash=_hash(secret), ended_at=None, user__is_active=True)
    feed = live.select_related("user").first()
    if feed is None:
        raise NotFound
    if feed.read_at is None or at - feed.read_at > SEEN_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
    return feed.user


def _hash(secret: str) -> bytes:
    # 256 random bits: a plain hash is as good as a slow one.
    return hashlib.sha256(secret.encode()).digest()
