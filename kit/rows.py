"""Rows that come into being once, whoever asks for them first; and those that are meant."""

from functools import reduce
from operator import or_
from typing import Any, TypeVar, cast

from django.db.models import Model, Q, QuerySet

from kit.errors import NotFound

M = TypeVar("M", bound=Model)


def by_public_id(rows: QuerySet[M], public_id: str) -> M:
    """The one of `rows` with that public id. Raises NotFound (404): the same for none and for another's."""
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def with_text(rows: QuerySet[M], text: str, *fields: str) -> QuerySet[M]:
    """Those that have the text in one of the fields, in whatever case; all of them where nobody typed any. No text in the database
    has a NUL, and none is looked for."""
    if not text or "\x00" in text:
        return rows
    return rows.filter(reduce(or_, (Q(**{f"{field}__icontains": text}) for field in fields)))


def insert_once(row: Model) -> bool:
    """Insert `row` unless a unique constraint says that it is there already; returns whether it is new.

    The row has a public id of its own, by which the new one is told from the one that was there.
    """
    rows = type(row)._default_manager
    rows.bulk_create([row], ignore_conflicts=True)
    return rows.filter(public_id=cast(Any, row).public_id).exists()
