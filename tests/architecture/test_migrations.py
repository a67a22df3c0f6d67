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
POLICY = (
    '{"minimum_call_s": 3600, "grace_gap_s": 120, "no_show_after_s": 900, "overrun_limit_s": 900, "meal_min_s": 1800, '
    '"rounding": "exact", "cancel_tiers": [[86400, 0], [0, 10000]]}'
)
A_GIG = f"""
INSERT INTO marketplace_gig (id, public_id, company_id, state, title, scene, brief, content_notes, rate_minor, currency, fee_bps,
  seats, openings, session_s, sessions_planned, skills, languages, time_zone, starts_on, ends_on, answer_days, purposes,
  exclusive, policy, funded_minor, credit_minor, committed_minor, published_at, review_note)
VALUES (1, %s, 1, 'published', 'A lift', 'Two strangers.', 'No script.', '', 7400, 'usd', 1500, 2, 3, 5400, 10, '{{}}', '{{}}',
  'America/New_York', '2026-11-02', '2026-12-31', 7, '{{evaluation}}', false, '{POLICY}', 1000000, 0, 0, now(), '')
"""  # noqa: S608 -- its own policy
AN_APPLICATION = """
INSERT INTO marketplace_application (public_id, gig_id, performer_id, state, note, submitted_at, answer_due_at, decided_at,
  reason, reason_note, offer_message)
VALUES (%s, 1, %s, %s, '', now(), now(), now(), '', '', '')
"""
AN_ENGAGEMENT = """
INSERT INTO marketplace_engagement (public_id, application_id, performer_id, gig_id, company_id, state, ended_at, end_reason)
VALUES (%s, %s, %s, 1, 1, %s, now(), 'Done.')
"""
SIGNED_TERMS = f"""
INSERT INTO marketplace_terms (public_id, engagement_id, version, rate_minor, currency, fee_bps, policy, purposes, text,
  text_sha256, performer_signed_at, performer_signature, company_signed_at, company_signature, company_signed_by_id)
VALUES (%s, %s, 1, 7400, 'usd', 1500, '{POLICY}', '{{evaluation}}', 'What both signed.', repeat('0', 64), now(), 'Ada', now(),
  'Nora', 1)
"""  # noqa: S608 -- its own policy
A_SEAT_CALLED_OFF = """
INSERT INTO marketplace_seat (public_id, session_id, performer_id, engagement_id, terms_id, rate_minor, currency, fee_bps,
  committed_minor, during, released_at)
VALUES (%s, 1, 1, 1, 1, 7400, 'usd', 1500, 0, '[2026-11-10 15:00Z, 2026-11-10 16:30Z)', now())
"""
A_DISPUTE = """
INSERT INTO marketplace_dispute (public_id, line_id, raised_by, reason, text, claimed_s, raised_at, answer_due_at, disagreed_at,
  disagreement, resolved_at, resolution)
VALUES (%s, %s, 'performer', 'other', %s, %s, '2026-10-27 09:00Z', %s, %s, %s, %s, %s)
"""


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


def test_a_place_of_an_engagement_that_ended_is_free_and_terms_keep_the_days_of_their_gig(
    database: str,
) -> None:
    """Marketplace 0011, over signed terms that nothing may change otherwise."""
    migrate(database, "marketplace", "0010_time_rules_2")
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")  # whose they are does not matter here
        books.execute(A_GIG, [uuid.uuid4()])
        for number, (application, engagement) in enumerate(
            [("accepted", "terminated"), ("accepted", "active"), ("declined", "terminated")], start=1
        ):
            books.execute(AN_APPLICATION, [uuid.uuid4(), number, application])
            books.execute(AN_ENGAGEMENT, [uuid.uuid4(), number, number, engagement])
            books.execute(SIGNED_TERMS, [uuid.uuid4(), number])
        books.execute(A_SEAT_CALLED_OFF, [uuid.uuid4()])
    migrate(database)
    with psycopg.connect(database, autocommit=True) as books:
        states = books.execute("SELECT state FROM marketplace_application ORDER BY id").fetchall()
        days = books.execute(
            "SELECT DISTINCT starts_on::text, ends_on::text FROM marketplace_terms"
        ).fetchall()
        paused = books.execute("SELECT DISTINCT paused_by FROM marketplace_engagement").fetchall()
        released = books.execute("SELECT released_by FROM marketplace_seat").fetchall()
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            books.execute("UPDATE marketplace_terms SET ends_on = '2027-01-01'")
    assert states == [("ended",), ("accepted",), ("declined",)]
    assert days == [("2026-11-02", "2026-12-31")]
    # Nobody took a pause before there was one; with which of its sessions a seat was called off, its session says.
    assert (paused, released) == ([("",)], [("",)])


