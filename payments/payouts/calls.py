"""Calls to a rail under one pace, many under way at once: each in a thread that touches no row."""

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
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
# Turns are taken so far ahead: longer than rows keep the sweep, and lost where a worker is killed. Claims lie ready for longer,
# which costs nothing.
TURNS_S, CLAIMS_S = 0.5, 2.0
# So many claims or answers are one transaction, the answers unless the oldest has waited for long.
TOGETHER, LONGEST_WAIT_S = 40, 1.5
ROUND_S = 0.2
# Six seconds an answer still keep a pace of twenty a second; a rail that answers nobody is called no more than this.
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
    """What a process has claimed and calls. What one sweep leaves is the next one's; where none comes, the lease goes on."""

    # Claimed, and not yet begun.
    waiting: deque[Claim]

    @property
    def alone(self) -> AbstractContextManager[object]:
        """Held by a sweep while it uses these: another thread's waits for it."""

    @property
    def under_way(self) -> int:
        """How many were begun and not taken as answers."""

    @property
    def claims_wanted(self) -> int: ...

    @property
    def has_turns(self) -> bool:
        """Whether turns of its own are still to come."""

    @property
    def turns_wanted(self) -> int:
        """How many of those that wait should be begun now."""

    def begin(self, claim: Claim, make: Call, *, in_s: float) -> None:
        """Make the call when its turn comes, so many seconds from now."""

    def answers(self) -> list[tuple[Claim, Answer]]:
        """Wait a little; what has come in, where it is worth a transaction."""

    def all_answers(self) -> list[tuple[Claim, Answer]]:
        """What has come in."""


class InThreads:
    """The calls of one process."""

    def __init__(self) -> None:
        self.alone = threading.Lock()
        self.waiting: deque[Claim] = deque()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="payout")
        self._answered: queue.SimpleQueue[tuple[Claim, Answer]] = queue.SimpleQueue()
        self._in_hand: list[tuple[Claim, Answer]] = []
        self._taken_at_s = time.monotonic()
        self._turns: deque[float] = deque()
        self._out = 0

    @property
    def under_way(self) -> int:
        return self._out + len(self._in_hand)

    @property
    def claims_wanted(self) -> int:
        return 0 if self.waiting else min(math.ceil(_pace() * CLAIMS_S), TOGETHER)

    @property
    def has_turns(self) -> bool:
        while self._turns and self._turns[0] <= time.monotonic():
            self._turns.popleft()
        return bool(self._turns)

    @property
    def turns_wanted(self) -> int:
        ahead = math.ceil(_pace() * TURNS_S)
        missing = ahead - (len(self._turns) if self.has_turns else 0)
        return min(missing, AT_ONCE - self._out, len(self.waiting)) if missing * 2 >= ahead else 0

    def begin(self, claim: Claim, make: Call, *, in_s: float) -> None:
        turn = time.monotonic() + in_s
        self._turns.append(turn)
        self._out += 1
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
        self._take_in(within_s=ROUND_S)
        waited_s = time.monotonic() - self._taken_at_s
        worth = (
            len(self._in_hand) >= TOGETHER or waited_s >= LONGEST_WAIT_S or not (self._out or self.waiting)
        )
        return self.all_answers() if worth else []

    def all_answers(self) -> list[tuple[Claim, Answer]]:
        self._take_in(within_s=0)
        found, self._in_hand = self._in_hand, []
        self._taken_at_s = time.monotonic()
        return found

    def _take_in(self, *, within_s: float) -> None:
        until = time.monotonic() + within_s
        while self._out:
            try:
                answer = self._answered.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                return
            self._out -= 1
            self._in_hand.append(answer)


def _pace() -> float:
    return float(settings.STRIPE_REQUESTS_PER_S)


@cache
def of_this_process() -> Calls:
    """Made at the first sweep: threads do not outlive a fork."""
    return InThreads()
