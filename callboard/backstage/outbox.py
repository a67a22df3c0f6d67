"""Reads the mails that Django's file backend wrote."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

AT_MOST = 50
SEPARATOR = b"-" * 79


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    body: str
    sent_at: datetime | None


def newest(folder: str | Path) -> list[Mail]:
    """At most 50 mails, the newest first; a file may hold several."""
    written = [path for path in Path(folder).glob("*.log") if path.is_file()] if Path(folder).exists() else []
    mails: list[Mail] = []
    for path in sorted(written, key=lambda path: path.stat().st_mtime, reverse=True)[:AT_MOST]:
        mails += reversed(list(read(path)))
    return mails[:AT_MOST]


def read(path: Path) -> Iterator[Mail]:
    """The mails of one file, in the order in which they were written."""
    for raw in path.read_bytes().split(SEPARATOR):
        if not raw.strip():
            continue
        message = email.message_from_bytes(raw.strip() + b"\n", policy=email.policy.default)
        if isinstance(message, EmailMessage):
            yield _mail(message)


def _mail(message: EmailMessage) -> Mail:
    text = message.get_body(("plain", "html"))
    date = message["Date"]
    return Mail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        body=text.get_content().strip() if text is not None else "",
        sent_at=parsedate_to_datetime(str(date)) if date else None,
    )
