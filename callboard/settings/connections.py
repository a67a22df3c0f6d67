"""Where the database, the broker, Stripe and LiveKit are: from the environment, else the embedded ones."""

import os
from typing import Any
from urllib.parse import urlsplit

from environ import Env

from callboard.embedded import addresses

env = Env()
NO_CACHE = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}


def database(url: str, *, pool: bool) -> dict[str, Any]:
    """Django's description of one Postgres. With a pool, connections outlive requests."""
    options: dict[str, Any] = {"options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000"}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    parsed = Env.db_url_config(url)
    parsed["OPTIONS"] = parsed.get("OPTIONS", {}) | options
    return {
        **parsed,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0 if pool else 600,
        # A pool keeps what it has through a restart of Postgres: asked first, a dead connection costs no page.
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or addresses.database_url()


def redis_url() -> str:
    return os.environ.get("REDIS_URL") or addresses.redis_url()


def of_livekit(url: str) -> list[str]:
    """Where the room's page may connect to, where sessions are played at LiveKit: its socket, and what it asks by HTTP."""
    scheme, _, rest = url.partition("://")
    s = "s" if scheme in ("wss", "https") else ""
    return [f"ws{s}://{rest}", f"http{s}://{rest}"] if rest else []


def cache(url: str) -> dict[str, Any]:
    return {
        "BACKEND": "kit.http.steady_cache.SteadyCache",
        "LOCATION": _numbered(url, 1),
        "KEY_PREFIX": "callboard",
        # A server that is gone without a word costs a request this long, once in some seconds.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }


def _numbered(url: str, number: int) -> str:
    """The same server, another database: the broker's FLUSHDB must not log everyone out, nor the other way round."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"{url}{'&' if parts.query else '?'}db={number}" if "db=" not in parts.query else url
    return parts._replace(path=f"/{number}").geturl()
