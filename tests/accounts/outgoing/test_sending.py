"""What a company is told reaches its systems: signed, once under an id, tried again, given up, stopped, resumed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from pytest_django import Settings
from standardwebhooks import Webhook as Reader
from standardwebhooks import WebhookVerificationError

from accounts.access.actors import Actor
from accounts.companies import events
from accounts.companies.models import Company, CompanyEvent
from accounts.companies.notices import tell_company
from accounts.notifications.models import Notification
from accounts.notifications.work_kinds import WorkKind
from accounts.outgoing import operations, sending, signing
from accounts.outgoing.models import Sending, Webhook
from accounts.outgoing.states import SendingState, WebhookState
from kit.transitions import IllegalMove
from tests import stories
from tests.receiver import Receiver, listening

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
KIND = WorkKind.AUDITION_SUBMITTED
TYPE = "applicant.audition_submitted"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as told:
        yield told


@pytest.fixture
def company() -> Company:
    return stories.a_company()


@pytest.fixture
def owner(company: Company) -> Actor:
    return stories.proved(stories.owner_of(company), at=AT)


def made(company: Company, owner: Actor, receiver: Receiver, *kinds: str) -> tuple[Webhook, str]:
    return operations.make(company=company, address=receiver.address, kinds=kinds, by=owner, at=AT)


def happens(company: Company, key: str = "one") -> None:
    where = {"gig_id": "gig_x", "#": "place"}
    tell_company(kind=KIND, company_id=company.pk, key=key, about={"gig": "A seat"}, where=where, at=AT)


def test_arrives_signed_with_ids_and_no_words(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    _, secret = made(company, owner, receiver)
    happens(company)
    sending.sweep(at=AT)
    ((headers, body),) = receiver.got
    told = Reader(secret).verify(body, headers)
    assert told["type"] == TYPE
    assert told["data"] == {"company_id": company.public_id, "gig_id": "gig_x"}
    assert datetime.fromisoformat(told["timestamp"]) == AT
    assert Sending.objects.get().state == SendingState.DELIVERED
    with pytest.raises(WebhookVerificationError):
        Reader(secret).verify(body.replace(b"gig_x", b"gig_y"), headers)


def test_is_told_once_and_only_of_what_was_chosen(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    made(company, owner, receiver, TYPE)
    for _ in range(2):
        happens(company)
    events.write_test(company=company, at=AT)
    for _ in range(2):
        sending.sweep(at=AT)
    assert [json.loads(body)["type"] for _, body in receiver.got] == [TYPE]


def test_another_companys_events_stay_there(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    made(company, owner, receiver)
    happens(stories.a_company())
    sending.sweep(at=AT)
    assert receiver.got == []


def test_what_fails_is_tried_later_under_the_same_id(
    company: Company, owner: Actor, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    made(company, owner, receiver)
    receiver.answers = [500, 302]
    happens(company)
    sending.sweep(at=AT)
    sending.sweep(at=AT)
    assert len(receiver.got) == 1
    row = Sending.objects.get()
    assert (row.state, row.tries, row.answer) == (SendingState.WAITING, 1, 500)
    clock.move_to(AT + timedelta(seconds=10))
    sending.sweep(at=AT)
    assert "redirects are not followed" in Sending.objects.get().failure
    clock.move_to(AT + timedelta(minutes=10))
    sending.sweep(at=AT)
    assert Sending.objects.get().state == SendingState.DELIVERED
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert Webhook.objects.get().failing_since is None


def test_gives_up_in_the_end_tells_the_owner_and_sends_again_when_asked(
    company: Company, owner: Actor, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    webhook, _ = made(company, owner, receiver)
    receiver.answers = [503] * 20
    happens(company)
    for days in (0, *(n / 4 for n in range(1, 40))):
        clock.move_to(AT + timedelta(days=days))
        sending.sweep(at=AT)
    webhook.refresh_from_db()
    assert Sending.objects.get().state == SendingState.GIVEN_UP
    assert len(receiver.got) == len(sending.WAITS) + 1
    told = Notification.objects.filter(kind="webhook").values_list("title", flat=True)
    assert list(told) == ["Your systems are not reached"]
    receiver.answers = []
    at = AT + timedelta(days=11)
    assert operations.send_all_again(webhook=webhook, since=AT, by=owner, at=at) == 1
    clock.move_to(at)
    sending.sweep(at=at)
    assert Sending.objects.get().state == SendingState.DELIVERED


def test_stops_where_nothing_gets_through_and_resumes_with_what_waited(
    company: Company, owner: Actor, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    webhook, _ = made(company, owner, receiver)
    receiver.answers = [410]
    happens(company)
    sending.sweep(at=AT)
    webhook.refresh_from_db()
    assert webhook.state == WebhookState.STOPPED
    assert Notification.objects.filter(title="A webhook was stopped").count() == 1
    operations.resume(webhook=webhook, by=owner, at=AT)
    sending.sweep(at=AT)
    assert len(receiver.got) == 2
    assert Sending.objects.get(event__kind=TYPE).state == SendingState.DELIVERED


def test_a_paused_one_gathers_and_an_ended_one_gives_up(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    webhook, _ = made(company, owner, receiver)
    operations.pause(webhook=webhook, by=owner, at=AT)
    happens(company)
    sending.sweep(at=AT)
    assert (receiver.got, sending.waiting(webhook)) == ([], 1)
    operations.resume(webhook=webhook, by=owner, at=AT)
    sending.sweep(at=AT)
    assert len(receiver.got) == 1
    operations.pause(webhook=webhook, by=owner, at=AT)
    happens(company, "two")
    sending.sweep(at=AT)
    operations.end(webhook=webhook, by=owner, at=AT)
    assert Sending.objects.filter(state=SendingState.GIVEN_UP).count() == 1
    happens(company, "three")
    sending.sweep(at=AT)
    assert len(receiver.got) == 1
    with pytest.raises(IllegalMove):
        operations.resume(webhook=webhook, by=owner, at=AT)


def test_for_a_day_both_secrets_sign(
    company: Company, owner: Actor, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    webhook, former = made(company, owner, receiver)
    secret = operations.renew_secret(webhook=webhook, by=owner, at=AT)
    happens(company)
    sending.sweep(at=AT)
    headers, body = receiver.got[0]
    Reader(former).verify(body, headers)
    Reader(secret).verify(body, headers)
    clock.move_to(AT + operations.FORMER_FOR)
    happens(company, "two")
    sending.sweep(at=AT)
    headers, body = receiver.got[1]
    Reader(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Reader(former).verify(body, headers)


def test_is_forgotten_after_a_month_but_what_waits(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    made(company, owner, receiver)
    happens(company)
    sending.sweep(at=AT)
    happens(company, "two")
    sending.pass_on(at=AT)
    month = AT + sending.KEPT_FOR
    sending.forget(at=month)
    assert set(CompanyEvent.objects.values_list("key", flat=True)) == {"one", "two"}
    assert sending.forget(at=month + timedelta(seconds=1)) == 1
    assert CompanyEvent.objects.get().key == "two"


def test_many_of_one_do_not_hold_up_another(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    """A thousand that wait for one come before nobody else's; the two take turns."""
    webhook, _ = made(company, owner, receiver)
    for n in range(30):
        operations.send_test(webhook=webhook, by=owner, at=AT - timedelta(seconds=30 - n))
    other = stories.a_company("Quiet")
    with listening() as quiet:
        operations.make(
            company=other,
            address=quiet.address,
            kinds=[],
            by=stories.proved(stories.owner_of(other), at=AT),
            at=AT,
        )
        happens(other)
        sending.pass_on(at=AT)
        first = sending._claim(at=AT)
    assert {each.webhook.company_id for each in first} == {company.pk, other.pk}
    assert len(first) <= sending.AT_ONCE


