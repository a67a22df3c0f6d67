"""A LiveKit of the tests' own: the stand-in over HTTP on loopback, its controls as verbs, its clock the story's."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.test import Client
from livekit.api import LiveKitAPI

from marketplace.video_sandbox.door import handle
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.server import Server
from marketplace.video_sandbox.wire import Request

T = TypeVar("T")
Sent = tuple[dict[str, str], bytes]


class LiveKit:
    """`url` is where it answers. What it sends is kept in `sent` until somebody delivers it."""

    def __init__(self, *, at: datetime, seed: int = 1, revokes: bool = False) -> None:
        key, secret = settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET
        self.sandbox = Sandbox(key=key, secret=secret, webhook_url="kept", seed=seed, revokes=revokes)
        self.url = ""
        self.it_is(at)

    @contextmanager
    def answering(self) -> Iterator["LiveKit"]:
        """It answers calls within the block. Its webhooks wait for `webhooks`, so that a test sees each."""
        server = Server(self.sandbox, sends=False)
        self.url = server.url
        server.start()
        try:
            yield self
        finally:
            server.stop()

    def control(self, path: str, *, status: int = 200, method: str = "POST", **body: Any) -> Any:
        """One control's answer."""
        request = Request(method, f"/_sandbox/{path}", {}, json.dumps(body).encode())
        reply = handle(self.sandbox, request)
        assert reply.status == status, reply.body
        return json.loads(reply.body)

    def it_is(self, at: datetime) -> None:
        self.control("clock", now=at.isoformat(), frozen=True)

    def joins(self, room: str, identity: str, **more: Any) -> str:
        """Someone comes in; their sid."""
        return str(self.control(f"rooms/{room}/join", identity=identity, **more)["sid"])

    def leaves(self, room: str, identity: str, **more: Any) -> None:
        self.control(f"rooms/{room}/leave", identity=identity, **more)

    def inside(self, room: str) -> list[str]:
        """Who is in the room, by identity."""
        rooms = self.control("rooms", method="GET")["rooms"]
        return [who["identity"] for each in rooms if each["name"] == room for who in each["people"]]

    def told(self) -> list[str]:
        """The names of all events so far."""
        return [event["event"] for event in self.control("webhooks", method="GET")["told"]]

    def webhooks(self, *, status: int = 200) -> list[Sent]:
        """Those that are due are sent, and answered with `status`."""
        sent: list[Sent] = []

        def send(_: str, headers: dict[str, str], body: bytes) -> int:
            sent.append((headers, body))
            return status

        self.sandbox.deliver(send)
        return sent

    def asks(self, ask: Callable[[LiveKitAPI], Awaitable[T]], *, key: str = "", secret: str = "") -> T:
        """What LiveKit's own SDK gets to hear."""

        async def call() -> T:
            given = (key or settings.LIVEKIT_API_KEY, secret or settings.LIVEKIT_API_SECRET)
            async with LiveKitAPI(self.url, *given) as client:
                return await ask(client)

        return asyncio.run(call())


def delivered(sent: list[Sent]) -> None:
    """They arrive at the house's own door."""
    for headers, body in sent:
        answer = Client().post(
            "/webhooks/livekit",
            body,
            content_type=headers["Content-Type"],
            headers={"Authorization": headers["Authorization"]},
        )
        assert answer.status_code == 200, answer.content
