"""LiveKit's signalling over a WebSocket at `/rtc` (docs.livekit.io/reference/internals/client-protocol), as the unmodified
`livekit-client` speaks it with two peer connections: it publishes over one and is sent the others' tracks over the other.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from aiohttp import WSMsgType, web
from livekit.protocol import models as pb
from livekit.protocol import rtc

from marketplace.video_sandbox import tokens
from marketplace.video_sandbox.media import Peer
from marketplace.video_sandbox.records import Participant, Room
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.wire import TwirpError

log = logging.getLogger("video_sandbox")
PING_TIMEOUT_S, PING_EVERY_S = 15, 5
# How long somebody whose socket broke may take to come back before they count as gone.
AWAY_S = 5


class Signalling:
    """Everybody who is in by a WebSocket. Runs in one loop; the world around it may be moved from any thread."""

    def __init__(self, sandbox: Sandbox, loop: asyncio.AbstractEventLoop) -> None:
        self.sandbox, self._loop = sandbox, loop
        self._inside: dict[str, Connection] = {}
        sandbox.world.gone.append(self._gone)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One client's socket, from its coming in until it is closed."""
        try:
            room, who = await asyncio.to_thread(self._admit, request)
        except (tokens.Unverified, TwirpError) as refused:
            return web.Response(status=401, text=str(refused))
        socket = web.WebSocketResponse(max_msg_size=1_000_000)
        await socket.prepare(request)
        if "reconnect" in request.query:
            # It begins anew: what is asked to be resumed is not kept here.
            again = rtc.LeaveRequest(can_reconnect=True, action=rtc.LeaveRequest.Action.RECONNECT)
            await socket.send_bytes(rtc.SignalResponse(leave=again).SerializeToString())
            return socket
        connection = self._inside[who.sid] = Connection(self, room, who, socket)
        await connection.serve()
        return socket

    def others(self, connection: "Connection") -> list["Connection"]:
        inside = self._inside.values()
        return [each for each in inside if each.room.name == connection.room.name and each is not connection]

    async def tell(self, everyone: Iterable["Connection"], *infos: pb.ParticipantInfo) -> None:
        update = rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=infos))
        for each in everyone:
            await each.send(update)

    def leaves(self, connection: "Connection", *, reason: str) -> None:
        """In the world; what follows comes back by `_gone`."""
        with self.sandbox.lock:
            room = self.sandbox.world.rooms.get(connection.room.name)
            who = room.participants.get(connection.who.identity) if room else None
            if who is connection.who:
                self.sandbox.world.leave(connection.room.name, who.identity, reason=reason)

    async def close(self) -> None:
        for connection in list(self._inside.values()):
            await connection.end()

    def _admit(self, request: web.Request) -> tuple[Room, Participant]:
        text = request.query.get("access_token", "")
        with self.sandbox.lock:
            token = tokens.verify(text, key=self.sandbox.key, secret=self.sandbox.secret)
            name = str(token.video.get("room", ""))
            if "reconnect" in request.query:
                return self.sandbox.world.find(name, token.identity)
            who = self.sandbox.admit(name, text)
            return self.sandbox.world.rooms[name], who

    def _gone(self, room: Room, who: Participant, reason: str) -> None:
        """From whatever thread: tell the others, and close the socket of who is gone."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._part(who, reason)))

    async def _part(self, who: Participant, reason: str) -> None:
        connection = self._inside.pop(who.sid, None)
        if connection is None:
            return
        # The others first: who came again under the same name is told of after it.
        await self.tell(self.others(connection), who.message(reason=reason))
        leave = rtc.LeaveRequest(reason=reason, action=rtc.LeaveRequest.Action.DISCONNECT)
        await connection.send(rtc.SignalResponse(leave=leave))
        await connection.end()


class Connection:
    """One client: its socket and its media."""

    def __init__(
        self, inside: Signalling, room: Room, who: Participant, socket: web.WebSocketResponse
    ) -> None:
        self.inside, self.room, self.who, self.socket = inside, room, who, socket
        self.tracks: dict[str, pb.TrackInfo] = {}
        self.peer = Peer(offers=self._offers, gets=self._gets)
        self._tasks: set[asyncio.Task[None]] = set()

    def info(self) -> pb.ParticipantInfo:
        message = self.who.message()
        message.tracks.extend(self.tracks.values())
        message.is_publisher = bool(self.tracks)
        message.permission.CopyFrom(
            pb.ParticipantPermission(can_subscribe=True, can_publish=True, can_publish_data=True)
        )
        return message

    async def serve(self) -> None:
        others = self.inside.others(self)
        await self.send(
            rtc.SignalResponse(
                join=rtc.JoinResponse(
                    room=self.room.message(),
                    participant=self.info(),
                    other_participants=[each.info() for each in others],
                    server_version="1.9.0",
                    server_info=pb.ServerInfo(version="1.9.0", protocol=15),
                    subscriber_primary=False,
                    ping_timeout=PING_TIMEOUT_S,
                    ping_interval=PING_EVERY_S,
                )
            )
        )
        await self.inside.tell(others, self.info())
        for each in others:
            for sid, track in each.peer.published.items():
                self._later(self.peer.takes(each.who.sid, sid, track))
        async for message in self.socket:
            if message.type == WSMsgType.BINARY:
                await self._hear(rtc.SignalRequest.FromString(message.data))
        self._later(self._away())

    async def send(self, response: rtc.SignalResponse) -> None:
        if not self.socket.closed:
            try:
                await self.socket.send_bytes(response.SerializeToString())
            except ConnectionError:
                log.debug("%s is away", self.who.identity)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.peer.close()
        await self.socket.close()

    async def _hear(self, asked: rtc.SignalRequest) -> None:
        match asked.WhichOneof("message"):
            case "offer":
                sdp = await self.peer.answers(asked.offer.sdp)
                answer = rtc.SessionDescription(type="answer", sdp=sdp, id=asked.offer.id)
                await self.send(rtc.SignalResponse(answer=answer))
            case "answer":
                await self.peer.answered(asked.answer.sdp)
            case "trickle":
                to_publisher = asked.trickle.target == rtc.SignalTarget.PUBLISHER
                await self.peer.trickles(asked.trickle.candidateInit, to_publisher=to_publisher)
            case "add_track":
                await self._announce(asked.add_track)
            case "mute":
                await self._mute(asked.mute.sid, muted=asked.mute.muted)
            case "ping_req":
                pong = rtc.Pong(last_ping_timestamp=asked.ping_req.timestamp)
                await self.send(rtc.SignalResponse(pong_resp=pong))
            case "leave":
                await asyncio.to_thread(self.inside.leaves, self, reason="CLIENT_INITIATED")

    async def _announce(self, asked: rtc.AddTrackRequest) -> None:
        with self.inside.sandbox.lock:
            sid = self.inside.sandbox.world.ids.new("TR")
        track = pb.TrackInfo(
            sid=sid,
            type=asked.type,
            name=asked.name,
            source=asked.source,
            muted=asked.muted,
            width=asked.width,
            height=asked.height,
            mime_type="video/VP8" if asked.type == pb.TrackType.VIDEO else "audio/opus",
        )
        self.peer.expects("video" if asked.type == pb.TrackType.VIDEO else "audio", sid)
        self.tracks[sid] = track
        told = rtc.TrackPublishedResponse(cid=asked.cid, track=track)
        await self.send(rtc.SignalResponse(track_published=told))

    async def _mute(self, sid: str, *, muted: bool) -> None:
        if sid in self.tracks:
            self.tracks[sid].muted = muted
            await self.inside.tell(self.inside.others(self), self.info())

    async def _gets(self, sid: str, track: object) -> None:
        """A track of this client has begun: the others are told of it and sent it."""
        others = self.inside.others(self)
        await self.inside.tell([*others, self], self.info())
        for each in others:
            each._later(each.peer.takes(self.who.sid, sid, track))

    async def _offers(self, sdp: str, number: int) -> None:
        offer = rtc.SessionDescription(type="offer", sdp=sdp, id=number)
        await self.send(rtc.SignalResponse(offer=offer))

    async def _away(self) -> None:
        """The socket broke. Who is not back by then has left, as LiveKit says it."""
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(self.inside.leaves, self, reason="SIGNAL_CLOSE")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
