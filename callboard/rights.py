"""What web, worker and beat may do in the database, beside the role that owns the tables and runs the migrations.

They read and write rows. They make, change and empty no table, and what is append-only they only append to: the triggers
that refuse a change say which tables those are, so that the two cannot come apart.
"""

from urllib.parse import unquote, urlsplit

from django.db import connection, transaction
from psycopg import sql

ROW_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Each table with the rights that a trigger refuses anyway, whatever the row: DELETE is bit 8 and UPDATE bit 16 of tgtype.
_TABLES = """
    SELECT relname, array_remove(ARRAY[
      CASE WHEN bool_or(tgtype & 8 > 0) THEN 'DELETE' END, CASE WHEN bool_or(tgtype & 16 > 0) THEN 'UPDATE' END], NULL)
    FROM pg_class LEFT JOIN pg_trigger
      ON tgrelid = pg_class.oid AND tgfoid = 'refuse_change'::regproc AND tgtype & 1 > 0 AND tgqual IS NULL
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') GROUP BY relname ORDER BY relname
"""
# Only migrations write it.
_READ_ONLY = ("django_migrations",)


def rights() -> dict[str, list[str]]:
    """The rights of the house's processes on each table."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        found = {
            table: [each for each in ROW_RIGHTS if each not in refused]
            for table, refused in cursor.fetchall()
        }
    return found | {table: ["SELECT"] for table in _READ_ONLY}


@transaction.atomic
def grant(to_give: dict[str, list[str]], *, url: str) -> str:
    """Give the role of `url` these rights and no others, and make it where it is missing; returns its name.

    Asked by the owner of the tables; making a role takes CREATEROLE.
    """
    parts = urlsplit(url)
    role = unquote(parts.username or "")
    named = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            password = sql.Literal(unquote(parts.password)) if parts.password else sql.SQL("NULL")
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(named, password))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(named))
        cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(named))
        cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(named))
        for table, may in to_give.items():
            listed = sql.SQL(", ").join(map(sql.SQL, may))
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(listed, sql.Identifier(table), named))
    return role
