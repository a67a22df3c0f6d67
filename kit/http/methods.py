from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kit.http import problems

KNOWN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MethodsMiddleware:
    """Answers 405 `method_not_allowed` to TRACE and whatever else no address of the house knows: a page would take it for a GET."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in KNOWN:
            return self.respond(request)
        response = problems.respond(
            problems.of_the_framework("method_not_allowed", "No address knows this method.")
        )
        response["Allow"] = ", ".join(KNOWN)
        return response
