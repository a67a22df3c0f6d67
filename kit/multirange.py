"""Several half-open ranges of whole numbers in one column, as Postgres keeps them (int8multirange)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from psycopg.types.multirange import Int8Multirange
from psycopg.types.range import Int8Range

Spans = tuple[tuple[int, int], ...]

if TYPE_CHECKING:
    _Field = models.Field[Iterable[tuple[int, int]] | None, Spans | None]
else:  # Django's fields are generic to the type checker only
    _Field = models.Field


class MultiRangeField(_Field):
    """Half-open `(start, end)` pairs in order, none touching another; None for no set at all, () for the empty one."""

    def db_type(self, connection: Any) -> str:
        return "int8multirange"

    def from_db_value(self, value: Any, *_: object) -> Spans | None:
        return None if value is None else tuple((span.lower, span.upper) for span in value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Int8Multirange):
            return value
        return Int8Multirange([Int8Range(start, end, "[)") for start, end in value])
