"""A row on which every job chokes: the database itself refuses to change it, as a fault of ours would."""

from django.db import connection
from django.db.models import Model


def poisoned(row: Model) -> None:
    """No update of this row goes through from here on."""
    _refuse(row._meta.db_table, "UPDATE", f"NEW.id = {row.pk}")


def cannot_be_told(user_id: int) -> None:
    """No news reach this person from here on."""
    _refuse("accounts_notification", "INSERT", f"NEW.user_id = {user_id}")


def cured(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER poison ON {table}")


def _refuse(table: str, what: str, when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE OR REPLACE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'poison'; END $$
            """
        )
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER poison BEFORE {what} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_it()"
        )
