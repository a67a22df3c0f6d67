"""`/healthz`: this process answers. `/readyz`: the database and the broker answer too, so send it visitors."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from accounts.access.rules import Audience, allow

PATIENCE_S = 2


@allow(Audience.ANYONE)
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@allow(Audience.ANYONE)
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when all parts answer, else 503; names each part, and nothing of what went wrong."""
    parts = {"database": _database(), "broker": _broker()}
    return JsonResponse({"ok": all(parts.values())} | parts, status=200 if all(parts.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        return False


def _broker() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
