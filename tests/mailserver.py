"""A mail server that takes every mail, on a port of its own: enough of SMTP for Django's backend."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from typing import ClassVar


class MailServer(socketserver.ThreadingTCPServer):
    """`connections` and `mails` count what came; after `hangs_up_after` mails of a connection it is closed."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, hangs_up_after: int = 0) -> None:
        self.connections, self.mails, self.hangs_up_after = 0, 0, hangs_up_after
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer
    ANSWERS: ClassVar = {b"DATA": b"354 Go on", b"QUIT": b"221 Bye"}

    def handle(self) -> None:
        self.server.connections += 1
        self._say(b"220 here")
        taken = 0
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            self._say(self.ANSWERS.get(word, b"250 Yes"))
            if word == b"QUIT":
                return
            if word == b"DATA":
                self._take()
                taken += 1
                if taken == self.server.hangs_up_after:
                    return

    def _take(self) -> None:
        while self.rfile.readline() != b".\r\n":
            pass
        self.server.mails += 1
        self._say(b"250 Taken")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextlib.contextmanager
def running(*, hangs_up_after: int = 0) -> Iterator[MailServer]:
    with MailServer(hangs_up_after=hangs_up_after) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
