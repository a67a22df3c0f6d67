"""The video provider: signs its webhooks as LiveKit does and posts them over HTTP to the running site."""

import base64
import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from django.conf import settings
from livekit import api

TIMEOUT_S = 30
AT_ONCE = 4


def deliver(web_url: str, bodies: Iterable[dict[str, Any]]) -> int:
    """Post each webhook; returns how many were accepted. Raises when one is refused."""
    with ThreadPoolExecutor(AT_ONCE) as senders, requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
        return sum(senders.map(lambda body: _send(session, web_url, body), bodies))


def _send(session: requests.Session, web_url: str, body: dict[str, Any]) -> int:
    raw = json.dumps(body).encode()
    digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    token = (
        api.AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET).with_sha256(digest).to_jwt()
    )
    answer = session.post(
        f"{web_url}/webhooks/livekit",
        data=raw,
        headers={"Authorization": token, "Content-Type": "application/webhook+json"},
        timeout=TIMEOUT_S,
    )
    answer.raise_for_status()
    return 1
