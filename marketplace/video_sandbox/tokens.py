"""Access tokens: signed with the secret of the key that they name, as docs.livekit.io/frontends/authentication/tokens says.

Their times are checked against the machine's own clock, by which every LiveKit SDK signs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

LEEWAY_S = 60


class Unverified(Exception):
    """The token proves nothing."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a verified token says. `nbf` is the second from which it holds."""

    identity: str
    name: str
    kind: str
    nbf: int
    video: Mapping[str, Any]

    def may_administer(self, room: str) -> bool:
        return self.video.get("roomAdmin") is True and self.video.get("room") == room

    def may(self, grant: str) -> bool:
        """`grant` as in the token: `roomCreate`, `roomList`, `roomJoin`."""
        return self.video.get(grant) is True


def verify(text: str, *, key: str, secret: str) -> Token:
    """The token, once its signature, key and time hold. Raises Unverified with LiveKit's words."""
    try:
        claims = jwt.decode(
            text, secret, algorithms=["HS256"], leeway=LEEWAY_S, options={"require": ["exp", "iss"]}
        )
    except jwt.PyJWTError as problem:
        raise Unverified(f"invalid token, error: {problem}") from problem
    if claims["iss"] != key:
        raise Unverified(f"invalid API key: {claims['iss']}")
    return Token(
        identity=str(claims.get("sub", "")),
        name=str(claims.get("name", "")),
        kind=str(claims.get("kind", "")).upper() or "STANDARD",
        nbf=int(claims.get("nbf", 0)),
        video=claims.get("video") or {},
    )
