"""Reads a request's body before anyone works on it: by so many bytes and so many seconds, or the request is refused.

A sender who takes his time then holds a socket and nothing else: threads and database wait for nobody's upload.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

MOST_BYTES = 1_000_000  # what people and Stripe send is below a tenth of it, but for files
WITHIN_S = 20.0


class SenderLeft(Exception):
    """The other side hung up before its body was whole."""


class Refused(Exception):
    """A body that is not taken; `problem` is what its sender is told."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["code"])
        self.problem = problem


class WholeBodies:
    """ASGI: gives `app` each request with its body read, in one message and with its length told.

    Answers 413 `body_too_large` beyond `most_bytes` and 408 `body_too_slow` after `within_s`, and hangs up. `larger` says
    how many bytes may come to which path, where a file is sent; its sender has three times as long.
    """

    def __init__(
        self,
        app: App,
        *,
        refusal: Callable[[str, str], dict[str, Any]],
        most_bytes: int = MOST_BYTES,
        within_s: float = WITHIN_S,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.app, self.refusal, self.larger = app, refusal, larger
        self.most_bytes, self.within_s = most_bytes, within_s

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await self._whole(receive, self.larger.get(scope["path"]))
        except SenderLeft:
            return
        except Refused as refused:
            await _answer(refused.problem, send)
            return
        await self.app({**scope, "headers": _told(scope, body)}, _again(body, receive), send)

    async def _whole(self, receive: Receive, larger: int | None) -> bytes:
        most_bytes = larger or self.most_bytes
        within_s = self.within_s * 3 if larger else self.within_s
        # What is announced is not judged: an answer to a proxy in the middle of sending reaches nobody.
        try:
            async with asyncio.timeout(within_s):
                return await self._read(receive, most_bytes)
        except TimeoutError:
            detail = f"The body was not whole after {within_s:g} seconds. Nothing was done; send it again."
            raise Refused(self.refusal("body_too_slow", detail)) from None

    async def _read(self, receive: Receive, most_bytes: int) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise SenderLeft
            body += message.get("body", b"")
            if len(body) > most_bytes:
                raise self._too_large(most_bytes)
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self, most_bytes: int) -> Refused:
        detail = f"The body is larger than {most_bytes:,} bytes. Nothing was done."
        return Refused(self.refusal("body_too_large", detail))


def _told(scope: Message, body: bytes) -> list[tuple[bytes, bytes]]:
    """The headers, with the length of what was read; none with an underscore, which WSGI could not tell from a hyphen."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if b"_" not in name and name not in (b"content-length", b"transfer-encoding")
    ]
    return [*kept, (b"content-length", str(len(body)).encode())] if body else kept


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body whole once, then what else comes."""
    waiting = [body]

    async def once() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return once


async def _answer(problem: dict[str, Any], send: Send) -> None:
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        # What is still to come of the body is not waited for.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
