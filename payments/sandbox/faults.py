"""Faults on order: what goes wrong, on which request, how often, deterministic under the sandbox's seed."""

import random
import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from payments.sandbox import errors
from payments.sandbox.errors import ApiError
from payments.sandbox.wire import Json

BEFORE = frozenset({"500_before", "503_before", "drop_before", "429", "lock_timeout"})
INSTEAD = frozenset({"refuse"})
# Refusals at the door: Stripe keeps none of them under a key.
NOT_KEPT = frozenset({401, 403, 409, 429})
AFTER = frozenset({"500_after", "503_after", "drop_after", "hang_after"})


@dataclass(slots=True)
class Fault:
    """One fault. `on` is `METHOD /path` with `*` as a wild card; of the requests that fit, the first `skip` pass,
    then `times` of them (None: all), each with `probability`, meet it. `should_retry` sets `Stripe-Should-Retry`;
    `code`, `message` and `status` say what `refuse` answers; `hang_s` how long `hang_after` holds the line.
    """

    on: str
    do: str
    times: int | None = None
    probability: float = 1.0
    skip: int = 0
    should_retry: bool | None = None
    code: str = "balance_insufficient"
    message: str = "The sandbox was told to refuse this request."
    status: int = 400
    hang_s: float = 30.0
    hits: int = 0

    def error(self) -> ApiError:
        """The refusal that this fault stands for."""
        if self.do == "429":
            error = errors.rate_limited("endpoint-rate")
        elif self.do == "lock_timeout":
            error = errors.lock_timeout()
        elif self.do == "refuse":
            executed = self.status not in NOT_KEPT
            error = ApiError(self.message, code=self.code, status=self.status, executed=executed)
        else:
            error = errors.broken(int(self.do[:3]))
        if self.should_retry is not None:
            error.headers["Stripe-Should-Retry"] = "true" if self.should_retry else "false"
        return error


class Faults:
    """The faults that are set, and the dice that decide."""

    def __init__(self, seed: str) -> None:
        self._lock = threading.Lock()
        self._chance = random.Random(f"{seed}:faults")  # noqa: S311 - chance on order, not a secret
        self.set: list[Fault] = []

    def add(self, order: Json) -> Fault:
        """Set a fault; raises ValueError with a sentence when the order cannot be read."""
        try:
            fault = Fault(**_read_order(order))
        except TypeError as problem:
            raise ValueError(f"A fault cannot be read from {sorted(order)}.") from problem
        if fault.do not in BEFORE | INSTEAD | AFTER:
            raise ValueError(f"`do` must be one of {sorted(BEFORE | INSTEAD | AFTER)}.")
        with self._lock:
            self.set.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.set.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, if any; the first one that fits is used up."""
        with self._lock:
            for fault in self.set:
                if not fnmatchcase(f"{method} {path}", fault.on):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times == 0 or self._chance.random() >= fault.probability:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                fault.hits += 1
                return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self.set]


def _read_order(order: Json) -> Json:
    """`times` without more means the next n; a probability without `times` means as long as it is set."""
    values = dict(order)
    if "nth" in values:
        values |= {"skip": int(values.pop("nth")) - 1, "times": 1}
    if "times" not in values and "probability" not in values:
        values["times"] = 1
    if not isinstance(values.get("on"), str) or not isinstance(values.get("do"), str):
        raise ValueError('A fault needs "on": "POST /v1/transfers" and "do".')  # noqa: TRY004 - one refusal for all
    for name in ("times", "skip", "status", "hang_s"):
        if name in values and not _counts(values[name]) and (name, values[name]) != ("times", None):
            raise ValueError(f"`{name}` must be a number, 0 or more.")
    probability = values.get("probability", 1.0)
    if not _counts(probability) or probability > 1:
        raise ValueError("`probability` must lie between 0 and 1.")
    return values


def _counts(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
