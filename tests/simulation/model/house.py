"""The house's rows and its transactions: claim, record, absent, release. Each runs whole or not at all."""

from copy import copy
from dataclasses import dataclass, field

from tests.simulation.model.answers import Answer, Verdict, Violation
from tests.simulation.model.rules import Rules

EARNED = 7400


@dataclass(slots=True)
class Attempt:
    key: object
    state: str = "unknown"
    sends: int = 1


@dataclass(slots=True)
class Item:
    """One performer's pay. `booked` are the keys of the entries posted: the same key twice posts nothing."""

    n: int
    state: str = "ready"
    generation: int = 1
    fence: int = 0
    due_at: int = 0
    lease_until: int = 0
    first_sent_at: int = 0
    looked_up_at: int | None = None
    hold_code: str = ""
    transfer: int = 0
    payable: int = EARNED
    in_flight: int = 0
    sent: int = 0
    attempts: dict[int, Attempt] = field(default_factory=dict)
    booked: set[object] = field(default_factory=set)

    def copied(self) -> "Item":
        twin = copy(self)
        twin.attempts = {generation: copy(attempt) for generation, attempt in self.attempts.items()}
        twin.booked = set(self.booked)
        return twin


@dataclass(slots=True)
class Claim:
    n: int
    generation: int
    fence: int
    key: object
    first_sent_at: int
    claimed_at: int
    lease_until: int
    looked_up_at: int | None
    sends: int
    payday_at: int
    approved_at: int


