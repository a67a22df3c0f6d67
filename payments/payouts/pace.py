"""One pace for all workers: Stripe counts the platform's requests, not each worker's."""

import time

from django.conf import settings
from django.db import connection

SLOWEST_WAIT_S = 30.0


def wait_for_turn() -> None:
    """Take the next free slot and sleep until it comes. The slots are one row, so they are shared by every process."""
    gap_s = 1.0 / settings.STRIPE_REQUESTS_PER_S
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_pace (name, next_at) VALUES ('stripe', clock_timestamp())
            ON CONFLICT (name) DO UPDATE
              SET next_at = greatest(payments_pace.next_at, clock_timestamp()) + make_interval(secs => %s)
            RETURNING extract(epoch FROM next_at - clock_timestamp())
            """,
            [gap_s],
        )
        wait_s = min(float(cursor.fetchone()[0]), SLOWEST_WAIT_S)
    if wait_s > 0:
        time.sleep(wait_s)
