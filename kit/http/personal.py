"""What is answered to somebody is kept by nobody: no browser's disk, no proxy, no page of another site."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

CREDENTIALS = ("Authorization", "X-Session-Token")


class PersonalMiddleware:
    """`no-store` on each answer to credentials, and on each that hands some out; the browser forgets at a log-out."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        if _has_credentials(request) or response.cookies:
            response["Cache-Control"] = "no-store"
        if getattr(request, "logged_out", False):
            response["Clear-Site-Data"] = '"cache", "storage"'
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


@receiver(user_logged_out)
def _note_log_out(*, request: HttpRequest, **_: object) -> None:
    request.logged_out = True  # type: ignore[attr-defined] # read above, once there is an answer


def _has_credentials(request: HttpRequest) -> bool:
    """Whether some were sent, valid or not: asked without the database, on refusals too."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return True
    return any(name in request.headers for name in CREDENTIALS)
