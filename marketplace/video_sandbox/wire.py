"""One request, one reply, and the errors of Twirp (twitchtv.github.io/twirp/docs/errors.html)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

STATUS_OF = {
    "invalid_argument": 400,
    "malformed": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "resource_exhausted": 429,
    "failed_precondition": 412,
    "unimplemented": 501,
    "internal": 500,
    "unavailable": 503,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """One answer. `fate` says whether the caller sees it; `wait_s` how long it takes."""

    status: int
    body: bytes
    content_type: str = "application/json"
    fate: Literal["answer", "drop"] = "answer"
    wait_s: float = 0.0


class TwirpError(Exception):
    """A refusal as LiveKit's services word it. `code` is one of STATUS_OF."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    def reply(self) -> Reply:
        document = {"code": self.code, "msg": self.message}
        return json_reply(document, status=STATUS_OF[self.code])


def json_reply(document: Json, *, status: int = 200) -> Reply:
    return Reply(status, json.dumps(document).encode())
