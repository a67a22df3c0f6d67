"""The pace of the API by person and key. Apart from `endpoint`, because DRF imports it while its own views are loading."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.access.middleware import actor_of
from accounts.access.rules import pace_scope
from kit.http import pacing


class ActorThrottle(BaseThrottle):
    """429 `throttled` beyond the actor's pace. Nobody's calls count by their address, as every page's do."""

    def __init__(self) -> None:
        self.wait_s: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        actor = actor_of(request._request)
        if not actor.is_anonymous:
            self.wait_s = pacing.wait_for(pace_scope(view, actor), actor.label)
        return self.wait_s is None

    def wait(self) -> float | None:
        return self.wait_s
