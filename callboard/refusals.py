"""A rule that says no, shown as a page or as problem+json, never as a crash."""

from collections.abc import Callable

from django.contrib import messages
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access.actors import SecondFactorRequired
from accounts.access.middleware import to_second_factor
from accounts.access.step_up import StaleProof
from accounts.identity import proving
from kit.errors import DomainError, Invalid
from kit.http import problems
from kit.http.encrypted import PROGRAMS
from kit.http.pacing import PERIOD_S
from kit.ids import MalformedId


class TooFast(DomainError):
    """More requests than the pace allows (`callboard/settings/pace.py`)."""

    code = "throttled"
    status, title = 429, problems.OF_THE_FRAMEWORK["throttled"][1]


Responder = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turns a DomainError of a page into its status and sentence; a refused form sends one back where one came from."""

    def __init__(self, respond: Responder) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith("/_allauth/") and "/phone" in request.path:
            # allauth's addresses for what this house has not: they fall over in several ways.
            return problems.respond(problems.as_problem(Http404()) or {})
        if _speaks_json(request):
            body = problems.as_problem(error)
            return None if body is None else problems.respond(body)
        if isinstance(error, MalformedId) or (isinstance(error, DataError) and request.method == "GET"):
            # What no row can hold, such as a NUL in an address, is in no row.
            return not_found(request)
        if isinstance(error, DataError) and _has_null(request):
            error = Invalid("A null character stands in it, which no text can hold.")
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, SecondFactorRequired):
            return to_second_factor(request)
        if isinstance(error, StaleProof):
            return proving.ask(request, error)
        back = request.headers.get("Referer", "")
        if request.method == "POST" and error.status not in (403, 404) and _ours(request, back):
            messages.error(request, f"{error.detail} Nothing was changed.")
            return redirect(back)
        return refuse(request, error)


def _has_null(request: HttpRequest) -> bool:
    return any("\0" in text for _, texts in request.POST.lists() for text in texts)


def refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    return render(request, "refused.html", {"error": error}, status=error.status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _speaks_json(request):
        return problems.respond(problems.as_problem(Http404()) or {})
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    if _speaks_json(request):
        detail = "It is logged. Look whether it happened before you send it again; one Idempotency-Key never does it twice."
        return problems.respond(problems.of_the_framework("fault", detail))
    return render(request, "500.html", status=500)


def too_fast(request: HttpRequest, *, wait_s: int = PERIOD_S) -> HttpResponse:
    """429: what was asked for was not done. Also allauth's answer to too many log-ins, which do not say how long."""
    detail = f"Too many requests. Try again in {wait_s} s."
    if request.path.startswith(("/api/", "/_allauth/")):
        response: HttpResponse = problems.respond(problems.of_the_framework("throttled", detail))
    else:
        response = render(request, "refused.html", {"error": TooFast(detail)}, status=TooFast.status)
    response["Retry-After"] = str(wait_s)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(
        request,
        "403.html",
        {"reason": "This form had expired. Go back, reload the page and send it again."},
        status=403,
    )


def _speaks_json(request: HttpRequest) -> bool:
    """Whether a program asks, to be answered with problem+json, and not a reader of pages."""
    return request.path.startswith(PROGRAMS)


def _ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
