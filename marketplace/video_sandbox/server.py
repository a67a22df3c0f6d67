"""HTTP on top: the standard library's threading server, a thread that minds the clock and one that sends webhooks."""

import http.client
import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from marketplace.video_sandbox.door import handle
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.wire import Reply, Request

log = logging.getLogger("video_sandbox")
_LARGEST_BODY = 1_000_000
_SEND_TIMEOUT_S = 10
_IDLE_S = 0.05


class Server(ThreadingHTTPServer):
    """Serves one sandbox on one address until `stop`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0, sends: bool = True
    ) -> None:
        """`sends`: webhooks go out by themselves; else somebody calls `sandbox.deliver`."""
        self.sandbox = sandbox
        self.stopping = threading.Event()
        super().__init__((host, port), _Handler)
        self._workers = [
            threading.Thread(target=self._repeat, args=(sandbox.tick,), daemon=True),
            threading.Thread(target=self.serve_forever, kwargs={"poll_interval": _IDLE_S}, daemon=True),
        ]
        if sends:
            send = threading.Thread(target=self._repeat, args=(lambda: sandbox.deliver(post),), daemon=True)
            self._workers.append(send)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        for thread in self._workers:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for thread in self._workers:
            thread.join(timeout=_SEND_TIMEOUT_S + 1)

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


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    # Answers are small: waiting to fill a packet would cost 40 ms each.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_GET  # noqa: N815 -- the standard library's names

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self.send_error(413)
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            self.command, unquote(self.path.partition("?")[0]), headers, self.rfile.read(length)
        )
        reply = handle(self.server.sandbox, request)
        if reply.wait_s:
            self.server.stopping.wait(reply.wait_s)
        if reply.fate == "drop":
            self._hang_up()
        else:
            self._write(reply)

    def _write(self, reply: Reply) -> None:
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()
        except OSError:
            # The caller did not wait, which is what a slow answer is about.
            self.close_connection = True

    def _hang_up(self) -> None:
        """Close the connection without a word, as a broken network does."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the standard library's name
        log.debug(format, *args)
