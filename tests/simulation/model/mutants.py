"""Planted bugs, one decision each: the model must catch every one, or it proves nothing."""

from tests.simulation.model.answers import Answer, Verdict
from tests.simulation.model.house import Claim, Item
from tests.simulation.model.rules import Rules


class _Believes(Rules):
    """Takes one more answer for a refusal."""

    answers: tuple[Answer, ...] = ()

    def verdict(self, answer: Answer, sends: int) -> Verdict:
        return Verdict.REFUSED if answer in self.answers else super().verdict(answer, sends)


class SendsWithoutKey(Rules):
    def key_of_sending(self, key: object, sends: int) -> object:
        return None


class TakesAKeyPerSending(Rules):
    def key_of_sending(self, key: object, sends: int) -> object:
        return key, sends


class TakesTheKeyFromTheRow(Rules):
    """A restored database makes other rows, and so other keys."""

    def key(self, item: Item, generation: int) -> object:
        return id(item), generation


class LeavesTheGenerationOutOfTheKey(Rules):
    def key(self, item: Item, generation: int) -> object:
        return item.n


class TakesATimeOutForARefusal(_Believes):
    answers = (Answer.LOST,)


class TakesA500ForARefusal(_Believes):
    answers = (Answer.ERROR,)


class TakesA409ForARefusal(_Believes):
    answers = (Answer.BUSY,)


class TakesA429ForARefusal(_Believes):
    answers = (Answer.RATE_LIMITED,)


class TakesAnUnreadableAnswerForARefusal(_Believes):
    """What a proxy or a cut-off body leaves of a 200."""

    answers = (Answer.UNREADABLE,)


class TakesA403OnAResendForARefusal(_Believes):
    answers = (Answer.FORBIDDEN,)


class TakesAnOldLeaseForAFailure(Rules):
    def lease_ran_out_is_failure(self) -> bool:
        return True


class NeverLooksUp(Rules):
    def must_look_up(self, claim: Claim, at: int) -> bool:
        return False


class MovesTheFirstSending(Rules):
    def first_sent_at(self, first_sent_at: int, at: int) -> int:
        return at


class BelievesTheFirstAbsence(Rules):
    def believes_absence(self, *, before: int | None, first_sent_at: int, at: int) -> bool:
        return True


class OverlooksWhatItFinds(Rules):
    def sees(self, found: list[int]) -> list[int]:
        return []


class NeverPeeks(Rules):
    """A kept 500 is replayed for a day although the transfer is there."""

    def peeks(self, sends: int) -> bool:
        return False


class PeeksAndSendsWithoutAClock(Rules):
    """Frozen between the list and the sending, it sends a key that Stripe forgot."""

    def may_send_after_peek(self, claim: Claim, at: int) -> bool:
        return True


class SendsWhenItsLeaseRanOut(Rules):
    """Frozen after the claim, it sends whatever the time is."""

    def may_send(self, claim: Claim, at: int) -> bool:
        return True

    def must_look_up(self, claim: Claim, at: int) -> bool:
        return super().must_look_up(claim, claim.claimed_at)


class RecordsARefusalUnderAnOldFence(Rules):
    def decides(self, item: Item, claim: Claim) -> bool:
        return True


class KeepsTheGenerationAfterARefusal(Rules):
    def generation_after_refusal(self, generation: int) -> int:
        return generation


class ClaimsWhileHalted(Rules):
    def claims_while_halted(self) -> bool:
        return True


class CountsFromTheApproval(Rules):
    """A restore forgets an approval, and the new one is young."""

    def may_be_forgotten(self, claim: Claim, at: int) -> bool:
        return at - claim.approved_at >= self.times.last_send


class CountsByTheClaim(Rules):
    """What was fresh when claimed may be forgotten when sent again."""

    def may_be_forgotten(self, claim: Claim, at: int) -> bool:
        return claim.claimed_at - claim.payday_at >= self.times.last_send


class ForgetsRestores(Rules):
    def may_be_forgotten(self, claim: Claim, at: int) -> bool:
        return False


MUTANTS: tuple[type[Rules], ...] = (
    SendsWithoutKey,
    TakesAKeyPerSending,
    TakesTheKeyFromTheRow,
    LeavesTheGenerationOutOfTheKey,
    TakesATimeOutForARefusal,
    TakesA500ForARefusal,
    TakesA409ForARefusal,
    TakesA429ForARefusal,
    TakesAnUnreadableAnswerForARefusal,
    TakesA403OnAResendForARefusal,
    TakesAnOldLeaseForAFailure,
    NeverLooksUp,
    MovesTheFirstSending,
    BelievesTheFirstAbsence,
    OverlooksWhatItFinds,
    NeverPeeks,
    PeeksAndSendsWithoutAClock,
    SendsWhenItsLeaseRanOut,
    RecordsARefusalUnderAnOldFence,
    KeepsTheGenerationAfterARefusal,
    ClaimsWhileHalted,
    CountsFromTheApproval,
    CountsByTheClaim,
    ForgetsRestores,
)
