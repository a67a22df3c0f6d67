"""The shared cache, which may go away: its users then go on by what each process remembers itself.

Nothing in it is the record of anything. What stands in it, and what is lost while it is away:
- counts of requests and of failed log-ins: each process counts alone, so a limit is as many times as wide as there are
  processes. Open to the wider limit rather than closed: nobody must be locked out of the house by a cache.
- TOTP codes already used: closed. A code is refused, since another process may have taken it; a recovery code works.
"""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger("callboard.cache")
ASK_AGAIN_S = 5.0
ONCE_ONLY = "allauth.mfa.totp.used?"
# By server, for the whole process: Django makes a cache anew for each request, whose context it is.
_clients: dict[str, Any] = {}
_away_until_s: dict[str, float] = {}


class SteadyCache(RedisCache):
    """RedisCache; while the server does not answer, this process's own memory, asked for anew every few seconds."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        own = {name: value for name, value in params.items() if name != "OPTIONS"}
        self._own = LocMemCache(f"steady:{server}", own)
        self._server = str(server)

    @cached_property
    def _cache(self) -> Any:
        return _clients.setdefault(self._server, super()._cache)

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        if str(key).startswith(ONCE_ONLY):
            return bool(self._ask(super().add, lambda *_, **__: False, key, *args, **kwargs))
        return bool(self._ask(super().add, self._own.add, key, *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask(super().get, self._own.get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._ask(super().set, self._own.set, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return int(self._ask(super().incr, self._own.incr, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(super().delete, self._own.delete, *args, **kwargs))

    def _ask(self, shared: Callable[..., Any], own: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _away_until_s.get(self._server, 0.0):
            try:
                return shared(*args, **kwargs)
            except RedisError as error:
                _away_until_s[self._server] = time.monotonic() + ASK_AGAIN_S
                log.warning("the shared cache is away: %s", type(error).__name__)
        return own(*args, **kwargs)
