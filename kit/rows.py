"""Rows that come into being once, whoever asks for them first."""

from typing import Any, cast

from django.db.models import Model


def insert_once(row: Model) -> bool:
    """Insert `row` unless a unique constraint says that it is there already; returns whether it is new.

    The row has a public id of its own, by which the new one is told from the one that was there.
    """
    rows = type(row)._default_manager
    rows.bulk_create([row], ignore_conflicts=True)
    return rows.filter(public_id=cast(Any, row).public_id).exists()
