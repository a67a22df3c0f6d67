"""One pace for all workers: Stripe counts the platform's requests, not each worker's."""

import time

from django.conf import settings
from django.db import connection

# No queue of turns is that long: where it seems so, the database's clock was once ahead, and the turns begin anew.
LONGEST_QUEUE_S = 60.0


def wait_for_turn() -> None:
    """Take the next turn and sleep until it comes."""
    time.sleep(*turns(1))


def is_taken() -> bool:
    """Whether turns are given out ahead of time: somebody uses the pace to the full."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM payments_pace WHERE name = 'stripe'"
            " AND next_at BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => %s))",
            [LONGEST_QUEUE_S],
        )
        return bool(cursor.fetchone()[0])


def turns(number: int) -> list[float]:
    """Take the next so many turns; returns in how many seconds from now each comes. They are given out by one row, so they
    are shared by every process."""
    if not number:
        return []
    gap_s = 1.0 / settings.STRIPE_REQUESTS_PER_S
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_pace AS pace (name, next_at)
              VALUES ('stripe', clock_timestamp() + make_interval(secs => %(taken)s))
            ON CONFLICT (name) DO UPDATE
              SET next_at = make_interval(secs => %(taken)s) + CASE
                WHEN pace.next_at > clock_timestamp() + make_interval(secs => %(longest)s) THEN clock_timestamp()
                ELSE greatest(pace.next_at, clock_timestamp()) END
            RETURNING extract(epoch FROM next_at - make_interval(secs => %(taken)s) - clock_timestamp())
            """,
            {"taken": number * gap_s, "longest": LONGEST_QUEUE_S},
        )
        first_s = float(cursor.fetchone()[0])
    return [max(first_s + turn * gap_s, 0.0) for turn in range(number)]
