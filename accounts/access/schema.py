"""What the OpenAPI document says of every operation: what it does, who may, with which scope, and how it refuses."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema

from accounts.access.actors import SecondFactorRequired
from accounts.access.idempotency import KeyInUse, KeyReused, OutcomeUnknown
from accounts.access.rules import Audience
from kit.errors import DomainError, Forbidden, Invalid, NotFound
from kit.http.problems import CONTENT_TYPE, OF_THE_FRAMEWORK

F = TypeVar("F", bound=Callable[..., Any])
Refusal = type[DomainError] | str
# Audiences whose role may wait for a second factor.
WITHHELD = {Audience.COMPANY, Audience.STAFF, Audience.FINANCE, Audience.TALENT, Audience.ADMIN}
REFUSES, NOT_ONCE, SUMMARY_MOST = "x-refuses", "x-not-once", 80
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` says what happened and what to do.",
    "properties": {
        "type": {"type": "string", "description": "A name for the kind of problem, as a URN."},
        "title": {"type": "string", "description": "The kind of problem in a few words."},
        "status": {"type": "integer", "description": "The HTTP status, once more."},
        "code": {"type": "string", "description": "The stable code, as the page of errors lists it."},
        "detail": {"type": "string", "description": "What happened, and what to do."},
        "errors": {
            "type": "array",
            "description": "Each field that needs another look.",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "facts": {
            "type": "object",
            "additionalProperties": True,
            "description": "Figures behind the refusal.",
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key does it once and answers the same again, for a week.",
}


def described(
    name: str,
    summary: str,
    *,
    refuses: Sequence[type[DomainError]] = (),
    not_once: str = "",
    **as_extend_schema: Any,
) -> Callable[[F], F]:
    """Describe an operation: `name` as `gigs_create`, what it does in a line, and the refusals that its rules may give.

    What every operation may refuse (no such object, another's role, a malformed body) is added by itself. `not_once`
    says why an Idempotency-Key changes nothing here.
    """
    extensions = {REFUSES: list(refuses)} | ({NOT_ONCE: not_once} if not_once else {})
    return extend_schema(operation_id=name, summary=summary, extensions=extensions, **as_extend_schema)


class HouseSchema(AutoSchema):
    """Reads from an endpoint what it declares, so that the document cannot say otherwise."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        own = operation.pop(REFUSES, [])
        if self.method == "POST" and NOT_ONCE not in operation:
            operation.setdefault("parameters", []).append(ONCE)
        for status, refusals in _by_status([*own, *self._refused_anywhere(operation)]).items():
            operation["responses"][str(status)] = _answer(refusals)
        operation["x-audience"] = [str(audience.value) for audience in _audiences(self.view)]
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        """A key only where the method names its scope; nobody's credentials where anyone may call."""
        # For everyone, as the parents register the schemes in the document.
        own = super().get_auth()
        if Audience.HALF_IN in _audiences(self.view):
            return own
        scope = getattr(self.view, "scopes", {}).get(self.method, "")
        anyone: list[dict[str, list[str]]] = [{}] if self._is_open() else []
        keys: list[dict[str, list[str]]] = [{"company_key": [scope]}] if scope else []
        return [{"session": []}, {"session_token": []}, *keys, *anyone]

    def get_description(self) -> str:  # type: ignore[override] # drf-spectacular changed DRF's own signature
        """The method's own words, else the endpoint's; never what every endpoint inherits."""
        method = getattr(self.view, self.method.lower(), None)
        return inspect.cleandoc(
            getattr(method, "__doc__", None) or vars(type(self.view)).get("__doc__") or ""
        )

    def _is_open(self) -> bool:
        return self.method == "GET" and Audience.ANYONE in _audiences(self.view)

    def _refused_anywhere(self, operation: dict[str, Any]) -> Iterable[Refusal]:
        yield from ("authentication_failed", "not_acceptable", "throttled")
        if not self._is_open():
            yield from ("not_authenticated", Forbidden)
            if any(audience in WITHHELD for audience in _audiences(self.view)):
                yield SecondFactorRequired
        if "{" in self.path:
            yield NotFound
        if "requestBody" in operation:
            yield from ("parse_error", "body_too_slow", "body_too_large", "unsupported_media_type")
        if "requestBody" in operation or operation.get("parameters"):
            yield Invalid
        if self.method == "POST" and NOT_ONCE not in operation:
            yield from (KeyReused, KeyInUse, OutcomeUnknown)


def _audiences(view: Any) -> tuple[Audience, ...]:
    return tuple(view.allow)


def _by_status(refusals: Iterable[Refusal]) -> dict[int, dict[str, str]]:
    """Code and title of each refusal, under its status."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for refusal in refusals:
        if isinstance(refusal, str):
            status, title = OF_THE_FRAMEWORK[refusal]
            found[status][refusal] = title
        else:
            found[refusal.status][refusal.code] = refusal.title
    return dict(sorted(found.items()))


def _answer(refusals: dict[str, str]) -> dict[str, Any]:
    said = "\n".join(f"- `{code}`: {title}." for code, title in sorted(refusals.items()))
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": f"Refused; nothing was changed.\n\n{said}",
        "content": {CONTENT_TYPE: {"schema": schema}},
        "x-codes": sorted(refusals),
    }


class KeysetPages:
    """Describes `Endpoint.listed`; the pages themselves are made there."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        cursor = {"type": ["string", "null"], "description": "Where the next page begins; null on the last."}
        properties = {"data": schema | {"description": "The rows of this page."}, "next_cursor": cursor}
        return {"type": "object", "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "`next_cursor` of the page before.",
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
                "description": "How many rows a page holds at most.",
            },
        ]


class WholeList:
    """Describes `Endpoint.whole`: everything at once, without a limit to ask for."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        data = schema | {"description": "All of it, in order."}
        return {"type": "object", "properties": {"data": data}}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


def add_problem(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """The one shape of every refusal."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return result