A_GRANT = """
INSERT INTO marketplace_grant (id, public_id, application_id, purpose, state, text, text_sha256, terms_sha256, conditions,
  given_at, active_at) VALUES (%s, %s, %s, 'evaluation', %s, 'Words.', repeat('0', 64), repeat('0', 64), '{}', now(), %s)
"""


def test_what_was_given_to_an_engagement_that_ended_before_both_had_signed_holds_no_more(
    database: str,
) -> None:
    """Marketplace 0043: with an event of which a receipt is made, and on the trail; what both signed stays."""
    migrate(database, "marketplace", "0010_time_rules_2")
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")  # whose they are does not matter here
        books.execute(A_GIG, [uuid.uuid4()])
        for number, engagement in enumerate(["terminated", "performer_signed", "terminated"], start=1):
            books.execute(AN_APPLICATION, [uuid.uuid4(), number, "accepted"])
            books.execute(AN_ENGAGEMENT, [uuid.uuid4(), number, number, engagement])
    migrate(database, "marketplace", "0042_provenance")
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")
        for number, (state, active_at) in enumerate(
            [("given", None), ("given", None), ("active", "2026-11-02 09:00Z")], start=1
        ):
            books.execute(A_GRANT, [number, uuid.uuid4(), number, state, active_at])
    migrate(database)
    with psycopg.connect(database) as books:
        states = books.execute("SELECT state FROM marketplace_grant ORDER BY id").fetchall()
        events = books.execute("SELECT grant_id, kind FROM marketplace_grantevent").fetchall()
        trail = books.execute("SELECT verb, left(thing, 4) FROM accounts_auditevent").fetchall()
    assert states == [("superseded",), ("given",), ("active",)]
    assert events == [(1, "superseded")]
    assert ("grant.superseded", "grt_") in trail


def test_an_open_dispute_that_was_promised_talent_operations_goes_to_them(database: str) -> None:
    """Marketplace 0016: who disagreed, who claimed no figure, and whose time is over; the others wait for the other side."""
    migrate(database, "marketplace", "0015_move_a_session")
    ahead, over = "2199-01-01 09:00Z", "2026-11-01 09:00Z"
    rows = [
        ("disagreed", 600, ahead, "2026-10-30 09:00Z", None),
        ("no figure", None, ahead, None, None),
        ("late", 600, over, None, None),
        ("waits", 600, ahead, None, None),
        ("resolved", 600, over, "2026-10-30 09:00Z", "2026-10-31 09:00Z"),
    ]
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")
        for number, (text, claimed_s, due_at, disagreed_at, resolved_at) in enumerate(rows, start=1):
            no, answer = "No." if disagreed_at else "", "So it is." if resolved_at else ""
            books.execute(
                A_DISPUTE,
                [uuid.uuid4(), number, text, claimed_s, due_at, disagreed_at, no, resolved_at, answer],
            )
    migrate(database)
    with psycopg.connect(database) as books:
        due = books.execute(
            "SELECT text, to_char(decision_due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM marketplace_dispute ORDER BY id"
        ).fetchall()
    assert due == [
        ("disagreed", "2026-11-04 09:00"),
        ("no figure", "2199-01-06 09:00"),
        ("late", "2026-11-06 09:00"),
        ("waits", None),
        ("resolved", None),
    ]


