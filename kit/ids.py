"""Ids with a type prefix outside (`gig_01k…`), a UUIDv7 in the database, a bigint key inside.

UUIDv7 keeps the index in order of creation; a random id costs several times the insert.
"""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from typeid import TypeID
from typeid.errors import TypeIDException


class MalformedId(ValueError):
    """The text is no id of the kind asked for."""


def new(prefix: str) -> str:
    """A fresh id, later ones sorting after earlier ones."""
    return str(TypeID(prefix=prefix))


def to_uuid(text: str, *, prefix: str) -> uuid.UUID:
    """The UUID behind `text`. Raises MalformedId when it is none, or one of another kind."""
    try:
        parsed = TypeID.from_string(text)
    except (TypeIDException, ValueError, AttributeError, TypeError) as error:
        raise MalformedId(f"{text!r} is no {prefix}_… id") from error
    if parsed.prefix != prefix:
        raise MalformedId(f"{text!r} is no {prefix}_… id")
    return uuid.UUID(bytes=parsed.uuid.bytes)


def from_uuid(value: uuid.UUID, *, prefix: str) -> str:
    import uuid_utils  # noqa: PLC0415 -- typeid wants its own UUID class; only needed where rows are read

    return str(TypeID.from_uuid(uuid_utils.UUID(bytes=value.bytes), prefix=prefix))


if TYPE_CHECKING:
    _Field = models.Field[str, str]
else:  # Django's fields are generic to the type checker only
    _Field = models.Field


class TypedIdField(_Field):
    """A model's public id: `gig_01k…` in Python, uuid in Postgres, unique, made on creation, never edited."""

    def __init__(self, *, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        options.setdefault("unique", True)
        options.setdefault("editable", False)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "prefix": self.prefix}

    def get_internal_type(self) -> str:
        return "UUIDField"

    def has_default(self) -> bool:
        return True

    def get_default(self) -> str:
        return new(self.prefix)

    def from_db_value(self, value: uuid.UUID | None, *_: object) -> str | None:
        return None if value is None else from_uuid(value, prefix=self.prefix)

    def to_python(self, value: Any) -> Any:
        return from_uuid(value, prefix=self.prefix) if isinstance(value, uuid.UUID) else value

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, uuid.UUID):
            return value
        return to_uuid(str(value), prefix=self.prefix)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return self.get_prep_value(value)
