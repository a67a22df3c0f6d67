"""How the OpenAPI document says that one proves who one is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.keys.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.keys.authentication.SessionTokenAuthentication"
    name = "session_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.keys.authentication.ApiKeyAuthentication"
    name = "company_key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cb_…"}


class PasswordGivenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # registers itself, untyped
    target_class = "accounts.security.password_given.PasswordGiven"
    name = "log_in_under_way"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        words = "That of a log-in whose second factor is still asked for; a browser's cookie does the same."
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": words}
