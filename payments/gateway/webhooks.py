"""Signed webhooks: only what Stripe signed within the last five minutes is believed to be from Stripe."""

import json
from dataclasses import dataclass
from typing import Any

import stripe
from django.conf import settings

TOLERANCE_S = 300


class BadSignature(Exception):
    """Forged, stale, or signed with a secret that is not ours."""


@dataclass(frozen=True)
class EventFacts:
    """What an event is about. What it says about its object is not used: the object is read anew."""

    id: str
    type: str
    object_id: str
    account: str
    livemode: bool

    @property
    def subject(self) -> str:
        """What it is news of: several events of one subject need one look at it."""
        return f"{self.account}/{self.object_id}" if self.object_id else self.id


def verify(*, source: str, body: bytes, signature: str) -> EventFacts:
    """Check the signature with any of the endpoint's secrets (two while one is rolled); returns what it is about.

    Raises BadSignature. The body is not trusted, nor parsed for more than its id, before that.
    """
    text = body.decode("utf-8", errors="replace")
    for secret in settings.STRIPE_WEBHOOK_SECRETS[source].split(","):
        try:
            stripe.WebhookSignature.verify_header(text, signature, secret.strip(), TOLERANCE_S)
        except stripe.SignatureVerificationError:
            continue
        return read(source=source, body=body)
    raise BadSignature("No secret of this endpoint gives this signature, or it is older than five minutes.")


def read(*, source: str, body: bytes) -> EventFacts:
    """The facts of a verified event. Raises BadSignature for a body that is no event."""
    try:
        event: Any = json.loads(body)
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            raise BadSignature("This is no event.")
    except ValueError as error:
        raise BadSignature("This is no JSON.") from error
    related = (
        event.get("related_object") or {}
        if source == "thin"
        else (event.get("data") or {}).get("object") or {}
    )
    return EventFacts(
        id=event["id"],
        type=str(event.get("type", "")),
        object_id=str(related.get("id", "")),
        account=str(event.get("account") or event.get("context") or ""),
        livemode=bool(event.get("livemode", False)),
    )
