"""Keyset pages: a cursor names the last row, so the thousandth page costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
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
    check_limit(limit)
    ordered, signer = queryset.order_by(*by), _signer(queryset.model, by)
    if cursor:
        ordered = ordered.filter(_after(by, read_cursor(cursor, signer)))
    rows = list(ordered[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    last = [_value(rows[-1], name.lstrip("-")) for name in by] if more else None
    return Page(rows=rows, next_cursor=signer.sign_object(last) if last else None)


def check_limit(limit: int) -> None:
    """Raise Invalid (422) for a limit outside 1 to 100."""
    if not 1 <= limit <= LARGEST:
        raise Invalid.field("limit", f"Ask for 1 to {LARGEST} rows.")


def read_cursor(cursor: str, signer: Signer) -> list[Any]:
    """What `signer` wrote into the cursor. Raises Invalid (422) for one that it did not."""
    try:
        values: list[Any] = signer.unsign_object(cursor)
    except BadSignature as error:
        raise Invalid.field(
            "cursor", "This is not where a page of this list begins. Start again from its first page."
        ) from error
    return values


def _after(by: Sequence[str], values: Sequence[Any]) -> Q:
    condition = Q(pk__in=[])
    equal = Q()
    for name, value in zip(by, values, strict=True):
        field, sign = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{sign}": value})
        equal &= Q(**{field: value})
    return condition


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row if isinstance(row, int | str) else str(row)


def _signer(model: type[Model], by: Sequence[str]) -> Signer:
    """A cursor is signed: whatever else comes as one, of any shape, is told from those that this list gave out."""
    return Signer(salt=f"page:{model._meta.label}:{','.join(by)}")
