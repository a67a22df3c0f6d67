"""Holds every answer of the API, in whatever test it is given, against the document that describes it.

An operation, a status, a refusal's code or a field that the document does not name fails the test that saw it: so the
document cannot promise less than the API does, nor something else.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from kit.http.problems import CONTENT_TYPE, OF_THE_FRAMEWORK

DOCUMENT_URI = "urn:callboard:openapi"
API = "/api/v1/"
UNDESCRIBED = ("/api/v1/schema/",)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call,no-any-return] # ships no types


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method (upper case) and description of every operation."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


FILES = ("application/octet-stream", "application/pdf", "application/xml")


def check(*, method: str, path: str, response: Any) -> None:
    """Raise AssertionError unless the document says that this answer may come from there."""
    if not path.startswith(API) or path in UNDESCRIBED:
        return
    operation = _operation(method, path)
    kind = response.headers.get("Content-Type", "")
    if response.streaming or kind in FILES:  # of which the document says the kind only
        assert operation is not None
        assert kind in operation["responses"][str(response.status_code)]["content"]
        return
    body = json.loads(response.content) if response.content else None
    if response.headers.get("Content-Type") == CONTENT_TYPE:
        _check_refusal(operation, response.status_code, body, f"{method} {path}")
    elif operation is not None:
        _check_answer(operation, response.status_code, body, f"{method} {path}")


def _check_refusal(operation: dict[str, Any] | None, status: int, body: Any, what: str) -> None:
    code = body["code"]
    if operation is None or status >= 500:
        # No such operation, or a fault that a test made on purpose.
        assert code in OF_THE_FRAMEWORK or code in ("not_found", "forbidden") or status == 503, (what, body)
        return
    if code == "conflicts_with_stored_data":
        return  # a constraint spoke; which operations can meet one is not for the document
    described = operation["responses"].get(str(status), {}).get("x-codes", [])
    assert code in described, f"{what} refuses with {status} {code}, and the document says {described}"


def _check_answer(operation: dict[str, Any], status: int, body: Any, what: str) -> None:
    assert str(status) in operation["responses"], f"{what} answers {status}, which the document does not know"
    content = operation["responses"][str(status)].get("content")
    if content is None:
        assert body is None, f"{what} answers {body}, where the document says nothing comes"
        return
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in _validator(json.dumps(content["application/json"]["schema"])).iter_errors(body)
    ]
    assert not errors, f"{what} is not as described: {errors[:5]}"


@cache
def _validator(schema: str) -> Any:
    strict = json.loads(json.dumps(document()))
    for component in strict["components"]["schemas"].values():
        if "properties" in component:
            component.setdefault("additionalProperties", False)
    whole = Resource(contents=strict, specification=DRAFT202012)  # type: ignore[call-arg] # its attrs are not seen
    registry: Registry[Any] = Registry().with_resource(DOCUMENT_URI, whole)
    pointed = json.loads(schema.replace('"#/', f'"{DOCUMENT_URI}#/'))
    return Draft202012Validator(pointed, registry=registry)


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, methods in _patterns():
        if pattern.fullmatch(path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    # The fixed addresses first: notifications/read is no notification called "read".
    paths = sorted(document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods) for path, methods in paths]
