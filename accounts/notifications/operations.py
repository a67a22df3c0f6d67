from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity import addresses
from accounts.identity.models import StaffRole, User
from accounts.identity.queries import SECOND_FACTORS
from accounts.notifications.account_kinds import TO_EVERY_ADDRESS
from accounts.notifications.models import Notification
from accounts.notifications.news import About, News
from kit.errors import NotFound
from kit.jobs import next_try
from kit.rows import insert_once

log = structlog.get_logger(__name__)
IN_ONE_MAIL = 50
PLACE = "#"


class Word(NamedTuple):
    """What one person is told, under a key of their own; `where` as `notify` takes it."""

    user_id: int
    key: str
    about: About
    where: Mapping[str, str]


def notify(
    *, kind: News, user_id: int, key: str, about: About, at: datetime, where: Mapping[str, str] | None = None
) -> bool:
    """Tell a person something, in the app at once and by mail soon. Returns False when it was told before under `key`.

    `where` names the page that the kind's route leads to, and under PLACE the place on it. Runs in the caller's
    transaction: nobody is told of what was rolled back.
    """
    (news,) = _news([Word(user_id, key, about, where or {})], kind=kind, at=at)
    is_new = insert_once(news)
    if is_new and news.kind in TO_EVERY_ADDRESS:
        Notification.objects.bulk_create(_to_former_addresses(news, at=at), ignore_conflicts=True)
    return is_new


def notify_many(
    *,
    kind: News,
    user_ids: Iterable[int],
    key: str,
    about: About,
    at: datetime,
    where: Mapping[str, str] | None = None,
) -> None:
    """Tell several people the same, each once under `key`. In the caller's transaction, like `notify`."""
    words = (Word(user_id, key, about, where or {}) for user_id in sorted(set(user_ids)))
    notify_each(words, kind=kind, at=at)


def notify_each(words: Iterable[Word], *, kind: News, at: datetime) -> None:
    """Tell many people something of one kind, each their own, once under its key. In the caller's transaction, like
    `notify`; former addresses are not told."""
    Notification.objects.bulk_create(
        _news(list(words), kind=kind, at=at), ignore_conflicts=True, batch_size=1000
    )


def tell_staff(
    *, kind: News, key: str, about: About, at: datetime, where: Mapping[str, str] | None = None
) -> None:
    """Tell everyone in the house who has the role that the kind is for, and is not still without the second factor for it."""
    if not isinstance(kind.audience, Staff):
        raise TypeError(f"{kind} is not for the house's staff")
    able = Authenticator.objects.filter(type__in=SECOND_FACTORS).values("user_id")
    people = StaffRole.objects.filter(role=kind.audience, user__is_active=True, user_id__in=able)
    notify_many(
        kind=kind, user_ids=people.values_list("user_id", flat=True), key=key, about=about, at=at, where=where
    )


def _news(words: Sequence[Word], *, kind: News, at: datetime) -> list[Notification]:
    says_a_time = any(isinstance(value, datetime) for word in words for value in word.about.values())
    readers = User.objects.filter(pk__in=[word.user_id for word in words] if says_a_time else [])
    zones = dict(readers.values_list("pk", "time_zone"))
    return [_told(word, kind=kind, zone=zones.get(word.user_id), at=at) for word in words]


def _told(word: Word, *, kind: News, zone: str | None, at: datetime) -> Notification:
    title, body = kind.words(word.about, where=zone)
    return Notification(
        user_id=word.user_id,
        key=word.key,
        kind=kind.stored,
        title=title,
        body=body,
        path=_path(kind, word.where),
        created_at=at,
        mail_due_at=at,
    )


def _to_former_addresses(news: Notification, *, at: datetime) -> list[Notification]:
    """The same by mail to each address that the person had lately: each a row, so that one that fails stops no other."""
    fields = {name: getattr(news, name) for name in ("user_id", "kind", "title", "body", "created_at")}
    return [
        Notification(**fields, key=f"{news.key}:{row.public_id}", mail_to=row.email, mail_due_at=at)
        for row in addresses.lately_of([news.user_id], at=at)
    ]


def _path(kind: News, where: Mapping[str, str]) -> str:
    kwargs = {name: value for name, value in where.items() if name != PLACE}
    return reverse(kind.route, kwargs=kwargs) + (f"#{where[PLACE]}" if PLACE in where else "")


def send_due_mail(*, at: datetime, at_most: int = 100) -> int:
    """Send the mails that are due; returns how many went out. A mail that fails waits, is tried again, and stops no other.

    Several news of one kind make one mail: a payday that holds three hundred items fills nobody's mailbox.
    """
    sent = 0
    for _ in range(at_most):
        claimed = _claim(at=at)
        if not claimed:
            break
        sent += _send(claimed, at=at)
    return sent


def read_one(*, notification: Notification, by: Actor, at: datetime) -> Notification:
    """Mark one's own notification read; reading twice keeps the first time. Raises NotFound (404) for another's."""
    if notification.user_id != by.user_id:
        raise NotFound
    if Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=at):
        notification.read_at = at
    return notification


@transaction.atomic
def read_all(*, by: Actor, at: datetime) -> int:
    return Notification.objects.visible_to(by).filter(read_at=None).update(read_at=at)


@transaction.atomic
def _claim(*, at: datetime) -> list[Notification]:
    """What is due to one person and of one kind, the oldest first."""
    due = Notification.objects.select_for_update(skip_locked=True).filter(mailed_at=None, mail_due_at__lte=at)
    first = due.order_by("mail_due_at", "id").first()
    if first is None:
        return []
    rows = list(
        due.filter(user_id=first.user_id, kind=first.kind, mail_to=first.mail_to).order_by("id")[:IN_ONE_MAIL]
    )
    for row in rows:
        # Pushed on before the mail goes out: a crash delays a mail, it does not lock it away.
        row.mail_tries += 1
        row.mail_due_at = next_try(at=at, tries=row.mail_tries)
    Notification.objects.bulk_update(rows, ["mail_tries", "mail_due_at"])
    return rows


def _send(rows: Sequence[Notification], *, at: datetime) -> int:
    first, more = rows[0], len(rows) - 1
    # Titles from before a rule on them may break a line.
    title = " ".join(first.title.split())
    subject = f"{title}, and {more} more" if more else title
    to = first.mail_to or first.user.email
    if not hand_over(subject, _text(rows), to=to, about=first.public_id, tries=first.mail_tries):
        return 0
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=at, mail_due_at=None)
    return 1


def hand_over(subject: str, text: str, *, to: str, about: str, tries: int) -> bool:
    """Give one mail to the mail server. False, and a line in the log, where that fails, whatever is wrong with it: the
    others still go out."""
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    except Exception as error:
        log.warning("mail_failed", about=about, tries=tries, error=type(error).__name__)
        return False
    return True


def _text(rows: Sequence[Notification]) -> str:
    """Each with its title where there are several, and with its link unless the next leads to the same page."""
    parts = []
    for path, news in groupby(rows, key=attrgetter("path")):
        parts += [f"{row.title}\n{row.body}\n" if len(rows) > 1 else f"{row.body}\n" for row in news]
        parts += [f"{settings.PUBLIC_URL}{path}\n"] if path else []
    return "\n".join(parts)
