"""What goes wrong with the API on order: on which method, how, how often; the same for the same seed."""

import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from marketplace.video_sandbox.wire import STATUS_OF, Json

# Beside Twirp's codes: late, no answer and nothing done, no answer though it is done, and a page of some proxy.
OTHERS = frozenset({"slow", "drop_before", "drop_after", "proxy_404"})


@dataclass(slots=True)
class Fault:
    """`on` is a method as `ListParticipants`, `*` for any. `times` None: as long as it is set."""

    on: str
    do: str
    times: int | None = 1
    probability: float = 1.0
    wait_s: float = 0.0


class Faults:
    def __init__(self, seed: str) -> None:
        self._chance = random.Random(f"{seed}:faults")  # noqa: S311 -- chance on order, not a secret
        self.set: list[Fault] = []

    def add(self, order: Json) -> None:
        """Raises ValueError with a sentence when the order cannot be read."""
        try:
            fault = Fault(**order)
        except TypeError as problem:
            raise ValueError('A fault needs "on" and "do".') from problem
        if fault.do not in OTHERS and fault.do not in STATUS_OF:
            raise ValueError(f"`do` must be one of {sorted(OTHERS | STATUS_OF.keys())}.")
        self.set.append(fault)

    def meet(self, method: str) -> Fault | None:
        """The fault that this call meets, if any."""
        for fault in self.set:
            if fault.times == 0 or not fnmatchcase(method, fault.on):
                continue
            if self._chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None

    def shown(self) -> list[Json]:
        return [asdict(fault) for fault in self.set]
