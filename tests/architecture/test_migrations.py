"""What is stored already comes along: a migration that renames a word is played over rows that carry the old one."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow_run


def migrate(url: str, *to: str) -> None:
    settings = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "callboard.settings.local"}
    words = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0", *to]
    subprocess.run(words, cwd=PROJECT, env=os.environ | settings, check=True, timeout=180)


def test_a_session_that_was_reconciled_is_time_recorded_and_its_time_stays(database: str) -> None:
    migrate(database, "marketplace", "0006_disagreed_disputes")
    with psycopg.connect(database, autocommit=True) as books:
        # Its gig and company do not matter here, so the keys that point at them are not checked.
        books.execute("SET session_replication_role = replica")
        books.execute(
            """
            INSERT INTO marketplace_session (public_id, gig_id, company_id, state, outcome, call_at, scheduled_end_at,
              policy, reconciled_at, cancelled_by, cancel_reason)
            VALUES (%s, 1, 1, 'reconciled', 'wrapped', '2026-11-10 15:00Z', '2026-11-10 16:30Z', '{}', '2026-11-10 17:00Z',
              '', '')
            """,
            [uuid.uuid4()],
        )
    migrate(database)
    with psycopg.connect(database) as books:
        row = books.execute(
            "SELECT state, outcome, time_recorded_at::text FROM marketplace_session"
        ).fetchone()
    assert row is not None
    assert row[:2] == ("time_recorded", "wrapped")
    assert row[2].startswith("2026-11-10")
    migrate(database, "marketplace", "0006_disagreed_disputes")
    with psycopg.connect(database) as books:
        assert books.execute("SELECT state FROM marketplace_session").fetchone() == ("reconciled",)


def test_who_worked_before_there_was_vetting_is_approved_and_who_was_suspended_stays_so(
    database: str,
) -> None:
    migrate(database, "accounts", "0007_invitations")
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")  # of whom they are does not matter here
        books.execute(
            "INSERT INTO accounts_company (public_id, name, about, website) VALUES (%s, 'Northlight', '', '')",
            [uuid.uuid4()],
        )
        for number, since in enumerate([None, "2026-10-01 09:00Z"], start=1):
            books.execute(
                """
                INSERT INTO accounts_performer (public_id, user_id, stage_name, about, country, skills, languages,
                  adult_confirmed_at, suspended_at)
                VALUES (%s, %s, 'Robin', '', 'US', '{}', '{}', now(), %s)
                """,
                [uuid.uuid4(), number, since],
            )
    migrate(database)
    with psycopg.connect(database) as books:
        states = books.execute("SELECT state FROM accounts_performer ORDER BY id").fetchall()
        companies = books.execute("SELECT state FROM accounts_company").fetchall()
        open_ones = books.execute(
            "SELECT public_id IS NOT NULL, suspended_at::date::text FROM accounts_suspension WHERE lifted_at IS NULL"
        ).fetchall()
    assert (states, companies) == ([("approved",), ("suspended",)], [("approved",)])
    assert open_ones == [(True, "2026-10-01")]
