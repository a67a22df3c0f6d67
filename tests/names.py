"""A page that asks for a name which its view does not give fails the test that opened it: Django would show nothing there.

In the tests' settings every request goes through here. What components are not given is their own: they have defaults.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template import VariableDoesNotExist
from django.template.context import BaseContext

Answer = Callable[[HttpRequest], HttpResponseBase]
ROOMS = ("accounts/", "marketplace/")
_missing: ContextVar[list[str] | None] = ContextVar("missing", default=None)


class NameNotGiven(AssertionError):
    """The template asks for what is not in its context."""


class _Missing(logging.Handler):
    """Django says so to its log at the lowest level, and to nobody else."""

    def emit(self, record: logging.LogRecord) -> None:
        missing, error = _missing.get(), record.exc_info and record.exc_info[1]
        if (
            missing is None
            or not isinstance(error, VariableDoesNotExist)
            or not isinstance(record.args, tuple)
        ):
            return
        name, looked_in = error.params
        template = str(record.args[-1])
        # What a thing that was given does not have is not meant here. A name with a space is a condition that cotton
        # tries as a name first.
        if isinstance(looked_in, BaseContext) and template.startswith(ROOMS) and " " not in str(name):
            missing.append(f"{template}: {name}")


def middleware(answer: Answer) -> Answer:
    log = logging.getLogger("django.template")
    if not any(isinstance(each, _Missing) for each in log.handlers):
        log.setLevel(logging.DEBUG)
        log.propagate = False
        log.addHandler(_Missing())

    def given(request: HttpRequest) -> HttpResponseBase:
        missing: list[str] = []
        token = _missing.set(missing)
        try:
            response = answer(request)
        finally:
            _missing.reset(token)
        if missing:
            raise NameNotGiven(f"{request.method} {request.path}\n" + "\n".join(missing))
        return response

    return given
