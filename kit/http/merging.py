"""Keyset pages over several tables at once: what waits, of whatever kind, the longest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.signing import Signer
from django.db.models import Model, Q, QuerySet

from kit.http.pagination import check_limit, read_cursor

T = TypeVar("T")


@dataclass(frozen=True)
class Source(Generic[T]):
    """Rows of one table, sorted by the instant in `since`, and how those of a page are shown, each in its place."""

    rows: QuerySet[Any]
    since: str
    show: Callable[[Sequence[Any]], Sequence[T]]


def one_by_one(show: Callable[[Any], T]) -> Callable[[Sequence[Any]], list[T]]:
    """Rows that need nothing but themselves to be shown."""
    return lambda rows: [show(row) for row in rows]


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
    check_limit(limit)
    signer = _signer(len(sources))
    after = _read(cursor, signer) if cursor else None
    found: list[tuple[_Place, Model]] = []
    for number, source in enumerate(sources):
        rows = source.rows.order_by(source.since, "pk")
        rows = rows.filter(_after(after, source.since, number)) if after else rows
        found += [(_Place(getattr(row, source.since), number, row.pk), row) for row in rows[: limit + 1]]
    found.sort(key=lambda each: each[0])
    shown, more = found[:limit], len(found) > limit
    last = shown[-1][0] if more else None
    return Merged(rows=_show(sources, shown), next_cursor=_write(last, signer) if last else None)


def _show(sources: Sequence[Source[T]], found: Sequence[tuple[_Place, Model]]) -> list[T]:
    of_source: dict[int, list[Model]] = {}
    for place, row in found:
        of_source.setdefault(place.source, []).append(row)
    shown = {number: iter(sources[number].show(rows)) for number, rows in of_source.items()}
    return [next(shown[place.source]) for place, _ in found]


def _after(place: _Place, since: str, number: int) -> Q:
    later = Q(**{f"{since}__gt": place.since})
    if number < place.source:
        return later
    if number > place.source:
        return later | Q(**{since: place.since})
    return later | Q(**{since: place.since, "pk__gt": place.key})


def _signer(sources: int) -> Signer:
    """A cursor counts among so many sources: of a list of others, it is none."""
    return Signer(salt=f"merged:{sources}")


def _write(place: _Place, signer: Signer) -> str:
    return signer.sign_object([place.since.isoformat(), place.source, place.key])


def _read(cursor: str, signer: Signer) -> _Place:
    since, source, key = read_cursor(cursor, signer)
    return _Place(datetime.fromisoformat(since), source, key)
