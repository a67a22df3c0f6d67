"""A rail: one way on which pay goes out. Claim, call and record are the same on each.

What a destination is, what is sent, how it is found again and what of it must match is the rail's. A new one is a new
file beside `stripe_transfers`, and its name in `rails`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from kit.errors import DomainError
from payments.gateway.outcomes import Failure
from payments.ledger.chart import Kind
from payments.payroll.models import PayItem, PayRun


class Unreachable(Exception):
    """The rail cannot be read now. Not knowing is no answer."""


class NotCovered(DomainError):
    """Add money at Stripe; the run then starts by itself."""

    code = "stripe_balance_insufficient"
    title = "The balance does not cover it"


class Sent(Protocol):
    """Money that went out, as the rail tells it."""

    @property
    def id(self) -> str: ...


class Generations(NamedTuple):
    """Which of a group's sendings are one item's: from its first generation to before the next item's, where there is one."""

    first: int
    before: int | None

    def holds(self, generation: int) -> bool:
        return self.first <= generation and (self.before is None or generation < self.before)


@dataclass(frozen=True)
class Destination:
    """Where an item's money goes, and the code of the reason why it cannot go there now; empty when it can."""

    id: str
    refusal: str = ""


class Rail(Protocol):
    name: str
    # What a sending takes the money from, in the books.
    pays_from: Kind

    def preflight(self, *, run: PayRun, at: datetime) -> None:
        """Before a run starts: the right platform, enough money, and a note of what went out already.

        Raises NotCovered, PayoutsHalted (409), Unreachable.
        """

    def knows_what_went_out(self, *, at: datetime) -> bool:
        """Whether what the rail did lately is known here; reads it where it is not. False when it cannot be read."""

    def destinations(self, items: Sequence[PayItem], *, at: datetime) -> dict[PayItem, Destination]:
        """Where each of the items can go."""

    def parameters(self, item: PayItem, *, destination: str) -> dict[str, Any]:
        """What is sent, from the business facts alone: a restored database that freezes anew sends the same bytes."""

    def send(self, parameters: dict[str, Any], *, key: str) -> Sent | Failure:
        """One call with an explicit idempotency key, no retry. Never raises for what the rail or the network does.

        This and `in_group` touch no row: they are called in threads of their own.
        """

    def in_group(self, group: str, generations: Generations) -> Sequence[Sent]:
        """Everything that was sent for an item. Raises Unreachable."""

    def seen_elsewhere(self, items: Sequence[PayItem]) -> set[int]:
        """For which of the items the rail told of a sending that no attempt of ours recorded; their keys."""

    def differences(self, asked: dict[str, Any], sent: Any) -> str:
        """What about a sending is not what was asked for; empty when all is."""

    def keep(self, sent: Sequence[Any], *, items: Sequence[PayItem], at: datetime) -> None:
        """Write down what was sent, each for its item."""

    def keep_stray(self, sent: Any, *, at: datetime) -> None:
        """Write down what may not be its item's, for a person to look at."""

    def follow(self, sent: Sequence[Any], *, at: datetime) -> None:
        """What else the rail has told of sendings that have just become their items'."""
