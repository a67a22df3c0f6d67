"""An accepted piece goes into the gig's deliveries under its performer's grants, and leaves them with these."""

import json
from typing import Any

from marketplace.deliveries.building import folder_of
from marketplace.deliveries.models import DeletionOrder, Delivery
from marketplace.deliveries.tasks import sweep
from marketplace.rights import operations as rights
from marketplace.rights.models import Grant
from tests.accounts.browsing import browser
from tests.marketplace.works.conftest import Workshop

FILES = ("croissant.json", "samples.jsonl", "manifest.json")


def asks(workshop: Workshop) -> tuple[int, Any]:
    return workshop.nora.post(f"gigs/{workshop.gig.public_id}/deliveries", {"purposes": ["evaluation"]})


def test_an_accepted_piece_is_delivered_with_its_receipt_and_recalled_with_its_grant(
    workshop: Workshop,
) -> None:
    piece = workshop.a_piece()
    version = workshop.hands_in(piece)
    assert asks(workshop)[1]["code"] == "nothing_to_deliver"
    assert workshop.answers(piece, "accept")[0] == 200
    status, told = asks(workshop)
    assert status == 201, told
    sweep()
    delivery = Delivery.objects.get()
    assert delivery.state == "ready"
    described, samples, manifest = ((folder_of(delivery) / name).read_text() for name in FILES)
    (row,) = [json.loads(line) for line in samples.splitlines()]
    assert (row["piece"], row["session"]) == (piece.public_id, "")
    assert row["receipt"]
    assert "1 of them commissioned pieces" in json.loads(described)["description"]
    assert json.loads(manifest)["tracks"][0]["key"] == f"{piece.public_id}-{version.public_id}"
    page = browser(workshop.nora.user)
    taken = page.get(f"/deliveries/{delivery.public_id}/files/data-000000.tar")
    assert taken.status_code == 200
    is_recalled_with_its_grant(workshop, delivery)


def is_recalled_with_its_grant(workshop: Workshop, delivery: Delivery) -> None:
    rights.withdraw(grant=Grant.objects.get(), by=workshop.me, at=workshop.now)
    sweep()
    delivery.refresh_from_db()
    assert delivery.state == "recalled"
    assert DeletionOrder.objects.get().performer == workshop.performer
    assert asks(workshop)[1]["code"] == "nothing_to_deliver"
