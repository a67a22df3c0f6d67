"""The code that an authenticator app shows (RFC 6238, as RFC 4226 cuts it down to six digits), computed as the app does."""

import base64
import hashlib
import hmac
import struct
import time

STEP_S, TO_TYPE_S = 30, 2


def code(secret: str, *, at_s: float | None = None) -> str:
    """The code of the app at that moment of the machine's clock; now where none is named, or the next if that is about to
    change: nobody types one in its last two seconds."""
    if at_s is None:
        left_s = STEP_S - time.time() % STEP_S
        time.sleep(left_s if left_s < TO_TYPE_S else 0)
    counter = int(time.time() if at_s is None else at_s) // STEP_S
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    (value,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(value & 0x7FFFFFFF) % 1_000_000:06}"
