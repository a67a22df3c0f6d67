"""Requests made by schemathesis from our own document: such as it allows, and such as it does not."""

import json
import os
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import hypothesis
import schemathesis
from schemathesis import GenerationMode

from tests import openapi

ALLOWED, NOT_ALLOWED = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Of each operation and each kind; FUZZ=500 for a night.
EXAMPLES = int(os.environ.get("FUZZ", "3"))


@cache
def operations() -> dict[str, Any]:
    """Every operation of the document, by `METHOD /path`."""
    plain = json.loads(json.dumps(openapi.document(), default=str))
    found: list[Any] = [
        result.ok()  # type: ignore[union-attr] # a document of ours is one throughout
        for result in schemathesis.openapi.from_dict(plain).get_all_operations()
    ]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def play(
    operation: Any, *, kind: GenerationMode, params: dict[str, str], send: Callable[[Any], None]
) -> None:
    """Send as many requests of that kind as wanted, to objects that there are. Raises what `send` raises."""
    ours = {name: params[name] for name in re.findall(r"{(\w+)}", operation.path)}
    fixed = {"path_parameters": ours, "headers": {}, "cookies": {}}
    if kind is NOT_ALLOWED:
        fixed["query"] = {}  # what is wrong shall be the body: a parameter that nobody reads is let be
    strategy = operation.as_strategy(generation_mode=kind, **fixed)

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize="FUZZ" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(strategy)
    def each(case: Any) -> None:
        send(case)

    each()


def is_wrong(case: Any) -> bool:
    """Whether what we send of it is not allowed: its body, or its Idempotency-Key. Who asks is ours, not the case's.

    A text with space around it is not judged: it is measured without.
    """
    mutations = getattr(case.meta.phase.data, "mutations", ())
    ours = [m for m in mutations if m.parameter_location == "body" or m.parameter == "Idempotency-Key"]
    return bool(ours) and not _has_margins(case.body)


def _has_margins(value: Any) -> bool:
    match value:
        case str():
            return value != value.strip()
        case dict():
            return any(map(_has_margins, value.values()))
        case list():
            return any(map(_has_margins, value))
    return False


def body_of(case: Any) -> bytes:
    """What would go over the wire."""
    if isinstance(case.body, bytes):
        return case.body
    nothing = isinstance(case.body, schemathesis.core.NotSet)
    return b"" if nothing else json.dumps(case.body).encode("utf-8", "surrogatepass")
