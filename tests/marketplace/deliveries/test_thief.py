"""What is given out or put together at the very moment that it ends."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.deliveries import recalling
from marketplace.deliveries.tasks import sweep
from marketplace.media import store
from marketplace.media.models import Segment, WhyDeleted
from marketplace.rights.models import Grant
from tests.marketplace.deliveries.conftest import Played

pytestmark = pytest.mark.django_db


def test_nothing_is_given_out_from_the_second_a_grant_is_over(played: Played) -> None:
    """Before the sweep that marks it expired has run."""
    address = played.is_delivered()["files"][0]["address"]
    Grant.objects.update(until=played.now)
    assert played.takes(address).status_code == 409
    assert played.asks()[1]["code"] == "nothing_to_deliver"


def test_a_recall_sees_what_is_taken_meanwhile(played: Played) -> None:
    """Both hold the delivery's row: else an order says that nobody took it, and a copy is out."""
    address = played.is_delivered()["files"][0]["address"]
    with CaptureQueriesContext(connection) as asked:
        assert played.takes(address).status_code == 200
    locks = [q["sql"] for q in asked if "FOR UPDATE" in q["sql"] and '"marketplace_delivery"' in q["sql"]]
    assert len(locks) == 1


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_recording_deleted_before_it_is_put_together(
    played: Played, monkeypatch: Any, is_gone: bool
) -> None:
    """Of one that was never everybody's the bytes go though all grant now: it is settled without it, not tried for ever."""
    from marketplace.deliveries import shards  # noqa: PLC0415

    _, told = played.asks()
    if is_gone:

        def fails(*_: Any) -> Any:
            raise OSError("the disk is full")

        monkeypatch.setattr(shards, "write_shard", fails)
        sweep()
        monkeypatch.undo()
    Segment.objects.update(deleting_since=played.now, why_deleted=WhyDeleted.NEVER_WHOLE)
    for segment in Segment.objects.all():
        store.remove(store.playable(segment))
    played.passes(minutes=1)
    sweep()
    assert played.reads(told["id"])["state"] == "empty"


def test_a_recording_deleted_after_it_was_delivered_recalls_it(played: Played) -> None:
    delivery = played.is_delivered()
    address = delivery["files"][0]["address"]
    assert played.takes(address).status_code == 200
    whose = Segment.objects.order_by("id").first()
    assert whose is not None
    Segment.objects.filter(pk=whose.pk).update(deleting_since=played.now, why_deleted=WhyDeleted.NEVER_WHOLE)
    assert played.takes(address).status_code == 409
    sweep()
    sweep()
    assert played.reads(delivery["id"])["state"] == "recalled"
    (order,) = played.nora.get("deletion-orders")[1]["data"]
    assert (order["performer"], order["state"]) == (whose.seat.performer.public_id, "open")


def test_one_that_cannot_be_recalled_holds_up_no_other(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = played.is_delivered()
    second = played.is_delivered()
    order = recalling._order

    def fails_for_the_first(delivery: Any, *told: Any, **also: Any) -> None:
        if delivery.public_id == first["id"]:
            raise RuntimeError("it cannot be")
        order(delivery, *told, **also)

    monkeypatch.setattr(recalling, "_order", fails_for_the_first)
    played.withdraws(played.ada)
    sweep()
    assert played.reads(first["id"])["state"] == "ready"
    assert played.reads(second["id"])["state"] == "recalled"
    monkeypatch.undo()
    played.passes(minutes=1)  # it was put off
    sweep()
    assert played.reads(first["id"])["state"] == "recalled"
