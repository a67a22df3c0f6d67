import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity import addresses
from accounts.identity.models import StaffRole, User
from accounts.identity.queries import SECOND_FACTORS
from accounts.notifications.account_kinds import TO_EVERY_ADDRESS
from accounts.notifications.models import Notification
from accounts.notifications.news import About, CalendarMail, News
from kit.errors import NotFound
from kit.jobs import next_try
from kit.rows import insert_once

log = structlog.get_logger(__name__)
IN_ONE_MAIL, MAILS_AT_ONCE = 50, 20
LONGEST_SWEEP_S = 15.0
# How long claimed mails are left to the one who claimed them: longer than a patient mail server takes for them.
CLAIMED_FOR = timedelta(minutes=2)
PLACE = "#"


class Word(NamedTuple):
    """What one person is told, under a key of their own; `where` as `notify` takes it."""

    user_id: int
    key: str
    about: About
    where: Mapping[str, str]
    calendar: CalendarMail | None = None


def notify(
    *,
    kind: News,
    user_id: int,
    key: str,
    about: About,
    at: datetime,
    where: Mapping[str, str] | None = None,
    calendar: CalendarMail | None = None,
) -> bool:
    """Tell a person something, in the app at once and by mail soon. Returns False when it was told before under `key`.

    `where` names the page that the kind's route leads to, and under PLACE the place on it; `calendar` goes out
    with the mail. Runs in the caller's transaction: nobody is told of what was rolled back.
    """
    (news,) = _news([Word(user_id, key, about, where or {}, calendar)], kind=kind, at=at)
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
        calendar=word.calendar.text if word.calendar else "",
        calendar_method=word.calendar.method if word.calendar else "",
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


def send_due_mail(*, at: datetime, for_s: float = LONGEST_SWEEP_S) -> int:
    """Send the mails that are due, for a while from `at` on and over one connection; returns how many went out. A mail that
    fails waits, is tried again, and stops no other.

    Several news of one kind make one mail: a payday that holds three hundred items fills nobody's mailbox.
    """
    sent, began = 0, time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    with closing(get_connection()) as line:
        while now() < at + timedelta(seconds=for_s) and (mails := _claim(at=now())):
            claimed_until = now() + CLAIMED_FOR
            for rows in mails:
                # Whoever stood still for so long leaves the rest to whoever claims it next.
                if now() < claimed_until:
                    sent += _send(rows, line=line, at=now())
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
def _claim(*, at: datetime) -> list[list[Notification]]:
    """What is due longest, as mails: each to one person and of one kind."""
    due = Notification.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    due = due.filter(mailed_at=None, mail_due_at__lte=at)
    first = list(due.order_by("mail_due_at", "id")[:MAILS_AT_ONCE])
    mails: dict[tuple[int, str, str, int], list[Notification]] = {_of_one_mail(row): [] for row in first}
    theirs = due.filter(user_id__in={row.user_id for row in first}).order_by("id")
    rows = {row.pk: row for row in [*first, *theirs[: MAILS_AT_ONCE * IN_ONE_MAIL]]}
    for _, row in sorted(rows.items()):
        mail = mails.get(_of_one_mail(row), [])
        if len(mail) < IN_ONE_MAIL:
            mail.append(row)
    claimed = [row for mail in mails.values() for row in mail]
    # Pushed on before the mails go out: a crash delays a mail, it does not lock it away.
    Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(
        mail_tries=F("mail_tries") + 1, mail_due_at=at + CLAIMED_FOR
    )
    return [mail for mail in mails.values() if mail]


def _of_one_mail(row: Notification) -> tuple[int, str, str, int]:
    # A calendar takes one object from a mail.
    return row.user_id, row.kind, row.mail_to, row.pk if row.calendar else 0


def _send(rows: Sequence[Notification], *, line: BaseEmailBackend, at: datetime) -> int:
    first, more = rows[0], len(rows) - 1
    # Titles from before a rule on them may break a line.
    title = " ".join(first.title.split())
    subject = f"{title}, and {more} more" if more else title
    to, tries = first.mail_to or first.user.email, first.mail_tries + 1
    claimed = Notification.objects.filter(pk__in=[row.pk for row in rows])
    calendar = CalendarMail(method=first.calendar_method, text=first.calendar) if first.calendar else None
    if hand_over(
        subject, _text(rows), to=to, about=first.public_id, tries=tries, line=line, calendar=calendar
    ):
        claimed.update(mailed_at=at, mail_due_at=None)
        return 1
    claimed.update(mail_due_at=next_try(at=at, tries=tries))
    return 0


def hand_over(
    subject: str,
    text: str,
    *,
    to: str,
    about: str,
    tries: int,
    line: BaseEmailBackend | None = None,
    calendar: CalendarMail | None = None,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Give one mail to the mail server, over an open line where there is one. False, and a line in the log, where that fails,
    whatever is wrong with it: the others still go out, over a line made anew."""
    try:
        if line is not None:
            line.open()
        _mail(subject, text, to=to, calendar=calendar, line=line, headers=headers).send()
    except Exception as error:
        log.warning("mail_failed", about=about, tries=tries, error=type(error).__name__)
        if line is not None:
            with suppress(Exception):
                line.close()
        return False
    return True


def _mail(
    subject: str,
    text: str,
    *,
    to: str,
    calendar: CalendarMail | None,
    line: BaseEmailBackend | None,
    headers: Mapping[str, str] | None,
) -> EmailMultiAlternatives:
    """The calendar's part twice, as calendars look for it: as another form of the text, and as a file."""
    sender, told = settings.DEFAULT_FROM_EMAIL, dict(headers or {})
    mail = EmailMultiAlternatives(subject, text, sender, [to], connection=line, headers=told)
    if calendar is not None:
        mail.attach_alternative(calendar.text, f"text/calendar; method={calendar.method}")
        mail.attach("call.ics", calendar.text.encode(), "application/ics")
    return mail


def _text(rows: Sequence[Notification]) -> str:
    """Each with its title where there are several, and with its link unless the next leads to the same page."""
    parts = []
    for path, news in groupby(rows, key=attrgetter("path")):
        parts += [f"{row.title}\n{row.body}\n" if len(rows) > 1 else f"{row.body}\n" for row in news]
        parts += [f"{settings.PUBLIC_URL}{path}\n"] if path else []
    return "\n".join(parts)
