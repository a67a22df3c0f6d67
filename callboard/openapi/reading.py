"""The OpenAPI document taken apart for a page: each operation with its fields in rows and an example of each side."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from accounts.access.schema import NOT_ONCE
from accounts.keys.operations import SCOPES
from callboard.openapi import document

DEEPEST = 4
VALUES: dict[str, Any] = {"integer": 1, "boolean": True, "object": {}, "number": 1, "null": None}
FORMATS = {
    "date-time": "time, RFC 3339 in UTC",
    "date": "date",
    "email": "mail address",
    "uri": "address",
    "uuid": "uuid",
}
SAMPLES = {
    "date-time": "2026-11-10T15:00:00Z",
    "date": "2026-11-09",
    "email": "robin@example.org",
    "uri": "https://example.org",
}


@dataclass(frozen=True)
class Field:
    """A row: `name` is dotted where it stands inside another, with [] for each of a list."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Refusal:
    status: str
    codes: list[str]


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    description: str
    audience: str
    scope: str
    not_once: str
    parameters: list[Field]
    body: list[Field]
    sent: str
    status: str
    answer: list[Field]
    received: str
    refusals: list[Refusal]


@dataclass(frozen=True)
class Resource:
    """The operations whose addresses begin alike."""

    name: str
    title: str
    operations: list[Operation]


@cache
def resources() -> list[Resource]:
    """All of them, in the order of the alphabet. Made once: the document does not change while a process runs."""
    found = document.generate()
    reader = _Reader(found["components"]["schemas"])
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in found["paths"].items():
        for method, described in methods.items():
            by_tag.setdefault(described["tags"][0], []).append(reader.operation(path, method, described))
    return [Resource(tag, tag.replace("-", " ").capitalize(), by_tag[tag]) for tag in sorted(by_tag)]


class _Reader:
    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def operation(self, path: str, method: str, described: dict[str, Any]) -> Operation:
        status = next(status for status in described["responses"] if status < "300")
        body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        answer = described["responses"][status].get("content", {}).get("application/json", {}).get("schema")
        scopes = [scope for way in described["security"] for scope in way.get("company_key", [])]
        return Operation(
            name=described["operationId"],
            method=method.upper(),
            path=path,
            summary=described["summary"],
            description=_plain(described.get("description", "")),
            audience=", ".join(described["x-audience"]),
            scope=f"{scopes[0]} ({SCOPES[scopes[0]].lower()})" if scopes else "",
            not_once=described.get(NOT_ONCE, ""),
            parameters=[self._parameter(each) for each in described.get("parameters", [])],
            body=list(self._fields(body)) if body else [],
            sent=_pretty(self._sample(body)) if body else "",
            status=status,
            answer=list(self._fields(answer)) if answer else [],
            received=_pretty(self._sample(answer)) if answer else "",
            refusals=[
                Refusal(status, refused["x-codes"])
                for status, refused in described["responses"].items()
                if "x-codes" in refused
            ],
        )

    def _parameter(self, parameter: dict[str, Any]) -> Field:
        where = {"path": "in the address", "query": "in the query", "header": "as a header"}[parameter["in"]]
        kind = f"{self._kind(parameter['schema'])}, {where}"
        return Field(
            parameter["name"],
            kind,
            parameter.get("required", False),
            _plain(parameter.get("description", "")),
        )

    def _fields(self, schema: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[Field]:
        schema = self._found(schema)
        for name, described in schema.get("properties", {}).items():
            full = f"{before}{name}"
            yield Field(
                full,
                self._kind(described),
                name in schema.get("required", []),
                _plain(described.get("description", "")),
            )
            inner = self._found(described)
            if depth >= DEEPEST:
                continue
            if inner.get("type") == "array":
                yield from self._fields(inner["items"], f"{full}[].", depth + 1)
            elif self._found(inner).get("title") != "Money":
                yield from self._fields(inner, f"{full}.", depth + 1)

    def _kind(self, schema: dict[str, Any]) -> str:
        """The type in words, with the bounds and choices that hold."""
        schema = self._found(schema)
        types = schema.get("type", "object")
        kinds = [types] if isinstance(types, str) else list(types)
        nullable = " or null" if "null" in kinds else ""
        kind = next((one for one in kinds if one != "null"), "object")
        if "enum" in schema:
            return (
                f"one of {', '.join(repr(value) for value in schema['enum'] if value is not None)}{nullable}"
            )
        if kind == "array":
            return f"list of {self._kind(schema.get('items', {}))}{nullable}"
        bounds = [
            f"{word} {schema[name]}"
            for name, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
            if name in schema
        ]
        return " ".join([FORMATS.get(schema.get("format", ""), kind), *bounds]) + nullable

    def _sample(self, schema: dict[str, Any], depth: int = 0) -> Any:
        examples = schema.get("examples")
        if examples:
            return examples[0]
        schema = self._found(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "properties" in schema and depth < DEEPEST:
            return {name: self._sample(inner, depth + 1) for name, inner in schema["properties"].items()}
        types = schema.get("type", "object")
        if types == "array":
            return [self._sample(schema.get("items", {}), depth + 1)]
        kind = types if isinstance(types, str) else types[0]
        return SAMPLES.get(schema.get("format", ""), VALUES.get(kind, "…"))

    def _found(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference refers to; of several shapes, the first that is one."""
        for key in ("allOf", "oneOf", "anyOf"):
            if key in schema:
                schema = next(one for one in schema[key] if one.get("type") != "null")
        if "$ref" in schema:
            found: dict[str, Any] = self.schemas[schema["$ref"].rpartition("/")[2]]
            return found
        return schema


def _plain(words: str) -> str:
    """Without the marks of code that a document's viewer would read."""
    return words.replace("`", "")


def _pretty(sample: Any) -> str:
    return json.dumps(sample, indent=2, ensure_ascii=False)
