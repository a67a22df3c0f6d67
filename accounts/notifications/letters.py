"""Mails that are rows themselves, to an address that need not be an account's: an invitation, a way back, a last word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.notifications.operations import hand_over
from kit.jobs import next_try


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str


# A row with a letter has `mail_due_at`, None once it went out, and `mail_tries`.
R = TypeVar("R", bound=Model)


def send_due(
    rows: QuerySet[R], *, write: Callable[[R], Letter], at: datetime, at_most: int = 100, **once_out: Any
) -> int:
    """Send what is due of `rows`; returns how many went out. One that fails waits, is tried again, and stops no other.

    `once_out` is what else is written on a row whose letter is out.
    """
    sent = 0
    for _ in range(at_most):
        row = _claim(rows, at=at)
        if row is None:
            break
        letter: Letter = write(row)
        if hand_over(letter.subject, letter.text, to=letter.to, about=str(row), tries=row.mail_tries):
            sent += rows.model._default_manager.filter(pk=row.pk).update(mail_due_at=None, **once_out)
    return sent


@transaction.atomic
def _claim(rows: QuerySet[Any], *, at: datetime) -> Any:
    due = rows.filter(mail_due_at__lte=at).order_by("mail_due_at", "pk")
    row = due.select_for_update(skip_locked=True, of=("self",)).first()
    if row is not None:
        # Pushed on before the mail goes out: a crash delays a mail, it does not lock it away.
        row.mail_tries += 1
        row.mail_due_at = next_try(at=at, tries=row.mail_tries)
        row.save(update_fields=["mail_tries", "mail_due_at"])
    return row