A_PAID_ITEM = """
INSERT INTO payments_payitem (id, public_id, run_id, performer_id, currency, amount_minor, net_minor, recovered_minor, lines,
  rail, state, natural_key, first_generation, generation, fence, destination, transfer_id, hold_code, hold_detail, sent_at)
VALUES (%s, %s, %s, %s, 'usd', 7400, 7400, 0, 1, 'stripe_transfers', %s, %s, 1, 1, 1, %s, %s, '', '', now())
"""
ITS_TRANSFER = """
INSERT INTO payments_transfer (id, stripe_id, item_id, amount_minor, told_reversed_minor, reversed_minor, currency,
  destination, destination_payment, transfer_group, created_at, seen_at)
VALUES (%s, %s, %s, 7400, 0, 0, 'usd', %s, 'py_1', '', '2026-10-01 09:00Z', now())
"""
AN_ACCOUNT = """
INSERT INTO payments_payeeaccount (id, performer_id, stripe_id, livemode, transfers_status, payouts_status, requirements,
  bank_fingerprint, closed_at, created_at)
VALUES (%s, %s, %s, false, 'active', 'active', '[]', 'fp', %s, '2026-10-20 09:00Z')
"""
A_BANK_PAYOUT = """
INSERT INTO payments_bankpayout (id, stripe_id, account_id, amount_minor, currency, status, failure_code, failure_message,
  seen_at, carries) VALUES (1, 'po_1', 1, 7400, 'usd', 'failed', 'no_account', '', '2026-10-05 09:00Z', '{py_1}')
"""


def test_an_account_that_was_overwritten_comes_back_with_what_went_to_it(database: str) -> None:
    """Payments 0010: its transfers name it, its payouts go back to it, and it is followed."""
    migrate(database, "payments", "0009_money_after_the_fact")
    with psycopg.connect(database, autocommit=True) as books:
        books.execute("SET session_replication_role = replica")  # whose they are does not matter here
        books.cursor().executemany(
            "INSERT INTO accounts_performer (id, public_id, user_id, state, stage_name, about, country, skills, languages)"
            " VALUES (%s, %s, %s, 'approved', 'Robin', '', 'US', '{}', '{}')",
            [(1, uuid.uuid4(), 1), (2, uuid.uuid4(), 2)],
        )
        books.execute(AN_ACCOUNT, [1, 1, "acct_now", None])
        books.execute(AN_ACCOUNT, [2, 2, "acct_shut", "2026-11-01 09:00Z"])
        for number, (destination, state) in enumerate(
            [("acct_before", "sent"), ("acct_now", "settled")], start=1
        ):
            item = [number, uuid.uuid4(), number, 1, state, uuid.uuid4(), destination, f"tr_{number}"]
            books.execute(A_PAID_ITEM, item)
            books.execute(ITS_TRANSFER, [number, f"tr_{number}", number, destination])
        books.execute(A_BANK_PAYOUT)
        books.execute("INSERT INTO payments_bankpayout_transfers (bankpayout_id, transfer_id) VALUES (1, 1)")
    migrate(database)
    with psycopg.connect(database) as books:
        rows = books.execute(
            "SELECT stripe_id, performer_id, ended_why, ended_at::date::text, bank_due_at IS NOT NULL"
            " FROM payments_payeeaccount ORDER BY stripe_id"
        ).fetchall()
        carried = books.execute(
            "SELECT account.stripe_id, payout.created_at = payout.seen_at FROM payments_bankpayout payout"
            " JOIN payments_payeeaccount account ON account.id = payout.account_id"
        ).fetchall()
    assert rows == [
        ("acct_before", 1, "replaced", "2026-10-20", True),
        ("acct_now", 1, "", None, True),
        ("acct_shut", 2, "closed", "2026-11-01", True),
    ]
    assert carried == [("acct_before", True)]
