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
