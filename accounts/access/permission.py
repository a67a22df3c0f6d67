"""The door of the API. Apart from `endpoint`, because DRF imports it while its own views are still loading."""

from typing import Any

from rest_framework import permissions
from rest_framework.request import Request

from accounts.access.actors import SecondFactorRequired
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, admitted, waits_for_second_factor
from kit.errors import Forbidden


class DeclaredAccess(permissions.BasePermission):
    """Nobody, unless the endpoint says who; a key only within its scopes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        audiences: tuple[Audience, ...] = getattr(view, "allow", ())
        actor = actor_of(request._request)
        if not admitted(actor, audiences):
            if waits_for_second_factor(actor, audiences):
                raise SecondFactorRequired
            return False
        if actor.is_anonymous and request.method not in permissions.SAFE_METHODS:
            return False  # what everyone may read, only someone may change
        if not actor.is_key:
            return True
        scope = getattr(view, "scopes", {}).get(request.method, "")
        if scope not in (actor.scopes or ()):
            raise Forbidden(
                f"This key lacks the scope {scope!r}." if scope else "A key may not do this; a person must."
            )
        return True
