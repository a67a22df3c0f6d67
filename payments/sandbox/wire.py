"""What goes over the wire: one request, one reply, and how form and JSON bodies are read."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

Json = dict[str, Any]

_KEY_PART = re.compile(r"\[([^\]]*)\]")
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower case; `query` is what stands behind the question mark."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """One answer. `fate` says whether the caller ever sees it: answered, dropped, or left hanging `hang_s`."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    fate: Literal["answer", "drop", "hang"] = "answer"
    hang_s: float = 0.0

    @property
    def json(self) -> Json:
        document: Json = json.loads(self.body)
        return document


class MalformedBodyError(ValueError):
    """The body is neither a form nor JSON that can be read."""


def json_reply(
    document: Json | list[Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """A reply that carries `document`, indented as Stripe prints it."""
    body = json.dumps(document, indent=2).encode()
    return Reply(status, body, {"Content-Type": "application/json", **(headers or {})})


def split_target(target: str) -> tuple[str, str]:
    """`/v1/transfers?limit=3` as path (unquoted) and query."""
    path, _, query = target.partition("?")
    return unquote(path), query


def read_form(text: str) -> Json:
    """`a[b][0]=x&c=y` as nested dictionaries of strings; a run of digits or nothing in brackets stays a key
    of a dictionary, since only the parameter's type says whether a list is meant."""
    tree: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        head, bracket, rest = key.partition("[")
        parts = [head, *_KEY_PART.findall(bracket + rest)] if bracket else [key]
        if len(parts) > _MAX_DEPTH:
            raise MalformedBodyError("Parameters are nested too deeply.")
        _plant(tree, parts, value)
    return tree


def _plant(tree: Json, parts: list[str], value: str) -> None:
    node = tree
    for part in parts[:-1]:
        name = part or str(len(node))
        branch = node.setdefault(name, {})
        if not isinstance(branch, dict):
            raise MalformedBodyError(f"Parameter {parts[0]} is given both as a value and as a hash.")
        node = branch
    last = parts[-1] or str(len(node))
    node[last] = value


def read_json(body: bytes) -> Json:
    """A v2 body: a JSON object, or nothing at all."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body)
    except ValueError as problem:
        raise MalformedBodyError("The request body is not valid JSON.") from problem
    if not isinstance(document, dict):
        raise MalformedBodyError("The request body must be a JSON object.")
    return document
