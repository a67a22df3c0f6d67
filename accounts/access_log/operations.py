"""Writing the log: one statement a request, none of which can make the page fail."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.access.actors import Actor
from accounts.access_log.models import LONGEST_PART, MOST_PARTS, Way

A_MINUTE_S = 60
# Looks at the same by the same within a minute are one row: a page that asks again by itself floods nothing. The index
# `one_look_a_minute` decides between two at the very same time. Each press is a row.
_WRITE = """
    INSERT INTO accounts_accessentry (at, actor, role, route, things, way, pressed, minute)
    SELECT %(at)s, %(actor)s, %(role)s, %(route)s, %(things)s::varchar[], %(way)s, %(pressed)s, %(minute)s
    WHERE %(pressed)s OR NOT EXISTS (
      SELECT FROM accounts_accessentry
      WHERE actor = %(actor)s AND route = %(route)s AND things = %(things)s::varchar[] AND way = %(way)s AND NOT pressed
        AND minute BETWEEN %(minute)s - 1 AND %(minute)s AND at > %(at)s::timestamptz - make_interval(secs => %(a_minute_s)s))
    ON CONFLICT DO NOTHING
"""


def write(
    *, route: str, things: Iterable[str], way: Way, pressed: bool, role: str, by: Actor, at: datetime
) -> bool:
    """Write down one look or press; False where the same look stands there from less than a minute ago."""
    row: dict[str, Any] = {
        "at": at,
        "actor": by.label,
        "role": role,
        "route": route,
        "things": [thing[:LONGEST_PART] for thing in things][:MOST_PARTS],
        "way": way.value,
        "pressed": pressed,
        "minute": int(at.timestamp()) // A_MINUTE_S,
        "a_minute_s": A_MINUTE_S,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, row)
        return bool(cursor.rowcount)
