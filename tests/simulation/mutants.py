"""Planted bugs: each takes one decision of the product away. A simulation that does not catch them proves nothing."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any
from unittest.mock import patch

from django.db import transaction

from payments.gateway import transfers
from payments.gateway.outcomes import Failure, Later, Refused, Unknown
from payments.gateway.transfers import TransferFacts
from payments.payouts import bank, claims, lookups, recording, stripe_transfers
from payments.payouts.claims import Claim
from payments.payouts.stripe_transfers import StripeTransfers
from payments.payroll import holds
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.webhooks.models import InboundEvent

Answer = TransferFacts | Failure
_create = transfers.create
_numbers = count()


def _sends(key: Callable[[str], str]) -> Any:
    def create(params: Mapping[str, Any], *, key: str, of: Callable[[str], str] = key) -> Answer:
        return _create(params, key=of(key))

    return patch.object(transfers, "create", create)


def _takes_for_a_refusal(is_one: Callable[[Answer], bool]) -> Any:
    def create(params: Mapping[str, Any], *, key: str) -> Answer:
        answer = _create(params, key=key)
        return Refused(code="failed", message="It failed.") if is_one(answer) else answer

    return patch.object(transfers, "create", create)


def _absence_is_believed() -> Any:
    def absent(claim: Claim, *, at: datetime) -> None:
        item = PayItem.objects.select_related("run__week", "performer").get(pk=claim.item_id)
        attempt = item.attempts.get(generation=item.generation)
        if item.state == ItemState.SENDING and attempt.state == "unknown":
            with transaction.atomic():
                recording.return_to_payable(item, attempt, code="never_arrived", message="", at=at)
                lookups.next_generation(item, at=at)

    return patch.object(lookups, "record_absence", absent)


def _what_is_found_is_ignored() -> Any:
    def found(claim: Claim, found: Any, *, at: datetime) -> None:
        lookups.record_absence(claim, at=at)

    return patch.object(lookups, "record_found", found)


def _unknown_is_released() -> Any:
    def undecided(item: PayItem, attempt: Any, outcome: Failure, *, at: datetime) -> None:
        recording.return_to_payable(item, attempt, code="unknown", message="", at=at)
        lookups.next_generation(item, at=at)

    return patch.object(recording, "_record_unknown", undecided)


def _generation_stays() -> Any:
    release = holds.release

    def released(**given: Any) -> PayItem:
        before = given["item"].generation
        item = release(**given)
        item.generation = before
        item.save(update_fields=["generation"])
        return item

    return patch.object(holds, "release", released)


def _webhook_is_believed() -> Any:
    retrieve = transfers.retrieve

    def told(transfer_id: str) -> TransferFacts:
        known = retrieve(transfer_id)
        event = InboundEvent.objects.filter(subject__endswith=transfer_id).order_by("-id").first()
        said = json.loads(bytes(event.body))["data"]["object"] if event is not None else {}
        return replace(known, reversed_minor=said.get("amount_reversed", 0))

    return patch.object(transfers, "retrieve", told)


def _bounced_is_paid_again() -> Any:
    def moved(transfer: Any, payout: Any, *, at: datetime) -> None:
        item = transfer.item
        if item is not None and payout.status in ("failed", "canceled"):
            changes = {
                "generation": item.generation + 1,
                "first_sent_at": None,
                "transfer_id": "",
                "due_at": at,
            }
            PayItem.objects.filter(pk=item.pk).update(state=ItemState.READY, **changes)
            PayRun.objects.filter(pk=item.run_id).update(state=RunState.PAYING)

    return patch.object(bank, "_move_item", moved)


class _NoHalts:
    """Stands where the halts are asked for, and knows of none."""

    objects = property(lambda self: self)

    def filter(self, **_: Any) -> "_NoHalts":
        return self

    def exists(self) -> bool:
        return False


@contextmanager
def _restores_go_unnoticed() -> Iterator[None]:
    def by_the_clock(self: Claim, at: datetime) -> bool:
        return at - self.first_sent_at >= claims.LAST_SEND

    with (
        patch.object(stripe_transfers, "_already_sent_minor", lambda *_, **__: 0),
        patch.object(StripeTransfers, "knows_what_went_out", lambda *_, **__: True),
    ):
        with patch.object(Claim, "must_list_first", by_the_clock):
            yield


def _thief_is_paid() -> Any:
    cannot = stripe_transfers._cannot_receive

    def can(account: Any, **given: Any) -> str:
        stop = cannot(account, **given)
        return "" if stop == "bank_change_hold" else stop

    return patch.object(stripe_transfers, "_cannot_receive", can)


MUTANTS: dict[str, Callable[[], Any]] = {
    "no key": lambda: _sends(lambda _: str(uuid.uuid4())),
    "a key per sending": lambda: _sends(lambda key: f"{key}:{next(_numbers)}"),
    "a time-out is a failure": lambda: _takes_for_a_refusal(
        lambda answer: isinstance(answer, Unknown) and answer.reason == "connection"
    ),
    "a 500 is a failure": lambda: _takes_for_a_refusal(
        lambda answer: isinstance(answer, Unknown) and answer.reason.startswith("http_5")
    ),
    "a busy key is a failure": lambda: _takes_for_a_refusal(lambda answer: isinstance(answer, Later)),
    "never looked up": lambda: patch.object(Claim, "must_list_first", lambda self, at: False),
    "absence believed at once": _absence_is_believed,
    "what is found is ignored": _what_is_found_is_ignored,
    "unknown is released": _unknown_is_released,
    "recorded unchecked": lambda: patch.object(StripeTransfers, "differences", lambda *_: ""),
    "the generation stays": _generation_stays,
    "a key not from the facts": lambda: patch.object(payroll, "natural_key", lambda **_: uuid.uuid4()),
    "a restore is not noticed": _restores_go_unnoticed,
    "a webhook is believed": _webhook_is_believed,
    "a halt is ignored": lambda: patch.object(claims, "Halt", _NoHalts()),
    "a changed bank is paid": _thief_is_paid,
    "a bounced payout is paid again": _bounced_is_paid_again,
    "nobody is told": lambda: patch.object(holds, "tell", lambda *_, **__: None),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with one of its decisions taken away."""
    with MUTANTS[name]():
        yield