def test_what_happens_while_it_is_stopped_is_not_lost(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    webhook, _ = made(company, owner, receiver)
    receiver.answers = [410]
    happens(company)
    sending.sweep(at=AT)
    happens(company, "meanwhile")
    sending.sweep(at=AT)
    assert len(receiver.got) == 1
    webhook.refresh_from_db()
    operations.resume(webhook=webhook, by=owner, at=AT)
    sending.sweep(at=AT)
    assert len(receiver.got) == 3


def test_a_secret_that_opens_with_no_key_stops_nobody_elses(
    company: Company, owner: Actor, receiver: Receiver, clock: object
) -> None:
    made(company, owner, receiver)
    Webhook.objects.update(secret="gAAAAAB")
    other = stories.a_company("Well")
    with listening() as well:
        by = stories.proved(stories.owner_of(other), at=AT)
        operations.make(company=other, address=well.address, kinds=[], by=by, at=AT)
        for one in (company, other):
            happens(one)
        sending.sweep(at=AT)
        assert len(well.got) == 1
    assert "make another secret" in Sending.objects.get(webhook__company=company).failure


def test_the_keys_are_rolled(company: Company, owner: Actor, receiver: Receiver, settings: Settings) -> None:
    made(company, owner, receiver)
    old, new = settings.WEBHOOK_KEY, Fernet.generate_key().decode()
    settings.WEBHOOK_KEY = f"{new},{old}"
    assert signing.encrypt_anew() == 1
    assert Fernet(new).decrypt(Webhook.objects.get().secret.encode())
