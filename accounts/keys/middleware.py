from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.access.actors import Actor
from accounts.identity.freshness import proof
from accounts.identity.models import User
from accounts.keys import acting

Responder = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Gives each request its actor, worked out when first asked for."""

    def __init__(self, respond: Responder) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _session_actor(request))  # type: ignore[attr-defined] # read through actor_of
        return self.respond(request)


def _session_actor(request: HttpRequest) -> Actor:
    user = request.user
    if not isinstance(user, User):
        return Actor.anonymous()
    return acting.of_user(user, proof=proof(session=request.session, user=user))
