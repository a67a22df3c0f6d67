"""HTTP and WebSocket on top: one loop in a thread of its own, a thread that minds the clock and one that sends webhooks."""

import asyncio
import http.client
import logging
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

from marketplace.video_sandbox.door import handle
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.signalling import Signalling
from marketplace.video_sandbox.wire import Reply, Request

log = logging.getLogger("video_sandbox")
_LARGEST_BODY = 1_000_000
_SEND_TIMEOUT_S = 10
_IDLE_S = 0.05


class Server:
    """Serves one sandbox on one address until `stop`."""

    def __init__(
        self, sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0, sends: bool = True
    ) -> None:
        """`sends`: webhooks go out by themselves; else somebody calls `sandbox.deliver`."""
        self.sandbox = sandbox
        self.stopping, self._serves = threading.Event(), threading.Event()
        self._socket = socket.create_server((host, port), backlog=128)
        self._loop = asyncio.new_event_loop()
        self._workers = [
            threading.Thread(target=self._repeat, args=(sandbox.tick,), daemon=True),
            threading.Thread(target=self._serve, daemon=True),
        ]
        if sends:
            send = threading.Thread(target=self._repeat, args=(lambda: sandbox.deliver(post),), daemon=True)
            self._workers.append(send)

    @property
    def url(self) -> str:
        host, port, *_ = self._socket.getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        """Serve in the background."""
        for thread in self._workers:
            thread.start()
        self._serves.wait(_SEND_TIMEOUT_S)

    def stop(self) -> None:
        self.stopping.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._workers:
            thread.join(timeout=_SEND_TIMEOUT_S + 1)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=_LARGEST_BODY)
        signalling = Signalling(self.sandbox, self._loop)
        app.router.add_get("/rtc", signalling.answer)
        app.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.SockSite(runner, self._socket).start())
        self._loop.call_soon(self._serves.set)
        self._loop.run_forever()
        self._loop.run_until_complete(signalling.close())
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _answer(self, asked: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(asked.method, asked.path, headers, await asked.read())
        reply: Reply = await asyncio.to_thread(handle, self.sandbox, request)
        if reply.wait_s:
            await asyncio.to_thread(self.stopping.wait, reply.wait_s)
        if reply.fate == "drop" and asked.transport is not None:
            asked.transport.abort()  # without a word, as a broken network does
        # As LiveKit, to pages from anywhere: its client asks by HTTP why a socket was not opened.
        headers = {"Access-Control-Allow-Origin": "*"}
        status = reply.status or 500
        return web.Response(status=status, body=reply.body, content_type=reply.content_type, headers=headers)

    def _repeat(self, work: Callable[[], object]) -> None:
        while not self.stopping.wait(_IDLE_S):
            try:
                work()
            except Exception:
                # One bad delivery must not end the thread that all the others need.
                log.exception("Background work of the sandbox failed")
                self.stopping.wait(1)


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """POST one webhook; the HTTP status, or 0 when there was no answer in time."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SEND_TIMEOUT_S)
    try:
        connection.request("POST", parts.path or "/", body=body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
