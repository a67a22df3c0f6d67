"""What goes on beside a payday: its mails over one connection, and a look at Stripe's list after five minutes of it."""

import json
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from accounts.identity.models import User
from accounts.notifications import operations as notifications
from accounts.notifications.money_kinds import MoneyKind
from kit import clock
from kit.money import Money
from payments.gateway import balance, transfers
from payments.gateway.client import client, speaking_through
from payments.payouts import mirror, reversals
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests import mailserver
from tests.benchmarks.row import Row
from tests.payments.world import World

MAILS = 1_500
# Five minutes of a payday at twenty a second, by the time between two looks; Stripe takes so long for a page.
TRANSFERS, BETWEEN_LOOKS_S, PAGE_S = 6_000, 300.0, 0.3
UNCOUNTED = 1_000_000_000


def rows() -> Iterator[Row]:
    """Mails keep up with a payday of twenty a second; a look is over long before the next."""
    yield _mails()
    sandbox = Sandbox(seed=1)
    with speaking_through(InProcessClient(sandbox)):
        yield _look(sandbox)


def _mails() -> Row:
    people = User.objects.bulk_create(
        User(email=f"mail{number}@example.com", name=f"Number {number}", password="!")
        for number in range(MAILS)
    )
    about, where = {"amount": Money(7_400, "usd")}, {"item_id": "itm_1"}
    words = [notifications.Word(person.pk, "bench", about, where) for person in people]
    at = clock.now()
    notifications.notify_each(words, kind=MoneyKind.PAID, at=at)
    with mailserver.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        began = time.perf_counter()
        sent = notifications.send_due_mail(at=at, for_s=60)
        took_s = time.perf_counter() - began
    said = f"{sent} mails in {took_s:.1f} s over {server.connections} connection"
    return Row("mails a second", sent / took_s, 40.0, said)


def _look(sandbox: Sandbox) -> Row:
    world = World(sandbox, now=clock.now())
    platform = {"account": balance.platform_account_id(), "amount": 100 * TRANSFERS + 100, "currency": "usd"}
    sandbox.handle("POST", "/_sandbox/balance", {}, json.dumps(platform).encode())
    account = world.account_of(world.performer()).stripe_id
    _sent(account, 1)
    reversals.read_transfers(at=clock.now())
    _sent(account, TRANSFERS)
    fault: dict[str, Any] = {"on": "GET /v1/*", "do": "429", "times": 1, "skip": UNCOUNTED}
    world.control("faults", **fault)
    began = time.perf_counter()
    reversals.read_transfers(at=clock.now())
    took_s = time.perf_counter() - began
    pages = UNCOUNTED - int(sandbox.faults.shown()[0]["skip"])
    share = (took_s + pages * PAGE_S) / BETWEEN_LOOKS_S
    said = f"{TRANSFERS:,} transfers  {pages} pages of {PAGE_S} s  {took_s:.1f} s of our own"
    return Row("a look, of the time between two", share, 0.5, said, at_most=True)


def _sent(account: str, number: int) -> None:
    """Transfers that the mirror knows, as recording leaves them."""
    params: Any = {"amount": 100, "currency": "usd", "destination": account}
    made = [client().v1.transfers.create(params).id for _ in range(number)]
    mirror.store_unknown([transfers.retrieve(each) for each in made], at=clock.now())
