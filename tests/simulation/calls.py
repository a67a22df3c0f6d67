"""The calls of a sweep as a story plays them: one after the other where the sweep stands, in the order that the dice say."""

from collections import deque
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random

from payments.payouts.calls import Answer, Call
from payments.payouts.claims import Claim

AT_ONCE = 3


@dataclass
class InSeededOrder:
    """What a process's threads are in production. Some of what is under way is answered at once, the rest later."""

    dice: Random
    alone: AbstractContextManager[object] = field(default_factory=nullcontext)
    waiting: deque[Claim] = field(default_factory=deque)
    _begun: list[tuple[Claim, Call]] = field(default_factory=list)

    @property
    def under_way(self) -> int:
        return len(self._begun)

    @property
    def claims_wanted(self) -> int:
        return 0 if self.waiting else AT_ONCE

    @property
    def has_turns(self) -> bool:
        return True

    @property
    def turns_wanted(self) -> int:
        return min(AT_ONCE - self.under_way, len(self.waiting))

    def begin(self, claim: Claim, make: Call, *, in_s: float) -> None:
        self._begun.append((claim, make))

    def answers(self) -> list[tuple[Claim, Answer]]:
        if not self._begun:
            return []
        self.dice.shuffle(self._begun)
        now = self.dice.randint(1, len(self._begun))
        made, self._begun = self._begun[:now], self._begun[now:]
        return [(claim, make()) for claim, make in made]

    def all_answers(self) -> list[tuple[Claim, Answer]]:
        return []
