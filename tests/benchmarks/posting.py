"""Posting a two-leg entry: our one function call, beside BEGIN, three INSERTs, COMMIT on tables with the same keys.

Paired rounds in one run; what counts is the ratio of their medians, never a time by itself.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

from django.db import connection, transaction

from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from tests.benchmarks.row import Row

ROUNDS, ENTRIES = 7, 400
AT = datetime(2026, 11, 20, tzinfo=UTC)
_keys = count()

PLAIN = """
CREATE TABLE bench_account (id bigint PRIMARY KEY);
CREATE TABLE bench_entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text UNIQUE NOT NULL);
CREATE TABLE bench_leg (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id bigint NOT NULL REFERENCES bench_entry,
  account_id bigint NOT NULL REFERENCES bench_account, amount_minor bigint NOT NULL);
INSERT INTO bench_account SELECT generate_series(1, 2);
"""


def rows() -> Iterator[Row]:
    """At least as many posts a second."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
    debit = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="bench_a")
    credit = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="bench_b")

    def ours() -> None:
        ledger.move(
            debit=debit, credit=credit, amount_minor=5, key=f"bench:{next(_keys)}", kind="bench", at=AT
        )

    pairs = [(_per_second(ours), _per_second(_plain)) for _ in range(ROUNDS)]
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield Row("posting", one / other, 1.0, f"ours {one:,.0f}/s  three INSERTs {other:,.0f}/s")


def _plain() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_entry (key) VALUES (%s) RETURNING id", [f"bench:{next(_keys)}"])
        entry = cursor.fetchone()[0]
        for account, amount in ((1, 5), (2, -5)):
            cursor.execute(
                "INSERT INTO bench_leg (entry_id, account_id, amount_minor) VALUES (%s, %s, %s)",
                [entry, account, amount],
            )


def _per_second(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    for _ in range(ENTRIES):
        act()
    return ENTRIES / (time.perf_counter() - began)