class House:
    """The database of one story."""

    def __init__(self, rules: Rules, items: int) -> None:
        self.rules = rules
        self.items = [Item(n) for n in range(items)]
        self.ready = [True] * items  # whether the payee's account can receive: a fact outside the database
        self.approved_at: int | None = None
        self.halt = ""
        self.payday_at = 0
        self.life = 0
        self.claimed_at: dict[tuple[int, int], int] = {}

    def snapshot(self) -> tuple[int | None, list[Item]]:
        return self.approved_at, [item.copied() for item in self.items]

    def restore(self, snapshot: tuple[int | None, list[Item]]) -> None:
        self.approved_at = snapshot[0]
        self.items = [item.copied() for item in snapshot[1]]
        self.life += 1

    def due_at(self) -> int | None:
        """When the next item is due, by a clock that is right."""
        live = [
            max(item.due_at, item.lease_until) for item in self.items if item.state in ("ready", "sending")
        ]
        return min(live) if live and self.approved_at is not None else None

    def claim(self, at: int) -> Claim | None:
        """Take the item that is due longest."""
        if self.approved_at is None or (self.halt and not self.rules.claims_while_halted()):
            return None
        due = None
        for item in self.items:
            if item.due_at > at or item.state not in ("ready", "sending"):
                continue
            if item.state == "sending" and item.lease_until > at:
                continue
            if due is None or item.due_at < due.due_at:
                due = item
        if due is None:
            return None
        if self.halt:
            raise Violation(f"item {due.n} was claimed while payouts stand still")
        return self._again(due, at) if due.state == "sending" else self._first(due, at)

    def _first(self, item: Item, at: int) -> Claim | None:
        if not self.ready[item.n]:
            self._hold(item, "payout_account_not_ready")
            return None
        attempt = Attempt(self.rules.key(item, item.generation))
        item.attempts[item.generation] = attempt
        self._book(item, ("attempt", item.generation), payable=-EARNED, in_flight=EARNED)
        item.state = "sending"
        item.first_sent_at, item.looked_up_at = at, None
        self.claimed_at[item.n, item.generation] = at
        return self._claim(item, attempt, at)

    def _again(self, item: Item, at: int) -> Claim | None:
        attempt = item.attempts[item.generation]
        if self.rules.lease_ran_out_is_failure():
            self._give_back(item, attempt)
            self._ready(item, at)
            return None
        attempt.sends += 1
        item.first_sent_at = self.rules.first_sent_at(item.first_sent_at, at)
        return self._claim(item, attempt, at)

    def _claim(self, item: Item, attempt: Attempt, at: int) -> Claim:
        item.fence += 1
        item.lease_until = at + self.rules.times.lease
        assert self.approved_at is not None
        return Claim(
            n=item.n,
            generation=item.generation,
            fence=item.fence,
            key=attempt.key,
            first_sent_at=item.first_sent_at,
            claimed_at=self.claimed_at[item.n, item.generation],
            lease_until=item.lease_until,
            looked_up_at=item.looked_up_at,
            sends=attempt.sends,
            payday_at=self.payday_at,
            approved_at=self.approved_at,
        )

    def record(self, claim: Claim, answer: Answer, transfer: int, at: int) -> None:
        """Write down what Stripe said."""
        item = self.items[claim.n]
        attempt = item.attempts.get(claim.generation)
        if attempt is None:
            return
        verdict = self.rules.verdict(answer, attempt.sends)
        if verdict is Verdict.SENT:
            self._sent(item, attempt, transfer, at)
        elif not self.rules.decides(item, claim):
            return
        elif verdict is Verdict.REFUSED:
            self._give_back(item, attempt)
            self._hold(item, answer.value)
        else:
            if verdict is Verdict.STOP:
                self.halt = answer.value
            self._wait(item, attempt, at)

    def _sent(self, item: Item, attempt: Attempt, transfer: int, at: int) -> None:
        if item.transfer == transfer:
            return
        if item.transfer or attempt.state != "unknown":
            self.halt = "a second transfer, or one after a refusal"
            return
        attempt.state = "succeeded"
        self._book(item, "transfer", in_flight=-EARNED, sent=EARNED)
        item.state, item.transfer = "sent", transfer

    def absent(self, claim: Claim, at: int) -> None:
        """Stripe lists nothing: believed when seen twice, an hour apart, more than a day after the first sending."""
        item = self.items[claim.n]
        if item.fence != claim.fence or item.state != "sending":
            return
        no_more_sends_at = claim.first_sent_at + self.rules.times.last_send
        before = item.looked_up_at
        if before is not None and before < no_more_sends_at:
            before = None
        item.looked_up_at = at if before is None else before
        if at < no_more_sends_at:
            item.due_at = item.lease_until = at
        elif self.rules.believes_absence(before=before, first_sent_at=claim.first_sent_at, at=at):
            self._give_back(item, item.attempts[item.generation])
            self._ready(item, at)
        else:
            item.due_at = item.lease_until = at + self.rules.times.look_apart

    def undecided(self, claim: Claim, at: int) -> None:
        """Stripe could not be read: nothing is known, later again."""
        item = self.items[claim.n]
        if item.fence == claim.fence and item.state == "sending":
            self._wait(item, item.attempts[item.generation], at)

    def release(self, item: Item, at: int) -> None:
        """Finance lets a held item go out again, under the next key where the last one was refused."""
        item.hold_code = ""
        if item.generation in item.attempts:
            self._ready(item, at)
        else:
            item.state, item.due_at = "ready", at

    def _ready(self, item: Item, at: int) -> None:
        item.generation = self.rules.generation_after_refusal(item.generation)
        item.state, item.due_at, item.lease_until = "ready", at, 0
        item.looked_up_at = None

    def _give_back(self, item: Item, attempt: Attempt) -> None:
        attempt.state = "refused"
        self._book(item, ("refused", item.generation), payable=EARNED, in_flight=-EARNED)

    def _hold(self, item: Item, code: str) -> None:
        item.state, item.hold_code = "held", code

    def _wait(self, item: Item, attempt: Attempt, at: int) -> None:
        if item.state == "sending":
            item.due_at = item.lease_until = self.rules.times.next_try(at, attempt.sends)

    def _book(self, item: Item, key: object, *, payable: int = 0, in_flight: int = 0, sent: int = 0) -> None:
        if key in item.booked:
            return
        item.booked.add(key)
        item.payable += payable
        item.in_flight += in_flight
        item.sent += sent
