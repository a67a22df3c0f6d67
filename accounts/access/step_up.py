"""What a stolen session must not be enough for: the one table of what asks for a fresh proof of who one is."""

from datetime import datetime, timedelta
from enum import StrEnum

from kit.errors import DomainError

FRESH = timedelta(minutes=5)


class StepUp(StrEnum):
    """What is done with a fresh proof only, in the words of a refusal: by the second factor for whoever has one."""

    CHANGE_ADDRESS = "change your mail address"
    CHANGE_PASSWORD = "change your password"  # noqa: S105 -- the words of a refusal
    CHANGE_SECOND_FACTOR = "change your second factor"
    CHANGE_PAYOUTS = "change where your pay goes"
    INVITE = "invite someone"
    CHANGE_MEMBERS = "change who acts for a company"
    CHANGE_STAFF = "change who works in the house"
    MAKE_KEY = "make an API key"
    DECIDE_RECOVERY = "decide about someone's second factor"
    CARRY_DATA_AWAY = "take a copy of your data"
    BE_FORGOTTEN = "be forgotten"
    LET_GO_OF_APPEAL = "take back an appeal that cannot be filed again"
    SIGN = "sign an agreement"
    SET_SIGNING_LIMIT = "say for how much someone signs"
    APPROVE_PAY = "approve a pay run"
    WITHDRAW = "take money out of a wallet"
    AGREE_TO_DEDUCTION = "agree to a deduction from your pay"
    MOVE_MONEY = "approve what moves money in the books"
    AGREE_TO_TERMS = "agree to terms of payment with a company"
    CLOSE_MONTH = "close a month of the books, or open it again"


class StaleProof(DomainError):
    """Give your second factor, or your password where you have none, again; then repeat the request."""

    code = "reauthentication_required"
    status = 403
    title = "Confirm that it is you"


def is_fresh(proved_at: datetime | None, *, at: datetime) -> bool:
    """Whether a proof of then counts at `at`, to the last second of FRESH. One from the future is none: of two servers,
    one's clock runs ahead by more than it should."""
    return proved_at is not None and abs(at - proved_at) <= FRESH
