"""What the protocol decides, one small function each, so that a planted bug is a subclass with one of them changed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.model.answers import Answer, Verdict

if TYPE_CHECKING:
    from tests.simulation.model.house import Claim, Item

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Times:
    """The product's times in seconds; a test holds them to it."""

    last_send: int = 23 * HOUR
    look_apart: int = HOUR
    believe_absence: int = 25 * HOUR
    lease: int = 45
    first_wait: int = 5
    longest_wait: int = 600
    peek_after: int = 2

    def next_try(self, at: int, tries: int) -> int:
        return at + min(self.first_wait * int(2 ** min(tries, 10)), self.longest_wait)


class Rules:
    """The protocol as it should be."""

    times = Times()

    def key(self, item: "Item", generation: int) -> object:
        """From the business facts alone: a restored database makes the same one."""
        return item.n, generation

    def key_of_sending(self, key: object, sends: int) -> object:
        return key

    def claims_while_halted(self) -> bool:
        return False

    def lease_ran_out_is_failure(self) -> bool:
        return False

    def first_sent_at(self, first_sent_at: int, at: int) -> int:
        """The first sending of a generation stays where it is, however often it is sent again."""
        return first_sent_at

    def must_look_up(self, claim: "Claim", at: int) -> bool:
        """Stripe may have forgotten the key: by our own first sending, or by one that a restored database forgot."""
        return self.too_late(claim, at) or (claim.looked_up_at is None and self.may_be_forgotten(claim, at))

    def too_late(self, claim: "Claim", at: int) -> bool:
        return at - claim.first_sent_at >= self.times.last_send

    def may_be_forgotten(self, claim: "Claim", at: int) -> bool:
        """Nothing goes out before the payday, which no restore can lose: from then on Stripe keeps keys for a day."""
        return at - claim.payday_at >= self.times.last_send

    def may_send(self, claim: "Claim", at: int) -> bool:
        return at < claim.lease_until

    def may_send_after_peek(self, claim: "Claim", at: int) -> bool:
        """Listing took its time: the clock is read again."""
        return self.may_send(claim, at) and not self.must_look_up(claim, at)

    def peeks(self, sends: int) -> bool:
        return sends > self.times.peek_after

    def sees(self, found: list[int]) -> list[int]:
        return found

    def believes_absence(self, *, before: int | None, first_sent_at: int, at: int) -> bool:
        apart = before is not None and at - before >= self.times.look_apart
        return apart and at - first_sent_at >= self.times.believe_absence

    def verdict(self, answer: Answer, sends: int) -> Verdict:
        """Unknown is not failed. A 403 comes from before the execution and is not kept: on a re-send it says nothing
        about what the first sending did."""
        match answer:
            case Answer.MADE:
                return Verdict.SENT
            case Answer.REFUSED:
                return Verdict.REFUSED
            case Answer.FORBIDDEN:
                return Verdict.REFUSED if sends == 1 else Verdict.AGAIN
            case Answer.MISMATCH:
                return Verdict.STOP
        return Verdict.AGAIN

    def decides(self, item: "Item", claim: "Claim") -> bool:
        """A refusal counts only from whoever holds the claim now."""
        return item.fence == claim.fence and item.state == "sending"

    def generation_after_refusal(self, generation: int) -> int:
        return generation + 1
