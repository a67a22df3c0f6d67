"""Secrets of webhooks, and the signatures over what is sent (Standard Webhooks, version 1)."""

import base64
import json
import secrets
from datetime import UTC, datetime

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from standardwebhooks import Webhook as Signer

from accounts.companies.models import CompanyEvent
from accounts.outgoing.models import Webhook
from kit.instants import for_machines

SECRET_BYTES = 32


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def kept(secret: str) -> str:
    """As the row keeps it. A key of its own: the worker signs with it, and has none to the seeds of second factors."""
    return _fernet().encrypt(secret.encode()).decode()


def encrypt_anew() -> int:
    """Put all under the first key of WEBHOOK_KEY; returns how many. Raises InvalidToken where no key fits."""
    keys, done = _fernet(), 0
    for pk in Webhook.objects.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            row = Webhook.objects.select_for_update().get(pk=pk)
            row.secret = keys.rotate(row.secret.encode()).decode()
            if row.former_secret:
                row.former_secret = keys.rotate(row.former_secret.encode()).decode()
            row.save(update_fields=["secret", "former_secret"])
            done += 1
    return done


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.WEBHOOK_KEY.split(",")])


def body_of(event: CompanyEvent) -> bytes:
    """Type, time and the ids of what it is about: no names, and no words that people wrote. The rest is read by API."""
    told = {
        "type": event.kind,
        "timestamp": for_machines(event.happened_at),
        "data": {"company_id": event.company.public_id, **event.where},
    }
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def headers(webhook: Webhook, event: CompanyEvent, body: bytes, *, at: datetime) -> dict[str, str]:
    """The id stays the same however often it is sent: the other side does it once. In the day after a new secret, both sign."""
    keys = [webhook.secret]
    if webhook.former_until is not None and at < webhook.former_until:
        keys.append(webhook.former_secret)
    signed = [
        Signer(_fernet().decrypt(key.encode()).decode()).sign(
            event.public_id, at.astimezone(UTC), body.decode()
        )
        for key in keys
    ]
    return {
        "content-type": "application/json",
        "user-agent": "Callboard-Webhooks/1",
        "webhook-id": event.public_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }
