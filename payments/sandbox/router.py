"""Which operation answers which method and path."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from payments.sandbox.wire import Json
from payments.sandbox.world import Call

Operation = Callable[[Call], Json]

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `params` names the SDK's request class; `extra` are names allowed beside it."""

    method: str
    pattern: str
    operation: Operation
    params: str
    extra: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        return 2 if self.pattern.startswith("/v2/") else 1


class Room:
    """The endpoints of one part of the API, collected by decorators beside their operations."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(
        self, pattern: str, params: str, *, extra: tuple[str, ...] = ()
    ) -> Callable[[Operation], Operation]:
        return self._keep("GET", pattern, params, extra)

    def post(
        self, pattern: str, params: str, *, extra: tuple[str, ...] = ()
    ) -> Callable[[Operation], Operation]:
        return self._keep("POST", pattern, params, extra)

    def delete(self, pattern: str, params: str) -> Callable[[Operation], Operation]:
        return self._keep("DELETE", pattern, params, ())

    def _keep(
        self, method: str, pattern: str, params: str, extra: tuple[str, ...]
    ) -> Callable[[Operation], Operation]:
        def keep(operation: Operation) -> Operation:
            self.routes.append(Route(method, pattern, operation, params, extra))
            return operation

        return keep


class Router:
    """All rooms together; a literal path wins over one with a hole."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        self.routes = [route for room in rooms for route in room.routes]
        self._literal = {(r.method, r.pattern): r for r in self.routes if "{" not in r.pattern}
        self._holed = [
            (r, re.compile(_HOLE.sub(r"(?P<\1>[^/]+)", r.pattern))) for r in self.routes if "{" in r.pattern
        ]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and what its holes were filled with, or None where Stripe says 404."""
        literal = self._literal.get((method, path))
        if literal is not None:
            return literal, {}
        for route, regex in self._holed:
            if route.method == method and (match := regex.fullmatch(path)):
                return route, match.groupdict()
        return None
