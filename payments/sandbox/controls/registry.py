"""How a control is declared: a method, a path below `/_sandbox/`, and the operation."""

import re
from collections.abc import Callable

from payments.sandbox import errors
from payments.sandbox.engine import Engine
from payments.sandbox.wire import Json

Control = Callable[[Engine, dict[str, str], Json], Json]

_HOLE = re.compile(r"\{(\w+)\}")


class Controls:
    """The controls of one room, collected by a decorator beside their operations."""

    def __init__(self) -> None:
        self.known: list[tuple[str, re.Pattern[str], Control]] = []

    def add(self, method: str, pattern: str) -> Callable[[Control], Control]:
        regex = re.compile("/_sandbox/" + _HOLE.sub(r"(?P<\1>[^/]+)", pattern))

        def keep(control: Control) -> Control:
            self.known.append((method, regex, control))
            return control

        return keep


def named_object(sandbox: Engine, object_id: str, kind: str) -> Json:
    """The object that a control's path names, or a 404."""
    found = sandbox.world.store.find(object_id, kind=kind)
    if found is None:
        raise errors.missing(kind, object_id)
    return found
