"""How often one address, person or key may ask: counted by the minute in the shared cache, refused with what to wait."""

import ipaddress
import math
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle

PERIOD_S = 60
NOWHERE = "nowhere"  # what is no address; all of it counts together
_NETWORK = 64  # of an IPv6 address: what one household or host has is one caller


def wait_for(scope: str, who: str) -> int | None:
    """Count one request of `who` against `settings.PACE[scope]`; the seconds to wait where it is one too many, else None.

    The count is one atomic step, so that many at once gain nothing. Real time, not the house's: a limit is no deadline.
    """
    now_s = time.time()
    period, into_s = divmod(now_s, PERIOD_S)
    key = f"pace:{scope}:{who}:{period:.0f}"
    cache.add(key, 0, timeout=2 * PERIOD_S)
    if _counted(key) <= settings.PACE[scope]:
        return None
    return math.ceil(PERIOD_S - into_s)


def address(request: HttpRequest) -> str:
    """Whom the request came from: counted back over exactly `TRUSTED_PROXIES` entries of X-Forwarded-For, which our own
    proxies wrote; what the visitor wrote in front of them is not read."""
    parsed = _parsed(request)
    if parsed is None:
        return NOWHERE
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _NETWORK), strict=False))


def whole_address(request: HttpRequest) -> str:
    """The same, each host for itself: for what is signed. Empty where there is none."""
    return str(_parsed(request) or "")


def _parsed(request: HttpRequest) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    given = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # reads META only
    try:
        return ipaddress.ip_address(given.strip())
    except ValueError:
        return None


def _counted(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1  # forgotten between the two steps: its period is over
