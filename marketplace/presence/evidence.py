"""What arrived about a room: the provider's webhooks and our own polls, as values that never change.

A webhook is a LiveKit event in protobuf JSON (docs.livekit.io/home/server/webhooks): 64-bit integers come as
text, what is zero or empty is left out, and a name may be written `createdAt` or `created_at`. Times are
whole epoch seconds from the provider; `received_at`, when it reached us, only shows a provider whose clock runs ahead.
Participants that are no person (a recording, an agent, a stream, a telephone line) are in no room: neither webhooks nor
polls tell of them.
"""

from typing import Any, ClassVar, NamedTuple

from marketplace.presence.reading import LAST_SECOND, Fields, Malformed

# ParticipantInfo.Kind (livekit_models.proto) of a person; left out on the wire, because it is zero.
PERSON = (None, "", 0, "STANDARD")


class MalformedEvidence(Malformed):
    """A delivery that should tell of presence cannot be read. It is kept as it came and a person is told."""

    code: ClassVar[str] = "malformed_evidence"


class Joined(NamedTuple):
    """The participant `sid` was in the room from `at`."""

    room: str
    id: str
    at: int
    sid: str
    identity: str
    received_at: int | None = None


class Left(NamedTuple):
    """The participant `sid`, in the room since `joined_at` (None: not said), was gone from `at`."""

    room: str
    id: str
    at: int
    sid: str
    identity: str
    joined_at: int | None
    reason: str
    received_at: int | None = None


class RoomFinished(NamedTuple):
    room: str
    id: str
    at: int
    received_at: int | None = None


class Said(NamedTuple):
    """The provider said something else at `at`: nothing of presence, but it shows how its clock goes."""

    room: str
    id: str
    at: int
    received_at: int | None = None


class Poll(NamedTuple):
    """Which people were in the room at `at`, as (sid, identity)."""

    room: str
    at: int
    participants: tuple[tuple[str, str], ...]

    @property
    def is_own_beat(self) -> bool:
        """Whether only somebody's own page says so: it proves nothing that they did not say already."""
        return bool(self.participants) and all(sid.startswith(OWN_ROOM) for sid, _ in self.participants)


Webhook = Joined | Left | RoomFinished | Said
Evidence = Webhook | Poll
# Connections of the platform's own room are named after their seat, or after the company.
OWN_ROOM = ("sea_", "cmp_")


def parse_delivery(data: Any) -> Evidence | None:
    """One delivery, `{"received_at", "body": …}` for a webhook or `{"poll": …}`.

    None for a webhook that says nothing of a room. Raises MalformedEvidence.
    """
    if isinstance(data, dict):
        if "poll" in data:
            return parse_poll(data["poll"])
        if "body" in data:
            delivery = Fields(data, of="delivery", error=MalformedEvidence)
            return parse_webhook(
                data["body"],
                received_at=delivery.instant("received_at") if delivery.has("received_at") else None,
            )
    raise MalformedEvidence("the delivery has neither a webhook body nor a poll")


def parse_webhook(body: Any, *, received_at: int | None = None) -> Webhook | None:
    """A LiveKit webhook's body, which reached us at `received_at`. None where it names no room or no time.

    Raises MalformedEvidence where one that is about presence cannot be read.
    """
    event = Fields(body, of="webhook", error=MalformedEvidence)
    match event.text("event"):
        case "participant_joined" | "participant_left" if not _is_a_person(event.object("participant")):
            return _said(event, received_at)
        case "participant_joined":
            return Joined(*_stamp(event), *_participant(event), received_at)
        case "participant_left":
            who = event.object("participant")
            reason = who.raw("disconnectReason") or who.raw("disconnect_reason") or "UNKNOWN_REASON"
            joined_at = _seconds(who, "joinedAt", "joined_at")
            return Left(*_stamp(event), *_participant(event), joined_at, str(reason), received_at)
        case "room_finished":
            return RoomFinished(*_stamp(event), received_at)
        case _:
            return _said(event, received_at)


def parse_poll(poll: Any) -> Poll:
    """A poll of ours: `{"room", "at", "participants": [{"sid", "identity", "kind"}]}`, a person's kind left out.

    Raises MalformedEvidence.
    """
    fields = Fields(poll, of="poll", error=MalformedEvidence)
    listed = [(_listed(who), who.get("kind")) for who in fields.array("participants")]
    seen = tuple([who for who, kind in listed if kind in PERSON])
    return Poll(fields.text("room"), fields.instant("at"), seen)


def _stamp(event: Fields) -> tuple[str, str, int]:
    """Room, id and time. Without an id a webhook may count twice, which a union forgives."""
    at = _seconds(event, "createdAt", "created_at")
    if at is None:
        raise event.wrong("createdAt", "the second at which it happened")
    return event.object("room").text("name"), str(event.raw("id") or ""), at


def _said(event: Fields, received_at: int | None) -> Said | None:
    """What is not about presence may have any form; then it shows nothing of a clock either."""
    try:
        return Said(*_stamp(event), received_at)
    except MalformedEvidence:
        return None


def _listed(who: Any) -> tuple[str, str]:
    # Without Fields: nearly all that ever arrives are these, a million to a week.
    if isinstance(who, dict):
        sid, identity = who.get("sid"), who.get("identity", "")
        if isinstance(sid, str) and sid and isinstance(identity, str):
            return sid, identity
    raise MalformedEvidence(f"poll.participants has {who!r}; each must name its sid and identity")


def _is_a_person(who: Fields) -> bool:
    return who.raw("kind") in PERSON


def _participant(event: Fields) -> tuple[str, str]:
    who = event.object("participant")
    return who.text("sid"), str(who.raw("identity") or "")


def _seconds(fields: Fields, name: str, snake: str) -> int | None:
    """A protobuf int64 of epoch seconds: text or number. Zero means not set, as on the wire."""
    value = fields.raw(name)
    if value is None:
        value = fields.raw(snake)
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if type(value) is not int or not 0 <= value <= LAST_SECOND:
        raise fields.wrong(name, "whole seconds since 1970")
    return value or None
