from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from livekit.protocol.models import DisconnectReason, ParticipantInfo
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.webhook import WebhookEvent

from marketplace.presence.evidence import (
    Joined,
    Left,
    MalformedEvidence,
    Poll,
    RoomFinished,
    Said,
    parse_delivery,
    parse_poll,
    parse_webhook,
)


def sent_by_livekit(event: str, *, snake: bool = False, **participant: Any) -> dict[str, object]:
    """The body that LiveKit's own message types make."""
    message = WebhookEvent(event=event, id="EV_1", created_at=1_793_590_900, room=RoomInfo(name="ses_1"))
    if participant:
        message.participant.CopyFrom(ParticipantInfo(**participant))
    body: dict[str, object] = MessageToDict(message, preserving_proto_field_name=snake)
    return body


class TestWebhook:
    @pytest.mark.parametrize("snake", [False, True])
    def test_is_read_as_livekit_writes_it(self, snake: bool) -> None:
        who = {"sid": "PA_1", "identity": "prf_1", "joined_at": 1_793_590_500}
        gone = who | {"disconnect_reason": DisconnectReason.SIGNAL_CLOSE}
        assert parse_webhook(sent_by_livekit("participant_joined", snake=snake, **who)) == Joined(
            "ses_1", "EV_1", 1_793_590_900, "PA_1", "prf_1"
        )
        assert parse_webhook(sent_by_livekit("participant_left", snake=snake, **gone)) == Left(
            "ses_1", "EV_1", 1_793_590_900, "PA_1", "prf_1", 1_793_590_500, "SIGNAL_CLOSE"
        )
        assert parse_webhook(sent_by_livekit("room_finished", snake=snake)) == RoomFinished(
            "ses_1", "EV_1", 1_793_590_900
        )

    def test_leaves_out_what_is_zero(self) -> None:
        left = parse_webhook(sent_by_livekit("participant_left", sid="PA_1"))
        assert left == Left("ses_1", "EV_1", 1_793_590_900, "PA_1", "", None, "UNKNOWN_REASON")

    @pytest.mark.parametrize(
        "kind", [kind for kind in dict(ParticipantInfo.Kind.items()) if kind != "STANDARD"]
    )
    @pytest.mark.parametrize("event", ["participant_joined", "participant_left"])
    def test_of_what_is_no_person_tells_nothing(self, event: str, kind: str) -> None:
        who: dict[str, Any] = {"sid": "PA_1", "identity": "prf_1"}
        assert isinstance(parse_webhook(sent_by_livekit(event, **who, kind=kind)), Said)
        assert isinstance(parse_webhook(sent_by_livekit(event, **who, kind="STANDARD")), Joined | Left)
        body = sent_by_livekit(event, **who)
        body["participant"] = {**who, "kind": kind}
        assert isinstance(parse_webhook(body), Said)
        body["participant"] = {**who, "kind": "STANDARD"}
        assert isinstance(parse_webhook(body), Joined | Left)

    @pytest.mark.parametrize(
        "event",
        ["room_started", "track_published", "egress_ended", "participant_connection_aborted", "to_come"],
    )
    def test_of_another_kind_tells_nothing_of_presence(self, event: str) -> None:
        assert parse_webhook({"event": event}) is None

    @pytest.mark.parametrize(
        "created_at", [None, "0", "", "-5", "1e9", "1793590900.5", "٣", 1.5, True, "9" * 30, []]
    )
    def test_without_a_second_is_refused_by_name(self, created_at: object) -> None:
        body = sent_by_livekit("room_finished") | {"createdAt": created_at}
        with pytest.raises(MalformedEvidence, match="createdAt"):
            parse_webhook(body)

    @pytest.mark.parametrize(
        "body",
        [
            None,
            [],
            "participant_joined",
            {},
            {"event": 7},
            {"event": "room_finished", "createdAt": "1", "room": "ses_1"},
            {"event": "room_finished", "createdAt": "1", "room": {}},
            {"event": "participant_joined", "createdAt": "1", "room": {"name": "r"}},
            {
                "event": "participant_joined",
                "createdAt": "1",
                "room": {"name": "r"},
                "participant": {"sid": 1},
            },
        ],
    )
    def test_of_another_form_is_refused_by_name(self, body: object) -> None:
        with pytest.raises(MalformedEvidence):
            parse_webhook(body)


class TestPoll:
    def test_says_who_was_there(self) -> None:
        poll = {
            "room": "ses_1",
            "at": "2026-11-02T03:36:00.9Z",
            "participants": [{"sid": "P", "identity": "x"}],
        }
        assert parse_poll(poll) == Poll("ses_1", 1_793_590_560, (("P", "x"),))

    def test_leaves_out_what_is_no_person(self) -> None:
        kinds = [None, "STANDARD", "EGRESS", "AGENT", "INGRESS", "SIP", "CONNECTOR", "BRIDGE", 2, "TO_COME"]
        who = [{"sid": f"P{number}", "identity": "x", "kind": kind} for number, kind in enumerate(kinds)]
        poll = parse_poll({"room": "ses_1", "at": "2026-11-02T03:36:00Z", "participants": who})
        assert poll.participants == (("P0", "x"), ("P1", "x"))

    @pytest.mark.parametrize(
        "change",
        [
            {"room": ""},
            {"at": "2026-11-02T03:36:00"},
            {"at": 5},
            {"at": "soon"},
            {"at": "0001-01-01T00:00:00+23:59"},
            {"participants": None},
            {"participants": ["P"]},
            {"participants": [{"identity": "x"}]},
        ],
    )
    def test_of_another_form_is_refused_by_name(self, change: dict[str, object]) -> None:
        with pytest.raises(MalformedEvidence):
            parse_poll({"room": "ses_1", "at": "2026-11-02T03:36:00Z", "participants": []} | change)


class TestDelivery:
    @pytest.mark.parametrize("delivery", [None, 3, [], {}, {"received_at": "2026-11-02T03:35:01Z"}])
    def test_is_a_webhook_or_a_poll(self, delivery: object) -> None:
        with pytest.raises(MalformedEvidence, match="neither"):
            parse_delivery(delivery)
