"""Receipts of what became of grants: one for each event, written in the transaction of the event, chained by performer."""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from accounts.performers.models import Performer
from kit.instants import to_the_microsecond
from marketplace.rights import proof
from marketplace.rights.models import GrantEvent, GrantReceipt, ReceiptChain, ReceiptKey

AT_MOST = 500


@transaction.atomic
def issue(performer: Performer) -> None:
    """A receipt for each event of the performer's grants that has none yet, in the order in which they happened."""
    chain = _lock_chain(performer)
    owed = GrantEvent.objects.filter(grant__application__performer=performer, receipt=None)
    for event in owed.select_related("grant__application__gig__company").order_by("id"):
        _write(event, chain, performer)


def _write(event: GrantEvent, chain: ReceiptChain, performer: Performer) -> None:
    number, key = chain.length + 1, _key(at=event.at)
    said = _said(event, performer, number=number, previous=chain.last_sha256, key=key)
    signed = proof.sign(said, key=_private(settings.RECEIPT_KEY))
    GrantReceipt.objects.create(
        event=event,
        performer=performer,
        number=number,
        previous_sha256=chain.last_sha256,
        key=key,
        body=signed.body,
        sha256=signed.sha256,
        signature=signed.signature,
    )
    chain.length, chain.last_sha256 = number, signed.sha256
    chain.save(update_fields=["length", "last_sha256"])


def issue_owed(*, at: datetime) -> None:
    """For events from before there were receipts, a few hundred performers at a time."""
    owing = Performer.objects.filter(
        applications__grants__events__receipt=None, applications__grants__isnull=False
    )
    for performer in owing.distinct().order_by("id")[:AT_MOST]:
        issue(performer)


def file_of(receipt: GrantReceipt) -> dict[str, Any]:
    """As it is handed out: what was signed, its hash and its signature."""
    return {"receipt": json.loads(receipt.body), "sha256": receipt.sha256, "signature": receipt.signature}


def handed_out(rows: Iterable[GrantReceipt]) -> dict[str, Any]:
    """A file of receipts with the keys by which they are checked: what the command, the page and the script read."""
    return {"receipts": [file_of(row) for row in rows], "keys": published_keys()}


def published_keys() -> list[dict[str, str]]:
    """Each key that ever signed a receipt, as it is published."""
    return [{"id": name, "algorithm": "Ed25519", "public_key": key} for name, key in published().items()]


def published() -> dict[str, str]:
    """Each key that ever signed a receipt, by its id."""
    return dict(ReceiptKey.objects.order_by("id").values_list("key_id", "public_key"))


def _said(
    event: GrantEvent, performer: Performer, *, number: int, previous: str, key: ReceiptKey
) -> dict[str, Any]:
    """Ids, words and figures only: no name of a person, so that a receipt can outlive an erasure."""
    grant = event.grant
    gig = grant.application.gig
    return {
        "kind": proof.KIND,
        "house": settings.PUBLIC_URL,
        "performer": performer.public_id,
        "number": number,
        "previous_sha256": previous,
        "key": key.key_id,
        "event": event.kind,
        "at": to_the_microsecond(event.at),
        "grant": {
            "id": grant.public_id,
            "purpose": grant.purpose,
            "licensee": gig.company.public_id,
            "licensee_name": gig.company.name,
            "gig": gig.public_id,
            "text": grant.text,
            "text_sha256": grant.text_sha256,
            "terms_sha256": grant.terms_sha256,
            "conditions": grant.conditions,
            "until": to_the_microsecond(grant.until) if grant.until else None,
        },
    }


def _lock_chain(performer: Performer) -> ReceiptChain:
    ReceiptChain.objects.bulk_create([ReceiptChain(performer=performer)], ignore_conflicts=True)
    return ReceiptChain.objects.select_for_update().get(performer=performer)


def _key(*, at: datetime) -> ReceiptKey:
    public = proof.public_of(_private(settings.RECEIPT_KEY))
    named = {"key_id": proof.key_id(public), "public_key": public}
    if (found := ReceiptKey.objects.filter(**named).first()) is not None:
        return found
    ReceiptKey.objects.bulk_create([ReceiptKey(used_since=at, **named)], ignore_conflicts=True)
    return ReceiptKey.objects.get(**named)


@lru_cache(maxsize=4)
def _private(setting: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(setting))
