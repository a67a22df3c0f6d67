"""The sandbox without a socket: the SDK's own transport, for tests.

sandbox = Sandbox()
client = stripe.StripeClient("sk_test_sandbox", http_client=InProcessClient(sandbox))
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict
from stripe import APIConnectionError, HTTPClient

from payments.sandbox.sandbox import Sandbox


class InProcessClient(HTTPClient):
    """Runs the whole SDK against a sandbox in the same process, synchronously and asynchronously.

    A dropped or hanging answer raises stripe.APIConnectionError at once, as the SDK would after its time-out.
    """

    name = "sandbox"

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox = sandbox

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        reply = self.sandbox.handle(method, target, dict(headers or {}), body)
        if reply.fate != "answer":
            what = "was closed" if reply.fate == "drop" else "timed out"
            message = f"The connection to the sandbox {what} before an answer came."
            raise APIConnectionError(message, should_retry=True)  # type: ignore[no-untyped-call]  # the SDK's own
        return reply.body.decode(), reply.status, CaseInsensitiveDict(reply.headers)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        body, status, answered = self.request(method, url, headers, post_data)
        return body.encode(), status, answered

    def close(self) -> None:
        """Nothing is open."""

    async def close_async(self) -> None:
        """Nothing is open."""

    async def sleep_async(self, secs: float) -> None:
        import asyncio  # noqa: PLC0415 - only asynchronous callers need it

        await asyncio.sleep(secs)
