"""The servers by which two pages find a way to each other: STUN tells a page its own address, TURN carries what cannot go
directly. Credentials expire, as the TURN REST API has it (draft-uberti-behave-turn-rest-00, which coturn speaks)."""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

CREDENTIAL_LASTS = timedelta(hours=6)  # longer than a session may run


def servers(*, identity: str, at: datetime) -> list[dict[str, Any]]:
    """As `RTCPeerConnection` takes them; none where none are set, which reaches whoever is on the same network."""
    found: list[dict[str, Any]] = []
    if settings.STUN_URLS:
        found.append({"urls": list(settings.STUN_URLS)})
    if settings.TURN_URLS:
        username = f"{int((at + CREDENTIAL_LASTS).timestamp())}:{identity}"
        found.append(
            {"urls": list(settings.TURN_URLS), "username": username, "credential": _credential(username)}
        )
    return found


def _credential(username: str) -> str:
    # HMAC-SHA1 is what TURN servers check; as a MAC it holds.
    made = hmac.new(settings.TURN_SECRET.encode(), username.encode(), "sha1")
    return base64.b64encode(made.digest()).decode()
