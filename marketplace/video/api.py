"""Meeting in a room by video: one call, by which a page is there, sends and receives."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import Suspended
from kit import clock
from kit.errors import Invalid
from kit.http.serializers import LineField, Strict, WholeNumberField
from marketplace.sessions import room
from marketplace.sessions.api import ONE, SessionEndpoint
from marketplace.video import operations
from marketplace.video.models import LONGEST_PAGE, LONGEST_SIGNAL, ConnectionMinute, Peer

MOST_AT_ONCE = 60
MOST_KEYS = 2**62
LONGEST_TRIP_MS = 60_000


class SignalIn(Strict):
    to = LineField(max_length=LONGEST_PAGE)
    body = serializers.DictField()

    def validate_body(self, body: dict[str, object]) -> dict[str, object]:
        if len(str(body)) > LONGEST_SIGNAL:
            raise Invalid.field("body", f"At most {LONGEST_SIGNAL:,} characters.", code="too_long")
        return body


class ConnectionIn(Strict):
    word = serializers.ChoiceField(
        choices=[word.name.lower() for word in ConnectionMinute.Word], help_text="What the page says of it."
    )
    lost_permille = WholeNumberField(
        min_value=0, max_value=1000, help_text="Of what was sent to it, how much never came, per thousand."
    )
    round_trip_ms = WholeNumberField(min_value=0, max_value=LONGEST_TRIP_MS, help_text="There and back.")


class MeetIn(Strict):
    page = serializers.RegexField(r"\A[0-9a-f]{16,32}\Z", help_text="Made by the page, new with every load.")
    seen = WholeNumberField(
        min_value=0, max_value=MOST_KEYS, default=0, help_text="The last signal that it read."
    )
    cut_off = serializers.BooleanField(default=False, help_text="It cannot reach somebody who is here.")
    signals = serializers.ListField(child=SignalIn(), required=False, max_length=MOST_AT_ONCE)
    connection = ConnectionIn(
        required=False, help_text="How good its connection was at its worst since it said so last."
    )
    leaves = serializers.BooleanField(default=False)


class PeerOut(Strict):
    page = serializers.CharField()
    name = serializers.SerializerMethodField()
    rank = serializers.IntegerField(source="pk", help_text="Of two, the one that came last is polite.")
    is_company = serializers.SerializerMethodField()

    def get_name(self, peer: Peer) -> str:
        return peer.seat.performer.stage_name if peer.seat else peer.session.company.name

    def get_is_company(self, peer: Peer) -> bool:
        return peer.seat is None


class SignalOut(Strict):
    id = serializers.IntegerField(source="pk")
    sender = serializers.CharField(source="sender.page")
    body = serializers.DictField()


class ServerOut(Strict):
    urls = serializers.ListField(child=serializers.CharField())
    username = serializers.CharField(default="")
    credential = serializers.CharField(default="")


class MeetingOut(Strict):
    rank = serializers.IntegerField(source="peer.pk")
    peers = PeerOut(many=True, source="others")
    signals = SignalOut(many=True)
    servers = ServerOut(many=True)


class Peers(SessionEndpoint):
    """Whoever has a seat, or is there for the company: the others see them, and nobody watches unseen."""

    pace = "room"
    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described(
        "peers_meet",
        "Meet the others in the room by video.",
        refuses=(room.DoorsClosed, operations.PageReplaced, Suspended),
        request=MeetIn,
        responses={200: MeetingOut, 204: None},
    )
    def post(self, request: Request, session_id: str) -> Response:
        sent, session, now = self.read(MeetIn), self.session(session_id), clock.now()
        if sent.pop("leaves"):
            operations.leave(session=session, page=sent["page"], by=self.actor, at=now)
            return Response(status=204)
        sent.setdefault("signals", [])
        if (read := sent.pop("connection", None)) is not None:
            sent["read"] = operations.Read(ConnectionMinute.Word[read.pop("word").upper()], **read)
        return Response(MeetingOut(operations.meet(session=session, **sent, by=self.actor, at=now)).data)


urlpatterns = [path(f"{ONE}/peers", Peers.as_view(), name="api_session_peers")]
