"""Readers who come in clear are led to https. Programs are refused: redirected, each would send its key in clear, unnoticed."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kit.http import problems

# Where programs speak to the house. `SECURE_REDIRECT_EXEMPT` leaves them to the middleware.
PROGRAMS = ("/api/", "/webhooks/", "/_allauth/")


class EncryptedMiddleware:
    """Answers 403 `https_required` to a program in clear, wherever readers are led to https."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.is_secure() or not settings.SECURE_SSL_REDIRECT or not request.path.startswith(PROGRAMS):
            return self.respond(request)
        detail = "Use https://. What you sent went over the network in clear: change the key or password that was in it."
        return problems.respond(problems.of_the_framework("https_required", detail))
