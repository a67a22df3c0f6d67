"""Two performers behind one bank account: found, held, told without names, and decided by two people."""

import json
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from pytest_django import Settings

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from payments.connect import ending
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount, SharedBank
from payments.inbox.models import Finding
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests import stories
from tests.accounts.browsing import Api, logs_in, proves
from tests.database import together
from tests.payments.world import World

SHARED = "000987654321"
SYSTEM = Actor.of_system("connect")
DOORS = pytest.mark.parametrize("door", ["page", "json"])


def two_behind_one(world: World) -> tuple[Performer, Performer]:
    """Both hand in the same account number at their first set-up."""
    robin, sam = (world.performer(name, onboarded=False) for name in ("Robin", "Sam"))
    for performer in (robin, sam):
        world.banks_with(performer, SHARED)
        world.earns(performer, "74.00")
    return robin, sam


def press(door: str, client: Any, verb: str, **body: str) -> Any:
    shared = SharedBank.objects.get()
    if door == "page":
        return client.post(reverse(f"shared_bank_{verb}", args=[shared.public_id]), body)
    return Api(client=client).post(f"shared-banks/{shared.public_id}/{verb}", body or None)


def states() -> set[str]:
    return set(PayItem.objects.values_list("state", flat=True))


def test_is_found_once_held_and_told_to_both_without_a_name(world: World) -> None:
    robin, sam = two_behind_one(world)
    connect.refresh(account=world.account_of(sam), at=world.now)
    world.pays()
    assert set(PayItem.objects.values_list("hold_code", flat=True)) == {"bank_account_shared"}
    assert Finding.objects.filter(code="bank_account_shared", resolved_at=None).count() == 1
    for performer, other in ((robin, sam), (sam, robin)):
        told = Notification.objects.filter(user=performer.user)
        assert told.filter(title="Your bank account is in use by somebody else here").count() == 1
        assert not [note for note in told if other.stage_name in note.title + note.body]


@DOORS
def test_two_in_finance_allow_it_and_it_goes_out(world: World, door: str) -> None:
    two_behind_one(world)
    world.pays()
    one, other = (logs_in(stories.person(who)) for who in (world.freezer, world.approver))
    press(door, one, "propose", reason="A couple, seen by video.")
    press(door, one, "allow")
    assert SharedBank.objects.get().state == "proposed", "nobody allows their own proposal"
    world.wait(minutes=6)
    press(door, other, "allow")
    assert SharedBank.objects.get().state == "proposed", "a stale proof allows nothing"
    proves(other, stories.person(world.approver))
    press(door, other, "allow")
    world.sweep()
    assert states() == {ItemState.SENT}
    assert not Finding.objects.filter(code="bank_account_shared", resolved_at=None).exists()
    connect.refresh_due(at=world.now)
    assert SharedBank.objects.get().state == "allowed", "asked again, it is not found again"


@DOORS
def test_left_held_it_goes_out_when_one_of_them_names_another_bank(world: World, door: str) -> None:
    robin, sam = two_behind_one(world)
    world.pays()
    finance = logs_in(stories.person(world.freezer))
    press(door, finance, "keep", reason="They do not know each other.")
    assert SharedBank.objects.get().state == "kept"
    for performer in (robin, sam):
        assert Notification.objects.filter(user=performer.user, title="Name another bank account").exists()
    world.banks_with(robin, "000111222333")
    assert SharedBank.objects.get().state == "over"
    world.sweep()
    held, sent = PayItem.objects.get(performer=robin), PayItem.objects.get(performer=sam)
    assert (held.hold_code, sent.state) == ("bank_account_shared", ItemState.SENT)
    world.wait(hours=73)
    connect.refresh_due(at=world.now)
    world.sweep()
    assert states() == {ItemState.SENT}


@DOORS
def test_a_reason_is_asked_for(world: World, door: str) -> None:
    two_behind_one(world)
    world.pays()
    finance = logs_in(stories.person(world.freezer))
    for verb in ("propose", "keep"):
        press(door, finance, verb, reason=" ")
        assert SharedBank.objects.get().state == "found"
    press(door, finance, "propose", reason="A couple.")
    assert SharedBank.objects.get().state == "proposed"


def test_the_page_of_what_is_held_offers_the_decision(world: World) -> None:
    two_behind_one(world)
    world.pays()
    page = logs_in(stories.person(world.freezer)).get(reverse("payday_held")).content.decode()
    assert "Two performers, one bank account" in page
    assert "Propose to allow it" in page
    [row] = json.loads(Api(client=logs_in(stories.person(world.approver))).get("shared-banks").content)[
        "data"
    ]
    assert (row["state"], len(row["performers"])) == ("found", 2)


def test_both_who_name_another_bank_at_once_share_it_no_more(committed_world: World) -> None:
    world = committed_world
    robin, sam = two_behind_one(world)
    world.pays()
    for performer, number in ((robin, "000111222333"), (sam, "000222333444")):
        path = f"accounts/{world.account_of(performer).stripe_id}/onboard"
        world.control(path, routing_number="110000000", account_number=number)
    accounts = [world.account_of(performer) for performer in (robin, sam)]
    done = together([partial(connect.refresh, account=account, at=world.now) for account in accounts])
    assert [each for each in done if isinstance(each, Exception)] == []
    assert SharedBank.objects.get().state == "over"
    assert AuditEvent.objects.filter(verb="shared_bank_account.over").count() == 1


def test_ends_with_an_account_that_ended_while_it_was_found(world: World) -> None:
    """Of the two, one begins again in the same second: its account was still there for whoever looked."""
    robin, sam = two_behind_one(world)
    world.pays()
    with transaction.atomic():
        ending.end(world.account_of(robin), why=PayeeAccount.Ended.REPLACED, by=SYSTEM, at=world.now)
        SharedBank.objects.update(state="found")
    connect.refresh(account=world.account_of(sam), at=world.now)
    world.sweep()
    assert SharedBank.objects.get().state == "over"
    assert PayItem.objects.get(performer=sam).state == ItemState.SENT


def test_in_stripes_test_mode_one_number_is_everybodys(world: World, settings: Settings) -> None:
    settings.TEST_BANKS_ARE_COMPARED = False
    two_behind_one(world)
    world.pays()
    assert states() == {ItemState.SENT}
    assert not SharedBank.objects.exists()


def test_live_accounts_are_compared_whatever_is_set(world: World, settings: Settings) -> None:
    settings.TEST_BANKS_ARE_COMPARED = False
    robin, sam = two_behind_one(world)
    PayeeAccount.objects.update(livemode=True)
    connect.refresh(account=world.account_of(sam), at=world.now)
    world.pays()
    assert states() == {ItemState.HELD}
    assert set(SharedBank.objects.values_list("one", "other")) == {tuple(sorted([robin.pk, sam.pk]))}


def test_the_set_up_page_says_so_instead_of_ready(world: World) -> None:
    robin, _ = two_behind_one(world)
    world.pays()
    me = logs_in(robin.user)
    said = me.get(reverse("payouts_setup")).content.decode()
    assert "You are ready to be paid" not in said
    assert "Your bank account is in use by somebody else here" in said
    world.banks_with(robin, "000111222333")
    said = me.get(reverse("payouts_setup")).content.decode()
    assert "You are ready to be paid" not in said
    assert "Your new bank account rests" in said
    world.wait(hours=73)
    assert "You are ready to be paid" in me.get(reverse("payouts_setup")).content.decode()
