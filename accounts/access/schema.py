"""What the OpenAPI document says of every endpoint: how it pages, how one proves who one is, how it refuses."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` says what happened and what to do.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "facts": {"type": "object", "additionalProperties": True},
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


class KeysetPages:
    """Describes `Endpoint.listed`; the pages themselves are made there."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = {"data": schema, "next_cursor": {"type": ["string", "null"]}}
        return {"type": "object", "properties": properties, "required": ["data", "next_cursor"]}

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
            },
        ]


class WholeList:
    """Describes `Endpoint.whole`: everything at once, without a limit to ask for."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": {"data": schema}, "required": ["data"]}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.access.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.access.authentication.SessionTokenAuthentication"
    name = "session_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.access.authentication.ApiKeyAuthentication"
    name = "company_key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cb_…"}


def add_refusals(
    result: dict[str, Any], generator: Any, request: Request | None, public: bool
) -> dict[str, Any]:
    """Every operation may answer with a problem, and every POST takes an Idempotency-Key."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"].setdefault(
                "default", {"description": "A refusal; nothing was changed.", "content": content}
            )
            if method == "post":
                operation.setdefault("parameters", []).append(ONCE)
    return result
