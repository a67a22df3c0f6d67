"""What a person is told goes out by mail once, in as few mails as make sense."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail

from accounts.identity.models import User
from accounts.notifications import operations
from accounts.notifications.models import Notification

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def someone(name: str) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, password="!")


def tell(user: User, number: int, *, kind: str = "finance", path: str = "/pay/held/") -> None:
    operations.notify(
        user_id=user.pk,
        key=f"{kind}:{number}",
        kind=kind,
        title=f"News {number}",
        body=f"It is {number}.",
        at=NOON,
        path=path,
    )


def test_one_piece_of_news_is_a_mail_of_its_own() -> None:
    tell(someone("fran"), 1)
    assert operations.send_due_mail(at=NOON) == 1
    [sent] = mail.outbox
    assert (sent.subject, sent.to) == ("News 1", ["fran@example.com"])
    assert sent.body.startswith("It is 1.\n")
    assert sent.body.rstrip().endswith("/pay/held/")


def test_many_of_one_kind_are_one_mail_to_each_person() -> None:
    fran, ana = someone("fran"), someone("ana")
    for number in range(60):
        tell(fran, number)
        tell(ana, number)
    tell(fran, 1, kind="bank_changed", path="/pay/")
    assert operations.send_due_mail(at=NOON) == 5
    subjects = sorted(message.subject for message in mail.outbox if message.to == ["fran@example.com"])
    assert subjects == ["News 0, and 49 more", "News 1", "News 50, and 9 more"]
    first = next(message.body for message in mail.outbox if message.subject == "News 0, and 49 more")
    assert all(f"News {number}\n" in first for number in range(50))
    assert first.count("/pay/held/") == 1
    assert operations.send_due_mail(at=NOON + timedelta(days=9)) == 0


def test_each_link_stands_under_what_it_is_about() -> None:
    fran = someone("fran")
    tell(fran, 1, path="/one/")
    tell(fran, 2, path="/two/")
    operations.send_due_mail(at=NOON)
    places = [mail.outbox[0].body.index(text) for text in ("It is 1.", "/one/", "It is 2.", "/two/")]
    assert places == sorted(places)


def test_news_that_makes_no_mail_stops_no_other() -> None:
    """Django refuses a line break in a subject; names that were taken before could have one."""
    fran = someone("fran")
    operations.notify(user_id=fran.pk, key="1", kind="engagement", title="Eve\nBcc: x", body="So.", at=NOON)
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
    assert mail.outbox[0].subject == "News 1, and 1 more"
    assert not Notification.objects.filter(mailed_at=None).exists()
