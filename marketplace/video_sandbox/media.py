"""The media of one client, by aiortc: what it publishes is handed on to the others as it arrives, decoded and encoded anew."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.sdp import candidate_from_sdp

# On loopback only, as all of the sandbox: aioice would offer every other address of the machine, and never this one.
aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]
ANSWER_WITHIN_S = 10
_relay = MediaRelay()


class Peer:
    """The two peer connections of one client. `offers` sends it an offer; `gets` is told of each track that it publishes."""

    def __init__(
        self, *, offers: Callable[[str, int], Awaitable[None]], gets: Callable[[str, Any], Awaitable[None]]
    ) -> None:
        self._offers, self._gets = offers, gets
        self.published: dict[str, Any] = {}
        self._expected: dict[str, str] = {}
        self._publisher, self._subscriber = _connection(), _connection()
        self._publisher.add_listener("track", self._begins)
        self._turn, self._answer, self._number = asyncio.Lock(), asyncio.Event(), 0

    def expects(self, kind: str, sid: str) -> None:
        """The client will publish a track of that kind: one of each, as a camera and a microphone are."""
        self._expected[kind] = sid

    async def answers(self, sdp: str) -> str:
        """The answer to the offer of what it publishes."""
        await self._publisher.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await self._publisher.setLocalDescription(await self._publisher.createAnswer())
        return str(self._publisher.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        if self._subscriber.signalingState == "have-local-offer":
            await self._subscriber.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        self._answer.set()

    async def trickles(self, text: str, *, to_publisher: bool) -> None:
        said = json.loads(text)
        line = said.get("candidate", "").removeprefix("candidate:")
        connection = self._publisher if to_publisher else self._subscriber
        if not line or "tcp" in line.lower() or connection.remoteDescription is None:
            return
        candidate = candidate_from_sdp(line)
        candidate.sdpMid, candidate.sdpMLineIndex = said.get("sdpMid"), said.get("sdpMLineIndex")
        await connection.addIceCandidate(candidate)

    async def takes(self, owner: str, sid: str, track: Any) -> None:
        """Send the client somebody's track, under the names by which LiveKit's client knows whose it is.

        One whose publisher is gone ends by itself and keeps its place: who comes after is sent in a new one, which the client
        hears of.
        """
        async with self._turn:
            made = self._subscriber.addTransceiver(_relay.subscribe(track), direction="sendonly")
            sender = made.sender
            sender._stream_id, sender._track_id = f"{owner}|{sid}", sid
            await self._offer()

    async def close(self) -> None:
        await self._publisher.close()
        await self._subscriber.close()

    async def _offer(self) -> None:
        self._number += 1
        self._answer.clear()
        await self._subscriber.setLocalDescription(await self._subscriber.createOffer())
        await self._offers(self._subscriber.localDescription.sdp, self._number)
        await asyncio.wait_for(self._answer.wait(), ANSWER_WITHIN_S)

    async def _begins(self, track: Any) -> None:
        sid = self._expected.pop(track.kind, "")
        if not sid:
            return
        self.published[sid] = track
        await self._gets(sid, track)


def _connection() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
