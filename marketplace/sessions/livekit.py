"""LiveKit's API as the house calls it: many calls at once, each for a while, never within a transaction.

A call that fails is a value, so that one room's failure is none of another's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from django.conf import settings
from livekit.api import LiveKitAPI, ServerError
from livekit.api.room_service import RoomService
from livekit.protocol import room as proto
from livekit.protocol.models import ParticipantInfo

PATIENCE_S = 5.0
AT_ONCE = 16
NOT_FOUND = "not_found"
K = TypeVar("K")
T = TypeVar("T")
Call = Callable[[RoomService], Awaitable[T]]


@dataclass(frozen=True)
class Failure:
    """LiveKit did not do it. `code` is Twirp's, or `no_answer`."""

    code: str
    words: str


def call_all(calls: Mapping[K, Call[T]]) -> dict[K, T | Failure]:
    """Each call's answer or its failure; all at once, within PATIENCE_S. Give it AT_ONCE at most."""
    return asyncio.run(_call_all(calls)) if calls else {}


def participants(room: str) -> Call[list[ParticipantInfo]]:
    """Everyone in a room. LiveKit answers an empty list for a room that it does not have; some versions NOT_FOUND."""

    async def call(service: RoomService) -> list[ParticipantInfo]:
        answer = await service.list_participants(proto.ListParticipantsRequest(room=room))
        return list(answer.participants)

    return call


def delete_room(room: str) -> Call[None]:
    """Put everyone out and close the room. NOT_FOUND: it is closed."""

    async def call(service: RoomService) -> None:
        await service.delete_room(proto.DeleteRoomRequest(room=room))

    return call


def remove(room: str, identity: str) -> Call[None]:
    """Put someone out; on LiveKit Cloud their tokens end with it. NOT_FOUND: they are not there."""

    async def call(service: RoomService) -> None:
        await service.remove_participant(proto.RoomParticipantIdentity(room=room, identity=identity))

    return call


async def _call_all(calls: Mapping[K, Call[T]]) -> dict[K, T | Failure]:
    keys = (settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    async with LiveKitAPI(settings.LIVEKIT_URL, *keys, failover=False) as client:
        answers = await asyncio.gather(*(_one(call, client.room) for call in calls.values()))
    return dict(zip(calls, answers, strict=True))


async def _one(call: Call[T], service: RoomService) -> T | Failure:
    try:
        # Here, and not by the client's own time-out, which livekit-api 1.2 switches off with each request.
        return await asyncio.wait_for(call(service), PATIENCE_S)
    except ServerError as refusal:
        return Failure(refusal.code, f"{refusal.status} {refusal.code}")
    except TimeoutError:
        return Failure("no_answer", f"no answer within {PATIENCE_S:.0f} s")
    except (aiohttp.ClientError, OSError) as error:
        return Failure("no_answer", f"no connection ({type(error).__name__})")
