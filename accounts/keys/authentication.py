from typing import Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from django.http import HttpRequest
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.identity.freshness import proof
from accounts.keys import acting, operations
from kit import clock


class SessionAuthentication(authentication.SessionAuthentication):
    """A logged-in browser, with CSRF checked. Names the scheme, so that a stranger gets 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer cb_…`: a company's key."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = operations.find(secret=secret.strip(), at=clock.now())
        if key is None:
            raise exceptions.AuthenticationFailed("This key is unknown, revoked or expired.")
        django_request: HttpRequest = request._request
        django_request.actor = acting.of_key(key)  # type: ignore[attr-defined] # read through actor_of
        return key.created_by, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionTokenAuthentication(XSessionTokenAuthentication):  # type: ignore[misc] # allauth ships no types
    """`X-Session-Token: …`: an app whose person logged in by `/_allauth/app/`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if "X-Session-Token" not in request.headers:
            return None
        found: tuple[Any, Any] | None = super().authenticate(request)
        if found is None or not found[0].is_active:
            raise exceptions.AuthenticationFailed("This session has ended. Log in again.")
        django_request: HttpRequest = request._request
        user, session = found
        proved = proof(session=session, user=user)
        django_request.actor = acting.of_user(user, proof=proved)  # type: ignore[attr-defined] # read through actor_of
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Session"
