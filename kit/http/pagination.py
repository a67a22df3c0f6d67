"""Keyset pages: a cursor names the last row, so the thousandth page costs what the first does."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from kit.errors import Invalid

M = TypeVar("M", bound=Model)
LARGEST = 100


@dataclass(frozen=True)
class Page(Generic[M]):
    rows: Sequence[M]
    next_cursor: str | None


def page(queryset: QuerySet[M], *, by: Sequence[str], cursor: str = "", limit: int = 25) -> Page[M]:
    """The rows after `cursor`, in the order of `by` (field names, "-" for descending; the last must be unique).

    Raises Invalid (422) for a cursor that this list did not give out, or a limit outside 1 to 100.
    """
    if not 1 <= limit <= LARGEST:
        raise Invalid.field("limit", f"Ask for 1 to {LARGEST} rows.")
    ordered = queryset.order_by(*by)
    if cursor:
        ordered = ordered.filter(_after(by, _decode(cursor, width=len(by))))
    rows = list(ordered[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows=rows, next_cursor=_encode(rows[-1], by) if more else None)


def _after(by: Sequence[str], values: Sequence[Any]) -> Q:
    condition = Q(pk__in=[])
    equal = Q()
    for name, value in zip(by, values, strict=True):
        field, sign = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{sign}": value})
        equal &= Q(**{field: value})
    return condition


def _encode(row: Model, by: Sequence[str]) -> str:
    values = [_value(row, name.lstrip("-")) for name in by]
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _decode(cursor: str, *, width: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid.field("cursor", "This cursor is not one that this list gave out.") from error
    if (
        not isinstance(values, list)
        or len(values) != width
        or any(isinstance(value, dict | list) for value in values)
    ):
        raise Invalid.field("cursor", "This cursor is not one that this list gave out.")
    return values
