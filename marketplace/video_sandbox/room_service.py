"""LiveKit's room service over Twirp: `POST /twirp/livekit.RoomService/<Method>`, protobuf or JSON, with an access token."""

import time
from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError
from livekit.protocol import room as pb

from marketplace.video_sandbox import tokens
from marketplace.video_sandbox.tokens import Token
from marketplace.video_sandbox.wire import Reply, Request, TwirpError
from marketplace.video_sandbox.world import World

PREFIX = "/twirp/livekit.RoomService/"
REVOCATION_LEEWAY_S = 60
JSON, PROTOBUF = "application/json", "application/protobuf"
Operation = Callable[[World, Token, Any], Any]
_METHODS: dict[str, tuple[type[Any], Operation]] = {}


def _method(request: type[Any]) -> Callable[[Operation], Operation]:
    """`create_room` answers CreateRoom."""

    def keep(operation: Operation) -> Operation:
        name = "".join(word.capitalize() for word in operation.__name__.split("_"))
        _METHODS[name] = (request, operation)
        return operation

    return keep


def answer(world: World, request: Request, *, key: str, secret: str) -> Reply:
    """Carry out one call. Whoever proves nothing gets a plain 401, as from LiveKit's middleware."""
    text = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        token = tokens.verify(text, key=key, secret=secret)
    except tokens.Unverified as problem:
        return Reply(401, str(problem).encode(), "text/plain")
    try:
        return _carry_out(world, request, token)
    except TwirpError as refusal:
        return refusal.reply()


def _carry_out(world: World, request: Request, token: Token) -> Reply:
    name, kind = request.path.removeprefix(PREFIX), request.headers.get("content-type", "").split(";")[0]
    if name not in _METHODS or request.method != "POST" or kind not in (JSON, PROTOBUF):
        raise TwirpError("bad_route", f"no handler for path {request.path}")
    wanted, operation = _METHODS[name]
    try:
        asked = (
            wanted.FromString(request.body)
            if kind == PROTOBUF
            else Parse(request.body, wanted(), ignore_unknown_fields=True)
        )
    except (DecodeError, ParseError) as problem:
        raise TwirpError("malformed", "the request could not be decoded") from problem
    answered = operation(world, token, asked)
    body = answered.SerializeToString() if kind == PROTOBUF else MessageToJson(answered).encode()
    return Reply(200, body, kind)


def _need(allowed: bool) -> None:
    # LiveKit answers a missing grant as unauthenticated (livekit-server, pkg/service/auth.go).
    if not allowed:
        raise TwirpError("unauthenticated", "permissions denied")


@_method(pb.CreateRoomRequest)
def create_room(world: World, token: Token, asked: Any) -> Any:
    _need(token.may("roomCreate"))
    if not asked.name:
        raise TwirpError("invalid_argument", "no room name")
    given = {"empty_timeout_s": asked.empty_timeout, "departure_timeout_s": asked.departure_timeout}
    kept = {name: value for name, value in given.items() if value}
    return world.open(asked.name, node=asked.node_id, metadata=asked.metadata, **kept).message()


@_method(pb.ListRoomsRequest)
def list_rooms(world: World, token: Token, asked: Any) -> Any:
    _need(token.may("roomList"))
    found = [room for name, room in world.rooms.items() if not asked.names or name in asked.names]
    return pb.ListRoomsResponse(rooms=[room.message() for room in found])


@_method(pb.DeleteRoomRequest)
def delete_room(world: World, token: Token, asked: Any) -> Any:
    _need(token.may("roomCreate"))
    world.delete(asked.room)
    return pb.DeleteRoomResponse()


@_method(pb.ListParticipantsRequest)
def list_participants(world: World, token: Token, asked: Any) -> Any:
    """A room that is not there has none: LiveKit does not say not_found here."""
    _need(token.may_administer(asked.room))
    room = world.rooms.get(asked.room)
    people = [who.message() for who in room.participants.values()] if room else []
    return pb.ListParticipantsResponse(participants=people)


@_method(pb.RoomParticipantIdentity)
def get_participant(world: World, token: Token, asked: Any) -> Any:
    _need(token.may_administer(asked.room))
    return world.find(asked.room, asked.identity)[1].message()


@_method(pb.RoomParticipantIdentity)
def remove_participant(world: World, token: Token, asked: Any) -> Any:
    """Out, and (on LiveKit Cloud; here where `revokes`) not in again with a token of before `revoke_token_ts`."""
    _need(token.may_administer(asked.room))
    world.find(asked.room, asked.identity)
    # By the machine's own clock, as the tokens are.
    cutoff = asked.revoke_token_ts or int(time.time()) + REVOCATION_LEEWAY_S
    world.revoked[asked.room, asked.identity] = cutoff
    world.leave(asked.room, asked.identity, reason="PARTICIPANT_REMOVED")
    return pb.RemoveParticipantResponse()


@_method(pb.UpdateRoomMetadataRequest)
def update_room_metadata(world: World, token: Token, asked: Any) -> Any:
    _need(token.may_administer(asked.room))
    if asked.room not in world.rooms:
        raise TwirpError("not_found", "requested room does not exist")
    world.rooms[asked.room].metadata = asked.metadata
    return world.rooms[asked.room].message()
