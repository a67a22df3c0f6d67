"""Refusals: each business rule that says no raises one of these, with a stable code and a sentence for a person."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule said no; nothing was changed. `code` is stable, the sentence says what happened and what to do."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "That is not possible now"

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts


class NotFound(DomainError):
    """No such object, or it is another's: the two must look the same from outside."""

    code = "not_found"
    status = 404
    title = "There is nothing here"

    def __init__(self, detail: str = "It does not exist, or it is not yours to see.", **facts: Any) -> None:
        super().__init__(detail, **facts)


class Forbidden(DomainError):
    """The object may be seen, but this is not this person's move."""

    code = "forbidden"
    status = 403
    title = "You may not do that"


class Invalid(DomainError):
    """The input does not hold. `errors` names each field and what to do about it."""

    code = "invalid"
    status = 422
    title = "Some of this needs another look"

    def __init__(self, detail: str, *, errors: Sequence[Mapping[str, str]] = (), **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.errors = list(errors)

    @classmethod
    def field(cls, field: str, message: str, *, code: str = "invalid") -> "Invalid":
        return cls(message, errors=[{"field": field, "code": code, "detail": message}])
