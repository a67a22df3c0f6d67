"""Whose log-in has come as far as the second factor: they have given a password that counts, and are nobody yet."""

from typing import Any

from allauth.account.internal.stagekit import get_pending_stage
from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.internal.sessionkit import lookup_session
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.identity.models import User
from accounts.identity.session_store import SessionStore
from accounts.security import queries


def who_gave_it(request: HttpRequest) -> User | None:
    """In the session of this request. At a sign-up whose address is not confirmed, nobody has given one that counts."""
    stage = get_pending_stage(request)
    if stage is None or stage.key != AuthenticateStage.key:
        return None
    user: User | None = stage.login.user
    return user if user is not None and user.is_active else None


class PasswordGiven(authentication.SessionAuthentication):
    """In the browser, with CSRF checked, or in an app by its `X-Session-Token`; who is logged in whole is refused as well.

    They act with none of their roles. Raises AuthenticationFailed (401), the same for everybody else.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        asked = request._request
        if token := request.headers.get("X-Session-Token", ""):
            user = who_gave_it(_as_asked_with(token))
        else:
            self.enforce_csrf(request)
            user = who_gave_it(asked)
        if user is None:
            raise exceptions.AuthenticationFailed("Give your mail address and password first.")
        asked.actor = queries.themselves(user)  # type: ignore[attr-defined] # read through actor_of
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Session"


def _as_asked_with(token: str) -> HttpRequest:
    """A request in the app's session, which is no cookie's and must not become one."""
    asked = HttpRequest()
    asked.session = lookup_session(token) or SessionStore()
    asked.user = get_session_user(asked.session) or AnonymousUser()
    return asked
