"""HTTP on top: the standard library's threading server, and the threads that send webhooks and mind the clock."""

import http.client
import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from payments.sandbox.sandbox import Sandbox
from payments.sandbox.wire import Reply

log = logging.getLogger("sandbox")

_LARGEST_BODY = 5_000_000
_SEND_TIMEOUT_S = 10
_IDLE_S = 0.1


class Server(ThreadingHTTPServer):
    """Serves one sandbox on one address until `stop`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0, senders: int = 2) -> None:
        self.sandbox = sandbox
        self.stopping = threading.Event()
        super().__init__((host, port), _Handler)
        sandbox.world.options.base_url = self.url
        self._workers = [threading.Thread(target=self._mind_clock, daemon=True)]
        self._workers += [threading.Thread(target=self._send_webhooks, daemon=True) for _ in range(senders)]

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        for thread in self._workers:
            thread.start()
        serving = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        self._workers.append(serving)

    def stop(self) -> None:
        """Answer what is being answered, then close the books."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for thread in self._workers:
            thread.join(timeout=_SEND_TIMEOUT_S + 1)
        self.sandbox.close()

    def _mind_clock(self) -> None:
        self._repeat(self.sandbox.tick)

    def _send_webhooks(self) -> None:
        def send_some() -> None:
            while not self.stopping.is_set() and self.sandbox.deliver(send_webhook, limit=10):
                pass

        self._repeat(send_some)

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self.stopping.wait(_IDLE_S):
            try:
                work()
            except Exception:
                # A single bad delivery or due action must not end the thread that all the others need.
                log.exception("Background work of the sandbox failed")
                self.stopping.wait(1)


def send_webhook(url: str, headers: dict[str, str], body: bytes) -> int:
    """POST one delivery; the HTTP status, or 0 when there was no answer in time."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_SEND_TIMEOUT_S)
    except (ValueError, http.client.InvalidURL):
        return 0
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", target, body=body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    # Answers are small: waiting to fill a packet would cost 40 ms each.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_PUT = do_HEAD = do_GET  # noqa: N815 - the standard library's names

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self.send_error(413)
            self.close_connection = True
            return
        body = self.rfile.read(length) if length else b""
        if self.server.stopping.is_set():
            self._hang_up()
            return
        reply = self.server.sandbox.handle(self.command, self.path, dict(self.headers.items()), body)
        if reply.fate == "hang":
            self.server.stopping.wait(reply.hang_s)
        if reply.fate != "answer":
            self._hang_up()
            return
        self._write(reply)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        """Close the connection without a word, as a broken network does."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The caller was gone first, which is what the fault is about.
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        log.debug(format, *args)
