"""An address may hold a secret in its path: whoever may not change it sees its host alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.notifications.models import Notification
from accounts.outgoing import operations, sending
from accounts.outgoing.models import Webhook
from tests import stories
from tests.accounts.browsing import browser
from tests.receiver import Receiver, listening

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
SECRET = "T0/B0/xyzzy"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hooks.example.org/services/T0/B0/xyzzy", "https://hooks.example.org/…"),
        ("https://hooks.example.org/?token=xyzzy", "https://hooks.example.org/…"),
        ("https://hooks.example.org?token=xyzzy", "https://hooks.example.org/…"),
        ("https://hooks.example.org:8443/in", "https://hooks.example.org:8443/…"),
        ("https://hooks.example.org/", "https://hooks.example.org/"),
        ("https://hooks.example.org", "https://hooks.example.org"),
    ],
)
def test_says_where_and_not_what_proves_it(address: str, shown: str) -> None:
    assert Webhook(address=address).masked == shown


@pytest.mark.parametrize("role", [each for each in Role if each != Role.OWNER])
def test_owners_read_it_whole_and_others_its_host(role: Role, it_is: Callable[[datetime], None]) -> None:
    it_is(AT)
    company = stories.a_company()
    with listening() as receiver:
        webhook = made(company, receiver)
    owner, other = stories.person(stories.owner_of(company)), stories.a_member(company, role)
    pages = [f"/company/{company.public_id}/webhooks/", f"/webhooks/of/{webhook.public_id}/"]
    paths = [f"companies/{company.public_id}/webhooks", f"webhooks/{webhook.public_id}"]
    for page in pages:
        assert SECRET in browser(owner).get(page).content.decode()
        read = browser(other).get(page).content.decode()
        assert SECRET not in read
        assert f"{webhook.address.partition('/in')[0]}/…" in read
    for path in paths:
        assert SECRET in browser(owner).get(f"/api/v1/{path}").content.decode()
        read = browser(other).get(f"/api/v1/{path}").content.decode()
        assert SECRET not in read
        assert "/…" in read


def test_a_notice_names_the_host(it_is: Callable[[datetime], None]) -> None:
    it_is(AT)
    company = stories.a_company()
    with listening() as receiver:
        webhook = made(company, receiver)
    operations.send_test(webhook=webhook, by=stories.owner_of(company), at=AT)
    Webhook.objects.update(failing_since=AT - sending.TOLD_AFTER)
    sending.sweep(at=AT)
    told = Notification.objects.get(title="Your systems are not reached")
    assert "/…" in told.body
    assert SECRET not in told.body


def made(company: Any, receiver: Receiver) -> Webhook:
    owner = stories.proved(stories.owner_of(company), at=AT)
    webhook, _ = operations.make(
        company=company, address=receiver.address + SECRET, kinds=[], by=owner, at=AT
    )
    return webhook
