"""A tiny Stripe: keys that are kept for a day with their answers, errors included; groups; requests that run late."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from tests.simulation.model.answers import Answer, Violation
from tests.simulation.model.rules import DAY

LATEST_S = 600
Params = tuple[int, int]


class Fault(Enum):
    """What may happen to a request."""

    LOST_BEFORE = "lost on its way"
    LOST_AFTER = "executed, its answer lost"
    LATE = "given up, and executed later"
    UNREADABLE = "executed, its answer cut off"
    ERROR_AFTER = "executed, answered with a 500 that is kept"
    ERROR_KEPT = "a 500 that is kept, and nothing executed"
    ERROR_BEFORE = "a 500 before anything"
    RATE_LIMITED = "429"
    BUSY = "409"
    FORBIDDEN = "403"
    REFUSED = "refused"


ANSWERS = {
    Fault.LOST_BEFORE: Answer.LOST,
    Fault.LOST_AFTER: Answer.LOST,
    Fault.LATE: Answer.LOST,
    Fault.UNREADABLE: Answer.UNREADABLE,
    Fault.ERROR_BEFORE: Answer.ERROR,
    Fault.RATE_LIMITED: Answer.RATE_LIMITED,
    Fault.BUSY: Answer.BUSY,
    Fault.FORBIDDEN: Answer.FORBIDDEN,
}


@dataclass(slots=True)
class Late:
    """A request that the house has given up and that still runs."""

    at: int
    key: object
    params: Params


class Stripe:
    """`trouble` is the share of requests to which one of `faults` happens; `refuses` the accounts it will not pay."""

    def __init__(self, random: Random, *, trouble: float, faults: Sequence[Fault], items: int) -> None:
        self.random = random
        self.trouble = trouble
        self.faults = faults
        self.now = 0
        self.refuses: set[int] = set()
        self.late: list[Late] = []
        self.groups: list[list[int]] = [[] for _ in range(items)]
        self._kept: dict[object, tuple[int, Params, Answer, int]] = {}
        self._ids = 0

    def create(self, key: object, params: Params) -> tuple[Answer, int]:
        """One POST: the answer as the house gets it, and the transfer's id with a MADE."""
        if self.random.random() >= self.trouble:
            return self._run(key, params)
        fault = self.random.choice(self.faults)
        if fault is Fault.LATE:
            self.late.append(Late(self.now + self.random.randint(1, LATEST_S), key, params))
        elif fault in (Fault.LOST_AFTER, Fault.UNREADABLE):
            self._run(key, params)
        elif fault in (Fault.ERROR_AFTER, Fault.ERROR_KEPT, Fault.REFUSED):
            return self._run(key, params, fault)
        return ANSWERS[fault], 0

    def in_group(self, n: int) -> list[int] | None:
        """The transfers of a group; None when Stripe cannot be read."""
        if self.random.random() < self.trouble / 4:
            return None
        return list(self.groups[n])

    def moves_to(self, now: int) -> None:
        """Time passes: what is late runs on its way."""
        if self.late:
            due = sorted((late for late in self.late if late.at <= now), key=lambda late: late.at)
            self.late = [late for late in self.late if late.at > now]
            for late in due:
                self.now = late.at
                self._run(late.key, late.params)
        self.now = now

    def _run(self, key: object, params: Params, fault: Fault | None = None) -> tuple[Answer, int]:
        kept = self._kept.get(key) if key is not None else None
        if kept is not None and self.now - kept[0] < DAY:
            _, before, answer, transfer = kept
            return (answer, transfer) if before == params else (Answer.MISMATCH, 0)
        answer, transfer = self._execute(params[0], fault)
        if key is not None:
            self._kept[key] = (self.now, params, answer, transfer)
        return answer, transfer

    def _execute(self, n: int, fault: Fault | None) -> tuple[Answer, int]:
        if fault is Fault.REFUSED or n in self.refuses:
            return Answer.REFUSED, 0
        if fault is Fault.ERROR_KEPT:
            return Answer.ERROR, 0
        transfer = self._pay(n)
        return (Answer.ERROR, 0) if fault is Fault.ERROR_AFTER else (Answer.MADE, transfer)

    def _pay(self, n: int) -> int:
        self._ids += 1
        self.groups[n].append(self._ids)
        if len(self.groups[n]) > 1:
            raise Violation(f"item {n} was paid twice")
        return self._ids
