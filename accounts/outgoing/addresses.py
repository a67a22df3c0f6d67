"""Which addresses a message may be posted to, and the posting: to a stranger's machine, never to one of ours.

A name is looked up once, each of its addresses must be a public one, and the connection goes to the address that was
looked at (a name that answers otherwise a moment later changes nothing). Nothing is followed. See OWASP, "Server Side
Request Forgery Prevention".
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from kit.errors import DomainError

WHOLE_S, CONNECT_S, LOOK_UP_S = 15.0, 5.0, 5.0
# A look-up cannot be stopped, only left alone: so many may hang in a process, and then no other begins.
MOST_LOOK_UPS = 8
_LOOK_UPS = threading.BoundedSemaphore(MOST_LOOK_UPS)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# What looks public and may lead inside: translations of IPv4 addresses into IPv6 (RFC 6052, 3056, 4380).
TRANSLATED = [
    ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


class AddressRefused(DomainError):
    """Give an https:// address that the whole internet can reach."""

    code = "webhook_address_refused"
    status = 422
    title = "Nothing can be sent to that address"


class Unanswered(Exception):
    """No answer came; the words say why, and nothing of what the other side said."""


def check(address: str) -> SplitResult:
    """The address in its parts. Raises AddressRefused (422) for what nothing is ever sent to."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AddressRefused("That is no address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise AddressRefused("An address begins with https:// and a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("Leave out names, passwords and the part after #: messages prove themselves.")
    if not address.isascii() or any(sign.isspace() or sign < " " for sign in address):
        raise AddressRefused("Write it as a browser sends it: ASCII, without spaces.")
    return parts


def look_up(parts: SplitResult) -> Address:
    """Where that host is now. Raises AddressRefused unless all of its addresses may be posted to, Unanswered where it is
    unknown, or nobody says so within LOOK_UP_S."""
    addresses = _resolve(str(parts.hostname), _port(parts))
    for address in addresses:
        if not (_is_public(address) and parts.scheme == "https") and not _is_allowed(address):
            raise AddressRefused("It must be an https:// address that the whole internet can reach.")
    return addresses[0]


def _resolve(host: str, port: int) -> list[Address]:
    """Asked in a thread of its own: the system's resolver knows no time limit."""
    if not _LOOK_UPS.acquire(blocking=False):
        raise Unanswered("too many hosts are being looked up")
    found: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([ipaddress.ip_address(row[4][0]) for row in rows])
        except (OSError, UnicodeError):
            found.put([])
        finally:
            _LOOK_UPS.release()

    threading.Thread(target=ask, daemon=True, name="look-up").start()
    try:
        addresses = found.get(timeout=LOOK_UP_S)
    except queue.Empty:
        raise Unanswered("nobody says in time where the host is") from None
    if not addresses:
        raise Unanswered("the host is not known")
    return addresses


def post(address: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Post it; the status of the answer. Raises AddressRefused, Unanswered. Takes WHOLE_S at most, however slowly the
    other side drips."""
    parts = check(address)
    connection = _Pinned(parts, look_up(parts))
    over = threading.Timer(WHOLE_S, connection.shut)
    over.daemon = True
    over.start()
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", target, body=body, headers=dict(headers))
        return connection.getresponse().status
    except ssl.SSLError:
        raise Unanswered("its certificate is not valid, or it speaks no TLS") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Unanswered("no answer came in time, or none that can be read") from None
    finally:
        over.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """To the address that was looked at, whatever the name says by now."""

    def __init__(self, parts: SplitResult, address: Address) -> None:
        self.default_port = 443 if parts.scheme == "https" else 80
        super().__init__(str(parts.hostname), _port(parts), timeout=CONNECT_S)
        self._address, self._is_safe, self._is_over = address, parts.scheme == "https", False

    def connect(self) -> None:
        self.sock = socket.create_connection((str(self._address), self.port), self.timeout)
        self.sock.settimeout(WHOLE_S)
        if self._is_safe:
            # The wrapped socket is known before it shakes hands, so that it can be shut in the midst of that.
            safe = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = safe
            self._refuse_late()
            safe.do_handshake()
        self._refuse_late()

    def _refuse_late(self) -> None:
        """Time may have run out between two sockets, when there was none to shut."""
        if self._is_over:
            raise TimeoutError

    def shut(self) -> None:
        self._is_over = True
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self.sock.shutdown(socket.SHUT_RDWR)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if any(address in each for each in TRANSLATED):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(address: Address) -> bool:
    """Within a network of the house's own that its settings name: a laptop's loopback, or a company's own net."""
    return any(address in ipaddress.ip_network(each) for each in settings.WEBHOOK_NETWORKS)
