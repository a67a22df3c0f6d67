"""JSON nested so deep that no parser here reads it is refused before anyone parses it: API, app sign-in and webhooks alike."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kit.http import problems

# Nothing that the house is told nests deeper than ten; the parsers give up at about a thousand, with a crash.
DEEPEST = 64
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/offset+octet-stream")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


class NestingMiddleware:
    """Answers 400 `parse_error` to a body that nests deeper than `DEEPEST`; forms and files are no JSON, and pass unread."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD") or request.content_type in FORMS or not nests_deep(request.body):
            return self.respond(request)
        detail = f"The body nests deeper than {DEEPEST} levels. Nothing was done."
        return problems.respond(problems.of_the_framework("parse_error", detail))


def nests_deep(body: bytes) -> bool:
    """Whether its brackets, those within texts left out, nest deeper than `DEEPEST`. It need not be JSON."""
    depth = 0
    for token in _STRUCTURE.finditer(body):
        match token[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
        if depth > DEEPEST:
            return True
    return False
