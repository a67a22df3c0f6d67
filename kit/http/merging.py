"""Keyset pages over several tables at once: what waits, of whatever kind, the longest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet

from kit.errors import Invalid
from kit.http.pagination import LARGEST

T = TypeVar("T")
_signer = Signer(salt="merged")


@dataclass(frozen=True)
class Source(Generic[T]):
    """Rows of one table, sorted by the instant in `since`, and how one of them is shown."""

    rows: QuerySet[Any]
    since: str
    show: Callable[[Any], T]


@dataclass(frozen=True)
class Merged(Generic[T]):
    rows: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, order=True)
class _Place:
    """Where a row stands among all: its instant, its source, its key."""

    since: datetime
    source: int
    key: int


def merged(sources: Sequence[Source[T]], *, cursor: str = "", limit: int = 25) -> Merged[T]:
    """The rows after `cursor` out of all sources, the oldest first; each source is asked for one page and no more.

    Raises Invalid (422) for a cursor that this list did not give out, or a limit outside 1 to 100.
    """
    if not 1 <= limit <= LARGEST:
        raise Invalid.field("limit", f"Ask for 1 to {LARGEST} rows.")
    after = _read(cursor, of=len(sources)) if cursor else None
    found: list[tuple[_Place, Model]] = []
    for number, source in enumerate(sources):
        rows = source.rows.order_by(source.since, "pk")
        rows = rows.filter(_after(after, source.since, number)) if after else rows
        found += [(_Place(getattr(row, source.since), number, row.pk), row) for row in rows[: limit + 1]]
    found.sort(key=lambda each: each[0])
    shown, more = found[:limit], len(found) > limit
    last = shown[-1][0] if more else None
    return Merged(
        rows=[sources[place.source].show(row) for place, row in shown],
        next_cursor=_write(last, of=len(sources)) if last else None,
    )


def _after(place: _Place, since: str, number: int) -> Q:
    later = Q(**{f"{since}__gt": place.since})
    if number < place.source:
        return later
    if number > place.source:
        return later | Q(**{since: place.since})
    return later | Q(**{since: place.since, "pk__gt": place.key})


def _write(place: _Place, *, of: int) -> str:
    return _signer.sign_object([place.since.isoformat(), place.source, place.key, of])


def _read(cursor: str, *, of: int) -> _Place:
    try:
        since, source, key, sources = _signer.unsign_object(cursor)
    except (BadSignature, ValueError):
        sources = None
    if sources != of:
        raise Invalid.field(
            "cursor", "This is not where a page of this list begins. Start again from its first page."
        )
    return _Place(datetime.fromisoformat(since), source, key)
