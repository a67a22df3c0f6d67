"""What a person is told goes out by mail once, in as few mails as make sense."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail

from accounts.identity.models import User
from accounts.notifications import operations
from accounts.notifications.kinds import Kind
from accounts.notifications.models import Notification
from kit.money import Money

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def someone(name: str) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, password="!")


def tell(user: User, number: int) -> None:
    operations.notify(
        kind=Kind.PAY_HELD_TO_FINANCE,
        user_id=user.pk,
        key=str(number),
        about={"amount": Money(number, "usd"), "means": f"It is {number}.", "fix": "Look."},
        at=NOON,
    )


def tell_of_session(user: User, name: str) -> None:
    operations.notify(
        kind=Kind.CALLED_OFF,
        user_id=user.pk,
        key=name,
        about={"gig": "A lift", "call_at": NOON, "reason": f"Because of {name}."},
        where={"session_id": name},
        at=NOON,
    )


def test_one_piece_of_news_is_a_mail_of_its_own() -> None:
    tell(someone("fran"), 1)
    assert operations.send_due_mail(at=NOON) == 1
    [sent] = mail.outbox
    assert (sent.subject, sent.to) == ("0.01 USD is held", ["fran@example.com"])
    assert sent.body.startswith("It is 1. Look.\n")
    assert sent.body.rstrip().endswith("/pay/held/")


def test_many_of_one_kind_are_one_mail_to_each_person() -> None:
    fran, ana = someone("fran"), someone("ana")
    for number in range(60):
        tell(fran, number)
        tell(ana, number)
    tell_of_session(fran, "one")
    assert operations.send_due_mail(at=NOON) == 5
    subjects = sorted(message.subject for message in mail.outbox if message.to == ["fran@example.com"])
    assert subjects == [
        "0.00 USD is held, and 49 more",
        "0.50 USD is held, and 9 more",
        "A session was called off",
    ]
    first = next(message.body for message in mail.outbox if message.subject.startswith("0.00 USD"))
    assert all(f"0.{number:02d} USD is held\n" in first for number in range(50))
    assert first.count("/pay/held/") == 1
    assert operations.send_due_mail(at=NOON + timedelta(days=9)) == 0


def test_each_link_stands_under_what_it_is_about() -> None:
    fran = someone("fran")
    tell_of_session(fran, "one")
    tell_of_session(fran, "two")
    operations.send_due_mail(at=NOON)
    places = [mail.outbox[0].body.index(text) for text in ("of one.", "/one/", "of two.", "/two/")]
    assert places == sorted(places)


def test_news_that_makes_no_mail_stops_no_other() -> None:
    """Django refuses a line break in a subject; names that were taken before could have one."""
    fran = someone("fran")
    operations.notify(
        kind=Kind.TO_SIGN,
        user_id=fran.pk,
        key="1",
        about={"performer": "Eve\nBcc: x", "gig": "A lift"},
        where={"engagement_id": "one"},
        at=NOON,
    )
    tell(someone("ana"), 1)
    tell(someone("eve"), 1)
    assert operations.send_due_mail(at=NOON) == 2
    assert [message.to for message in mail.outbox] == [["ana@example.com"], ["eve@example.com"]]
    assert Notification.objects.get(mailed_at=None).user == fran


def test_a_mail_that_fails_goes_out_later_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> None:
        raise SMTPException

    fran = someone("fran")
    tell(fran, 1)
    tell(fran, 2)
    with monkeypatch.context() as patched:
        patched.setattr(operations, "send_mail", down)
        assert operations.send_due_mail(at=NOON) == 0
    assert operations.send_due_mail(at=NOON) == 0
    assert operations.send_due_mail(at=NOON + timedelta(hours=1)) == 1
    assert mail.outbox[0].subject == "0.01 USD is held, and 1 more"
    assert not Notification.objects.filter(mailed_at=None).exists()
