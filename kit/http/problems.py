"""Every error of the API is a problem+json (RFC 9457) with a stable `code`, and says what to do."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from kit.errors import DomainError, Invalid
from kit.ids import MalformedId

CONTENT_TYPE = "application/problem+json"


# What the framework itself refuses: code → status and title.
OF_THE_FRAMEWORK: dict[str, tuple[int, str]] = {
    "parse_error": (400, "The request cannot be read"),
    "not_authenticated": (401, "Log in first"),
    "authentication_failed": (401, "That key or session is not valid"),
    "https_required": (403, "Only https is spoken here"),
    "method_not_allowed": (405, "There is no such operation here"),
    "not_acceptable": (406, "Only JSON is spoken here"),
    "conflicts_with_stored_data": (409, "That contradicts what is stored"),
    "body_too_slow": (408, "The body did not come in time"),
    "body_too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "Send application/json"),
    "throttled": (429, "Too fast"),
    "fault": (500, "A fault on our side"),
}


def problem(*, status: int, code: str, title: str, detail: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"urn:callboard:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    } | more


def of_the_framework(code: str, detail: str) -> dict[str, Any]:
    """The problem for one of `OF_THE_FRAMEWORK`."""
    status, title = OF_THE_FRAMEWORK[code]
    return problem(status=status, code=code, title=title, detail=detail)


def as_problem(error: Exception) -> dict[str, Any] | None:
    """The problem for an error that we know how to explain; None for a fault of ours."""
    match error:
        case Invalid():
            return _of_domain(error) | {"errors": error.errors}
        case DomainError():
            return _of_domain(error)
        case exceptions.ValidationError():
            errors = list(_fields(error.detail))
            return problem(
                status=422,
                code="invalid",
                title=Invalid.title,
                detail=f"{len(errors)} field(s) need another look; nothing was saved.",
                errors=errors,
            )
        case exceptions.PermissionDenied():
            # A form without its token. One code for all that is forbidden.
            return as_problem(PermissionDenied(str(error.detail)))
        case exceptions.APIException():
            return _of_drf(error)
        case Http404() | MalformedId():
            return problem(
                status=404,
                code="not_found",
                title="There is nothing here",
                detail="It does not exist, or it is not yours to see.",
            )
        case PermissionDenied():
            return problem(
                status=403,
                code="forbidden",
                title="You may not do that",
                detail=str(error) or "This is not yours to do.",
            )
        case IntegrityError() | DataError():
            # A constraint said what an operation should have said first: an answer, not a crash, and nothing was kept.
            return of_the_framework(
                "conflicts_with_stored_data",
                "A rule of the database refused it, so nothing was changed. Read the object again and retry.",
            )
    return None


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    body = as_problem(error)
    if body is None:
        return None
    response = Response(body, status=body["status"], content_type=CONTENT_TYPE)
    for name in ("WWW-Authenticate", "Retry-After"):
        value = getattr(error, {"WWW-Authenticate": "auth_header", "Retry-After": "wait"}[name], None)
        if value is not None:
            response[name] = str(int(value)) if name == "Retry-After" else value
    return response


def respond(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)


def _of_domain(error: DomainError) -> dict[str, Any]:
    body = problem(status=error.status, code=error.code, title=error.title, detail=error.detail)
    return body | ({"facts": dict(error.facts)} if error.facts else {})


def _of_drf(error: exceptions.APIException) -> dict[str, Any]:
    code = error.get_codes()
    code = code if isinstance(code, str) else "invalid"
    status, title = OF_THE_FRAMEWORK.get(code, (error.status_code, "The request cannot be served"))
    return problem(status=status, code=code, title=title, detail=str(error.detail))


def _fields(detail: Any, prefix: str = "") -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # What is wrong with a whole within a whole is said of it by its own name.
            own = prefix and name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _fields(inner, prefix if own else f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _fields(inner, f"{prefix}[{index}]" if nested else prefix)
    else:
        yield {"field": prefix, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
