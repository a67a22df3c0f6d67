"""What is answered to somebody is kept by nobody: no browser's disk, no proxy, no page of another site."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CREDENTIALS = ("Authorization", "X-Session-Token")


class PersonalMiddleware:
    """`Cache-Control: no-store` on each answer to a request with credentials, and on each that hands some out."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        if _has_credentials(request) or response.cookies:
            response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def _has_credentials(request: HttpRequest) -> bool:
    """Whether some were sent, valid or not: asked without the database, on refusals too."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return True
    return any(name in request.headers for name in CREDENTIALS)
