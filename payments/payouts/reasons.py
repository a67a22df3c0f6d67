"""Why a pay item is held: Stripe's code or ours, what it means in plain words, what mends it, and who does.

Codes from Stripe's pages on error codes, transfers and payout failures. A code that is not here is shown as it came.
"""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    PERFORMER = "performer"
    FINANCE = "finance"
    STRIPE = "stripe"


class Next(StrEnum):
    """The one thing that finance can press."""

    REMIND = "remind"  # ask the performer to finish their set-up
    RETRY = "retry"  # try again under a new key
    FUND = "fund"  # bring money in, then try again
    LOOK = "look"  # read it at Stripe first


@dataclass(frozen=True)
class Reason:
    means: str
    fix: str
    who: Who
    next: Next


SETUP = "Finish the bank set-up with Stripe; the money goes out by itself afterwards."

REASONS: dict[str, Reason] = {
    "payout_account_missing": Reason("There is no payout account yet.", SETUP, Who.PERFORMER, Next.REMIND),
    "payout_account_not_ready": Reason(
        "Stripe still needs something before it can pay this account.", SETUP, Who.PERFORMER, Next.REMIND
    ),
    "bank_change_hold": Reason(
        "The bank account was changed less than 72 hours ago.",
        "Nothing to do: pay goes out when the 72 hours are over. Not you? Tell us at once.",
        Who.PERFORMER,
        Next.RETRY,
    ),
    "below_zero": Reason(
        "Corrections outweigh what was earned.", "Finance decides with the performer.", Who.FINANCE, Next.LOOK
    ),
    "balance_insufficient": Reason(
        "The platform's balance at Stripe did not cover it.",
        "Bring money into the Stripe balance, then retry.",
        Who.FINANCE,
        Next.FUND,
    ),
    "insufficient_capabilities_for_transfer": Reason(
        "Stripe does not let this account receive transfers now.", SETUP, Who.PERFORMER, Next.REMIND
    ),
    "transfers_not_allowed": Reason(
        "Stripe does not allow transfers to this account.",
        "Stripe support or a new account.",
        Who.STRIPE,
        Next.LOOK,
    ),
    "account_closed": Reason(
        "The Stripe account is closed.", "Set up a new payout account.", Who.PERFORMER, Next.REMIND
    ),
    "account_invalid": Reason(
        "Our key may not act for this account: it was disconnected or closed.",
        "Set up the payout account again.",
        Who.PERFORMER,
        Next.REMIND,
    ),
    "resource_missing": Reason(
        "Stripe does not know this account.", "Set up the payout account again.", Who.PERFORMER, Next.REMIND
    ),
    "currency_mismatch": Reason(
        "The account cannot receive this currency.",
        "Add a bank account in this currency.",
        Who.PERFORMER,
        Next.REMIND,
    ),
    "amount_too_small": Reason(
        "The amount is below Stripe's minimum.",
        "It is paid with the next amount that is not.",
        Who.FINANCE,
        Next.LOOK,
    ),
    "never_arrived": Reason(
        "Stripe has no transfer for it, looked up twice after a day.",
        "Retry under a new key.",
        Who.FINANCE,
        Next.RETRY,
    ),
    "transfer_reversed": Reason(
        "The transfer was taken back at Stripe.",
        "Read why at Stripe before paying again.",
        Who.FINANCE,
        Next.LOOK,
    ),
}

# Why a bank payout failed: the money is on the performer's Stripe account, so nothing is sent again by us.
BANK: dict[str, Reason] = {
    code: Reason(
        means,
        "Correct the bank account at Stripe; Stripe then pays it out again.",
        Who.PERFORMER,
        Next.REMIND,
    )
    for code, means in {
        "account_closed": "The bank account is closed.",
        "account_frozen": "The bank account is frozen.",
        "bank_account_restricted": "The bank account cannot receive payouts.",
        "bank_ownership_changed": "The bank account has another owner now.",
        "could_not_process": "The bank could not process it.",
        "debit_not_authorized": "The bank does not authorise it.",
        "declined": "The bank declined it.",
        "incorrect_account_holder_name": "The account holder's name does not match.",
        "incorrect_account_holder_address": "The account holder's address does not match.",
        "incorrect_account_holder_tax_id": "The account holder's tax number does not match.",
        "insufficient_funds": "The Stripe account's balance did not cover it.",
        "invalid_account_number": "The account number is not valid.",
        "invalid_currency": "The bank account does not take this currency.",
        "no_account": "The bank does not know this account.",
        "unsupported_card": "The card cannot receive payouts.",
    }.items()
}


def reason(code: str, detail: str = "") -> Reason:
    """What a hold's code means; an unknown one as it came, never nothing."""
    known = REASONS.get(code)
    if known is not None:
        return known
    means = f"Stripe says: {detail or code}"
    return Reason(means, "Read it at Stripe, mend the cause, then retry.", Who.FINANCE, Next.LOOK)


def bank_reason(code: str, detail: str = "") -> Reason:
    known = BANK.get(code)
    if known is not None:
        return known
    return Reason(
        f"The bank says: {detail or code}", "Correct the bank account at Stripe.", Who.PERFORMER, Next.REMIND
    )
