"""Rules 8 and 9: what a seat's time pays. Integers only, each rounded once."""

from dataclasses import dataclass
from enum import StrEnum

from kit.money import HALF_UP, Money
from marketplace.presence.agreed import CancelledBy, Outcome, Seat, SessionTerms
from marketplace.presence.fold import SeatTime
from marketplace.presence.policy import BASIS_POINTS, TimePolicy


class Basis(StrEnum):
    """Why a seat is paid the time that it is paid."""

    WORKED = "worked"
    MINIMUM_CALL = "minimum_call"
    COMPANY_NO_SHOW = "company_no_show"
    CANCELLATION = "cancellation"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SeatPay:
    """`payable_s` is rounded by the policy; `amount` is that at the seat's rate, half up to the cent."""

    payable_s: int
    amount: Money
    basis: Basis


def pay_seat(*, terms: SessionTerms, seat: Seat, time: SeatTime) -> SeatPay:
    """What `time` pays the `seat`."""
    basis, parts = _payable(terms, time)
    payable_s = round_time(parts, BASIS_POINTS, policy=terms.policy)
    amount = seat.rate.for_seconds(payable_s, rounding=HALF_UP)
    return SeatPay(payable_s, amount, basis if payable_s else Basis.NOTHING)


def round_time(numerator: int, denominator: int = 1, *, policy: TimePolicy) -> int:
    """Rule 9: `numerator / denominator` seconds, to the second or to the minute, half up, once."""
    step_s = policy.rounding.step_s
    return HALF_UP.divide(numerator, denominator * step_s) * step_s


def _payable(terms: SessionTerms, time: SeatTime) -> tuple[Basis, int]:
    """Rule 8, in ten-thousandths of a second, so that a share of the minimum call is rounded only once."""
    if terms.outcome is Outcome.CANCELLED:
        return Basis.CANCELLATION, terms.policy.minimum_call_s * _cancel_share_bps(terms)
    minimum_s = terms.policy.minimum_call_s if time.showed else 0
    slot_s = terms.slot_s if time.showed and terms.outcome is Outcome.COMPANY_NO_SHOW else 0
    payable_s = max(time.worked_s, minimum_s, slot_s)
    if slot_s == payable_s and slot_s:
        return Basis.COMPANY_NO_SHOW, payable_s * BASIS_POINTS
    basis = Basis.WORKED if time.worked_s == payable_s else Basis.MINIMUM_CALL
    return basis, payable_s * BASIS_POINTS


def _cancel_share_bps(terms: SessionTerms) -> int:
    if terms.cancelled_by is CancelledBy.PERFORMER or terms.cancelled_at is None:
        return 0
    return terms.policy.cancel_share_bps(notice_s=terms.call_at - terms.cancelled_at)
