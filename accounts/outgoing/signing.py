"""Secrets of webhooks, and the signatures over what is sent (Standard Webhooks, version 1)."""

import base64
import json
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from accounts.companies.models import CompanyEvent
from accounts.identity.encryption import fernet
from accounts.outgoing.models import Webhook
from kit.instants import for_machines

SECRET_BYTES = 32


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def kept(secret: str) -> str:
    return fernet().encrypt(secret.encode()).decode()


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
        Signer(fernet().decrypt(key.encode()).decode()).sign(
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
