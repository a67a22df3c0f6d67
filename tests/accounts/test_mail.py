"""What a person is told goes out by mail once, in as few mails as make sense."""

from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import Message
from pathlib import Path
from smtplib import SMTPException
from string import Formatter
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from accounts.identity.models import User
from accounts.notifications import operations
from accounts.notifications.models import Notification
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import News
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.work_kinds import WorkKind
from kit.money import Money
from payments.inbox.models import Finding
from payments.payouts import watch
from payments.sandbox.sandbox import Sandbox
from tests import mailserver
from tests.mailserver import MailServer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def someone(name: str) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name, password="!")


def tell(user: User, number: int) -> None:
    operations.notify(
        kind=MoneyKind.PAY_HELD_TO_FINANCE,
        user_id=user.pk,
        key=str(number),
        about={"amount": Money(number, "usd"), "means": f"It is {number}.", "fix": "Look."},
        at=NOON,
    )


def tell_of_session(user: User, name: str) -> None:
    operations.notify(
        kind=SessionKind.CALLED_OFF,
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


class TestTheFolder:
    """Really written, by the backend that a laptop uses."""

    @pytest.fixture
    def folder(self, settings: Settings, tmp_path: Path) -> Path:
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = str(tmp_path)
        return tmp_path

    def test_holds_nothing_of_peoples_words_in_a_header(self, folder: Path) -> None:
        operations.notify(
            kind=WorkKind.TO_SIGN,
            user_id=someone("fran").pk,
            key="1",
            about={"performer": "Eve\nBcc: all@example.com", "gig": "A lift\r\nX-Gig: yes"},
            where={"engagement_id": "one"},
            at=NOON,
        )
        Notification.objects.update(title="Eve\nBcc: all@example.com has signed")  # as rows of before may be
        assert operations.send_due_mail(at=NOON) == 1
        [sent] = self.sent(folder)
        assert (sent["To"], sent["Bcc"], sent["X-Gig"]) == ("fran@example.com", None, None)
        assert sent["Subject"] == "Eve Bcc: all@example.com has signed"

    # Django's file backend leaves its file to the collector when a message cannot be written.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_gets_every_mail_but_the_one_that_cannot_be_sent(self, folder: Path, sandbox: Sandbox) -> None:
        poisoned = someone("fran")
        User.objects.filter(pk=poisoned.pk).update(email="fran\n@example.com")  # no form takes it
        tell(poisoned, 1)
        tell(someone("ana"), 1)
        tell(someone("eve"), 1)
        assert operations.send_due_mail(at=NOON) == 2
        assert {str(each["To"]) for each in self.sent(folder)} == {"ana@example.com", "eve@example.com"}
        waiting = Notification.objects.get(mailed_at=None)
        assert (waiting.user, waiting.mail_tries) == (poisoned, 1)
        assert operations.send_due_mail(at=NOON + timedelta(seconds=1)) == 0
        assert Notification.objects.get(mailed_at=None).mail_tries == 1  # not asked again at once

        for hour in range(1, 6):
            operations.send_due_mail(at=NOON + timedelta(hours=hour))
        for _ in range(2):
            watch.watch(at=NOON + timedelta(hours=6))
        finding = Finding.objects.get(code="mail_not_sent")
        assert waiting.public_id in finding.detail
        User.objects.filter(pk=poisoned.pk).update(email="fran@example.com")
        assert operations.send_due_mail(at=NOON + timedelta(hours=7)) == 1

    def sent(self, folder: Path) -> list[Message]:
        texts = [path.read_text() for path in sorted(folder.glob("*.log"))]
        parts = [part for text in texts for part in text.split("-" * 79) if part.strip()]
        return [message_from_string(part.lstrip()) for part in parts]


class TestAMailServer:
    """Spoken to as in production."""

    def reached(self, settings: Settings, server: MailServer) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port

    def test_gets_many_mails_over_one_connection(self, settings: Settings) -> None:
        for number in range(45):
            tell(someone(f"person{number}"), 1)
        with mailserver.running() as server:
            self.reached(settings, server)
            assert operations.send_due_mail(at=NOON) == 45
        assert (server.mails, server.connections) == (45, 1)
        assert not Notification.objects.filter(mailed_at=None).exists()

    def test_that_hangs_up_is_called_again_and_gets_the_one_that_was_lost_later(
        self, settings: Settings
    ) -> None:
        for number in range(7):
            tell(someone(f"person{number}"), 1)
        with mailserver.running(hangs_up_after=3) as server:
            self.reached(settings, server)
            sent = operations.send_due_mail(at=NOON)
            assert sent + operations.send_due_mail(at=NOON + timedelta(minutes=1)) == 7
        assert (sent < 7, server.mails) == (True, 7)

    def test_that_is_too_slow_keeps_nobody_for_long(self, settings: Settings) -> None:
        tell(someone("fran"), 1)
        with mailserver.running() as server:
            self.reached(settings, server)
            assert operations.send_due_mail(at=NOON, for_s=0.0) == 0
            assert operations.send_due_mail(at=NOON) == 1


def test_a_mail_whose_sender_died_goes_out_after_its_claim() -> None:
    tell(someone("fran"), 1)
    assert len(operations._claim(at=NOON)) == 1
    assert operations.send_due_mail(at=NOON + timedelta(seconds=30)) == 0
    assert operations.send_due_mail(at=NOON + operations.CLAIMED_FOR) == 1


@pytest.mark.parametrize("kind", [kind for some in News.__subclasses__() for kind in some])
def test_no_subject_has_a_place_for_what_people_wrote(kind: News) -> None:
    assert {place for _, place, _, _ in Formatter().parse(kind.title) if place} <= {"amount"}


def test_a_mail_that_fails_goes_out_later_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> None:
        raise SMTPException

    fran = someone("fran")
    tell(fran, 1)
    tell(fran, 2)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", down)
        assert operations.send_due_mail(at=NOON) == 0
    assert operations.send_due_mail(at=NOON) == 0
    assert operations.send_due_mail(at=NOON + timedelta(hours=1)) == 1
    assert mail.outbox[0].subject == "0.01 USD is held, and 1 more"
    assert not Notification.objects.filter(mailed_at=None).exists()
