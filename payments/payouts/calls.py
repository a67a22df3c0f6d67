"""Calls to a rail under one pace, many under way at once: each in a thread that touches no row."""

import math
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol

import structlog
from django.conf import settings

from kit.crash import crash_point
from payments.gateway.outcomes import Failure, Unknown
from payments.payouts.claims import Claim
from payments.payouts.rail import Sent, Unreachable

log = structlog.get_logger(__name__)
# Sendings under one key after which the group is listed before the next.
PEEK_AFTER = 2
# So much of the pace is claimed ahead of its turn: more than a round of recording takes, and lost where a worker is killed.
AHEAD_S = 0.75
ROUND_S = 0.4
# Five seconds an answer still keep a pace of twenty a second; a rail that answers nobody is called no more than this.
AT_ONCE = 128


@dataclass(frozen=True)
class Lost:
    """The process stood still while its lease ran out: whoever claimed since goes on, this one called nobody."""


@dataclass(frozen=True)
class Listed:
    """What lies in a claim's group, and whether that decides: past the time in which it may be sent."""

    found: Sequence[Sent]
    at: datetime
    decides: bool


Answer = Sent | Failure | Listed | Lost
Call = Callable[[], Answer]


def call(claim: Claim, *, now: Callable[[], datetime]) -> Answer:
    """Ask the rail what the claim asks for by now: its group, where sending could pay twice; else to send."""
    crash_point("send.claimed")
    at = now()
    if at >= claim.lease_until:
        log.warning("payout_lease_lost", item=claim.item_id, fence=claim.fence)
        return Lost()
    if claim.must_list_first(at):
        return _look_up(claim, at=at)
    if claim.sends > PEEK_AFTER and not claim.peeked:
        return _peek(claim, at=at)
    outcome = claim.rail.send(claim.params, key=claim.idempotency_key)
    crash_point("send.called")
    return outcome


def _look_up(claim: Claim, *, at: datetime) -> Listed | Unknown:
    try:
        found = claim.rail.in_group(claim.group, claim.generations)
    except Unreachable as error:
        return Unknown(reason=str(error))
    crash_point("lookup.listed")
    return Listed(found, at, decides=True)


def _peek(claim: Claim, *, at: datetime) -> Listed:
    """After several unknown answers, look whether the money went out: a kept 500 is replayed for a day even where the
    money moved. Finding one decides; finding none decides nothing, so the same key is sent again."""
    try:
        found = claim.rail.in_group(claim.group, claim.generations)
    except Unreachable:
        return Listed([], at, decides=False)
    crash_point("peek.listed")
    return Listed(found, at, decides=False)


class Calls(Protocol):
    """Calls under way. What a sweep leaves under way is the next one's to take; where none comes, the lease goes on."""

    @property
    def free(self) -> int:
        """How many more calls the pace wants begun."""

    @property
    def under_way(self) -> int: ...

    def begin(self, claim: Claim, make: Call, *, in_s: float) -> None:
        """Make the call when its turn comes, so many seconds from now."""

    def answers(self) -> list[tuple[Claim, Answer]]:
        """What has come in; waits a round for more, unless nothing is under way."""


class InThreads:
    """The calls of one process. One sweep at a time uses it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="payout")
        self._answered: queue.SimpleQueue[tuple[Claim, Answer]] = queue.SimpleQueue()
        self._turns: deque[float] = deque()
        self._under_way = 0

    @property
    def under_way(self) -> int:
        return self._under_way

    @property
    def free(self) -> int:
        while self._turns and self._turns[0] <= time.monotonic():
            self._turns.popleft()
        ahead = math.ceil(float(settings.STRIPE_REQUESTS_PER_S) * AHEAD_S) - len(self._turns)
        return max(min(ahead, AT_ONCE - self._under_way), 0)

    def begin(self, claim: Claim, make: Call, *, in_s: float) -> None:
        turn = time.monotonic() + in_s
        self._turns.append(turn)
        self._under_way += 1
        self._threads.submit(self._make, claim, make, turn)

    def _make(self, claim: Claim, make: Call, turn: float) -> None:
        time.sleep(max(turn - time.monotonic(), 0))
        try:
            answer = make()
        except Exception as error:
            # Whatever broke on the way, the money may have moved.
            log.exception("payout_call_broke", item=claim.item_id)
            answer = Unknown(reason=f"broke: {type(error).__name__}")
        self._answered.put((claim, answer))

    def answers(self) -> list[tuple[Claim, Answer]]:
        until, found = time.monotonic() + ROUND_S, []
        while self._under_way:
            try:
                found.append(self._answered.get(timeout=max(until - time.monotonic(), 0)))
            except queue.Empty:
                break
            self._under_way -= 1
        return found


@cache
def of_this_process() -> Calls:
    """Made at the first sweep: threads do not outlive a fork."""
    return InThreads()
