"""Signed webhooks: only what Stripe signed just now is believed to be from Stripe."""

import json
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import stripe
from django.conf import settings

from kit.instants import length_in_words

TOLERANCE_S = 300
_SIGNED_AT = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")
# How Stripe names things; what is named otherwise (a coupon may be) is nothing that we follow.
_NAME = re.compile(r"[\x21-\x7e]{1,120}")


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
        return f"{self.account}/{self.object_id}"[:160] if self.object_id else self.id


def verify(*, source: str, body: bytes, signature: str) -> EventFacts:
    """Check the signature with any of the endpoint's secrets (two while one is rolled); returns what it is about.

    Raises BadSignature. The body is not trusted, nor parsed for more than its id, before that.
    """
    try:
        # To the letter: a lenient decoding would let other bytes pass under the same signature.
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadSignature("This is no UTF-8.") from error
    if not _is_of_now(signature):
        raise BadSignature(
            f"It was not signed within {length_in_words(timedelta(seconds=TOLERANCE_S))} of now."
        )
    secrets = settings.STRIPE_WEBHOOK_SECRETS[source].split(",")
    if not any(_is_signed(text, signature, secret.strip()) for secret in secrets):
        raise BadSignature("No secret of this endpoint gives this signature.")
    return read(source=source, body=body)


def _is_of_now(signature: str) -> bool:
    """Against the real clock, which Stripe signs with; the house's own may be played forward."""
    found = _SIGNED_AT.search(signature)
    return found is not None and abs(time.time() - int(found[1])) <= TOLERANCE_S


def _is_signed(text: str, signature: str, secret: str) -> bool:
    if not signature.isascii():
        return False  # the SDK stumbles over it
    try:
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_S)
    except stripe.SignatureVerificationError:
        return False
    return True


def read(*, source: str, body: bytes) -> EventFacts:
    """The facts of a verified event. Raises BadSignature for a body that is no event."""
    try:
        event = _mapping(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise BadSignature("This is no JSON.") from error
    about = event.get("related_object") if source == "thin" else _mapping(event.get("data")).get("object")
    facts = EventFacts(
        id=_name(event.get("id")),
        type=_name(event.get("type")),
        object_id=_name(_mapping(about).get("id")),
        account=_name(event.get("account") or event.get("context")),
        livemode=bool(event.get("livemode", False)),
    )
    if not facts.id:
        raise BadSignature("This is no event.")
    return facts


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: Any) -> str:
    """The value if it is a name as Stripe gives them, else nothing."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""
