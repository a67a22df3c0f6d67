"""Where LiveKit tells us of its rooms. Verified, stored as it came, acknowledged; folded later."""

import json

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from google.protobuf.json_format import ParseError
from livekit.api import TokenVerifier, WebhookReceiver
from livekit.protocol.webhook import WebhookEvent

from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import DomainError
from kit.ids import MalformedId, to_uuid
from marketplace.sessions import deliveries, video_rooms
from marketplace.sessions.models import PresenceDelivery

log = structlog.get_logger(__name__)
LONGEST_EVENT_ID = 64


class ForgedWebhook(DomainError):
    """Sign it with the key that the house was given."""

    code = "webhook_not_verified"
    status = 401
    title = "This is not from LiveKit"


@csrf_exempt
@require_POST
@allow(Audience.MACHINE)
def livekit(request: HttpRequest) -> HttpResponse:
    """Answers 200 once the delivery is committed, 401 without storing anything when it is not LiveKit's."""
    now = clock.now()
    text, event = _verified(request)
    room, event_id = _identity(text)
    with transaction.atomic():
        if room:
            deliveries.receive(
                room=room,
                kind=PresenceDelivery.Kind.LIVEKIT,
                body=request.body,
                event_id=event_id[:LONGEST_EVENT_ID],
                at=now,
            )
        if event is not None:
            video_rooms.heard(event, room=room, at=now)
    return HttpResponse(status=200)


def _verified(request: HttpRequest) -> tuple[str, WebhookEvent | None]:
    """The body, once its hash is the one in the signed token, and the event where this version can read it.

    Raises ForgedWebhook (401).
    """
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not settings.LIVEKIT_API_SECRET:
        raise ForgedWebhook("This house has no LiveKit: its sessions are played in the platform's own room.")
    verifier = TokenVerifier(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    try:
        text = request.body.decode()
        return text, WebhookReceiver(verifier).receive(text, token)
    except ParseError:
        # Signed by LiveKit, but not of a form that this version knows: kept, and read as far as it can be.
        log.warning("livekit_webhook_of_another_form")
    except Exception as error:
        # The library raises plain Exceptions, PyJWT's and base64's; whatever it is, the delivery is not proved.
        raise ForgedWebhook("Its signature does not match its body.") from error
    return text, None


def _identity(text: str) -> tuple[str, str]:
    """The room and the event's id; no room when it is none of ours."""
    try:
        body = json.loads(text)
        room, event_id = str(body["room"]["name"]), str(body.get("id", ""))
        to_uuid(room, prefix="ses")
    except (ValueError, KeyError, TypeError, AttributeError, MalformedId):
        return "", ""
    return room, event_id


urlpatterns = [path("webhooks/livekit", livekit, name="webhook_livekit")]
