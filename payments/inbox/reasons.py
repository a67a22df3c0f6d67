"""Why pay is held, or money did not arrive: Stripe's code or ours, what it means in plain words, what mends it, and who.

Codes from Stripe's pages on error codes, transfers, payout failures, declines and bank debits. A code that is not
here is shown as it came.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db.models import TextChoices

from accounts.access.standings import Standing
from kit.instants import length_in_words


class Who(TextChoices):
    """Who has to act, or is waited for."""

    PERFORMER = "performer", "The performer"
    FINANCE = "finance", "Finance"
    STRIPE = "stripe", "Stripe"
    COMPANY = "company", "The company"
    BANK = "bank", "The bank"
    TALENT = "talent", "Talent operations"


class Next(StrEnum):
    """The one thing that finance can do about it."""

    REMIND = "remind"  # ask the performer to finish their set-up
    RETRY = "retry"  # try again under a new key
    FUND = "fund"  # bring money in, then try again
    LOOK = "look"  # read it at Stripe first, then try again
    WAIT = "wait"  # it goes out by itself
    DECIDE = "decide"  # two people say whether it may go out
    VET = "vet"  # talent operations say whether it may go out


@dataclass(frozen=True)
class Reason:
    means: str
    fix: str
    who: Who
    next: Next


BANK_REST = length_in_words(settings.BANK_CHANGE_REST)
SETUP = "Finish the bank set-up with Stripe; the money goes out by itself afterwards."
SETUP_ANEW = "Set up the payout account again; the money goes out by itself afterwards."

# Why a pay item is held.
REASONS: dict[str, Reason] = {
    "performer_not_vetted": Reason(
        "Talent operations have not approved this profile.",
        "Ask to be vetted under Your standing; the money goes out by itself once it is approved.",
        Who.PERFORMER,
        Next.VET,
    ),
    "payout_account_missing": Reason("There is no payout account yet.", SETUP, Who.PERFORMER, Next.REMIND),
    "payout_account_not_ready": Reason(
        "Stripe still needs something before it can pay this account.", SETUP, Who.PERFORMER, Next.REMIND
    ),
    "bank_change_hold": Reason(
        f"The bank account was changed less than {BANK_REST} ago.",
        f"Nothing to do: pay goes out when the {BANK_REST} are over. Not you? Tell us at once.",
        Who.PERFORMER,
        Next.WAIT,
    ),
    "account_not_fresh": Reason(
        "The account was not read at Stripe for more than a day.",
        "Nothing to do: it is asked for now, and the money goes out by itself once it is read.",
        Who.STRIPE,
        Next.WAIT,
    ),
    "bank_account_shared": Reason(
        "Another performer is paid to the same bank account.",
        "Two of you allow it, or one of them names another bank account at Stripe; the money goes out by itself afterwards.",
        Who.FINANCE,
        Next.DECIDE,
    ),
    "below_zero": Reason(
        "Corrections outweigh what was earned.", "Finance decides with the performer.", Who.FINANCE, Next.LOOK
    ),
    "balance_insufficient": Reason(
        "The platform's balance at Stripe did not cover it.",
        "Bring money into the Stripe balance, then try again.",
        Who.FINANCE,
        Next.FUND,
    ),
    "insufficient_capabilities_for_transfer": Reason(
        "Stripe does not let this account receive transfers now.", SETUP, Who.PERFORMER, Next.REMIND
    ),
    "transfers_not_allowed": Reason(
        "Stripe does not allow transfers to this account.",
        "Ask Stripe's support why, then try again; or let them set up another account, and it goes out by itself.",
        Who.STRIPE,
        Next.LOOK,
    ),
    "account_closed": Reason("The Stripe account is closed.", SETUP_ANEW, Who.PERFORMER, Next.REMIND),
    "account_invalid": Reason(
        "Our key may not act for this account: it was disconnected or closed.",
        SETUP_ANEW,
        Who.PERFORMER,
        Next.REMIND,
    ),
    "accounts_v2_access_blocked": Reason(
        "Stripe has not opened this kind of account to our platform.",
        "Ask Stripe's support to open Accounts v2 for the platform, then try again.",
        Who.STRIPE,
        Next.LOOK,
    ),
    "resource_missing": Reason("Stripe does not know this account.", SETUP_ANEW, Who.PERFORMER, Next.REMIND),
    "currency_mismatch": Reason(
        "The account cannot receive this currency.",
        "Add a bank account in this currency at Stripe.",
        Who.PERFORMER,
        Next.REMIND,
    ),
    "amount_too_small": Reason(
        "The amount is below Stripe's minimum.",
        "It stays owed. Read Stripe's minimum for this currency, and try again when it is met.",
        Who.FINANCE,
        Next.LOOK,
    ),
    "amount_too_large": Reason(
        "The amount is above what Stripe moves at once.",
        "Have Stripe's support raise the limit, then try again.",
        Who.STRIPE,
        Next.LOOK,
    ),
    "never_arrived": Reason(
        "Stripe has no transfer for it, looked up twice after a day.",
        "Try again; it takes a new key.",
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

# What an account's standing at Stripe adds to a hold for it.
STANDINGS: dict[str, Reason] = {
    "pending": Reason(
        "Stripe still checks what was given; that takes minutes, sometimes days.",
        "Nothing to do unless Stripe asks for more; the money goes out by itself afterwards.",
        Who.STRIPE,
        Next.REMIND,
    ),
    "restricted": REASONS["payout_account_not_ready"],
    "rejected": Reason(
        "Stripe rejected this account and does not pay to it.",
        "Read why at Stripe, and talk to the performer; only Stripe can take it back.",
        Who.STRIPE,
        Next.LOOK,
    ),
    "unsupported": Reason(
        "Stripe cannot pay to accounts of this country or kind.",
        "Agree on another way to be paid with the performer.",
        Who.FINANCE,
        Next.LOOK,
    ),
}

ASKED = Reason(
    "Talent operations have not answered yet whether this profile is approved.",
    "Nothing to do but wait for their answer; the money goes out by itself once it is approved.",
    Who.TALENT,
    Next.VET,
)
# What the standing adds of which a hold is: the account's at Stripe, or the performer's with the house.
BY_STANDING: dict[str, dict[str, Reason]] = {
    "payout_account_not_ready": STANDINGS,
    "performer_not_vetted": {Standing.APPLIED: ASKED, Standing.IN_REVIEW: ASKED},
}

CORRECT_BANK = "Correct the bank account at Stripe; Stripe then pays it out again."
BANK_SAYS = "Ask the bank, or name another bank account at Stripe; Stripe then pays it out again."

# Why a bank payout failed: the money is on the performer's Stripe account, so nothing is sent again by us.
BANK: dict[str, Reason] = {
    code: Reason(means, fix, Who.BANK if fix == BANK_SAYS else Who.PERFORMER, Next.REMIND)
    for code, means, fix in [
        ("account_closed", "The bank account is closed.", CORRECT_BANK),
        ("account_frozen", "The bank account is frozen.", BANK_SAYS),
        ("bank_account_restricted", "The bank account cannot receive payouts.", BANK_SAYS),
        ("bank_account_unusable", "An earlier payout to this bank account bounced.", CORRECT_BANK),
        ("bank_ownership_changed", "The bank account has another owner now.", CORRECT_BANK),
        ("could_not_process", "The bank could not process it.", BANK_SAYS),
        ("debit_not_authorized", "The bank does not authorise it.", BANK_SAYS),
        ("declined", "The bank declined it.", BANK_SAYS),
        ("incorrect_account_holder_name", "The account holder's name does not match.", CORRECT_BANK),
        ("incorrect_account_holder_address", "The account holder's address does not match.", CORRECT_BANK),
        ("incorrect_account_holder_tax_id", "The account holder's tax number does not match.", CORRECT_BANK),
        ("insufficient_funds", "The bank reports that funds are missing for it.", BANK_SAYS),
        ("invalid_account_number", "The account number is not valid.", CORRECT_BANK),
        ("invalid_currency", "The bank account does not take this currency.", CORRECT_BANK),
        ("no_account", "The bank does not know this account.", CORRECT_BANK),
        ("unsupported_card", "The card cannot receive payouts.", CORRECT_BANK),
        ("payouts_not_allowed", "Stripe does not pay out from this account now.", SETUP),
        (
            "instant_payouts_unsupported",
            "This bank account takes no instant payouts.",
            "Leave it to the weekly payout.",
        ),
    ]
}

ANOTHER_WAY = "Pay again from another bank account or card."

# Why a company's payment did not come in, or was taken back: nothing of it is in the wallet.
PAYMENT: dict[str, Reason] = {
    code: Reason(means, fix, Who.COMPANY, Next.LOOK)
    for code, means, fix in [
        ("no_account", "The bank does not know this account.", ANOTHER_WAY),
        ("account_closed", "The bank account is closed.", ANOTHER_WAY),
        ("insufficient_funds", "There was not enough money for it.", "Pay again when it is covered."),
        (
            "debit_not_authorized",
            "The bank does not allow the debit.",
            "Allow Stripe's debits at the bank, then pay again.",
        ),
        ("invalid_currency", "The bank account does not take this currency.", ANOTHER_WAY),
        ("bank_account_unusable", "The bank account cannot be used.", ANOTHER_WAY),
        (
            "payment_method_microdeposit_failed",
            "The small test deposit to the bank account failed.",
            "Check its numbers, and pay again.",
        ),
        ("card_declined", "The card was declined.", ANOTHER_WAY),
        ("generic_decline", "The card was declined.", ANOTHER_WAY),
        ("expired_card", "The card has expired.", ANOTHER_WAY),
        ("processing_error", "Stripe could not process it.", "Pay again; nothing was charged."),
        ("checkout_expired", "The payment page was left until it expired.", "Start the payment again."),
    ]
} | {
    "disputed": Reason(
        "The payment is disputed at the bank.",
        "Talk to the company; answer the dispute at Stripe where it can be contested.",
        Who.FINANCE,
        Next.LOOK,
    )
}


def reason(code: str, detail: str = "", *, standing: str = "") -> Reason:
    """What a hold's code means; an unknown one as it came, never nothing. `standing` is the one of BY_STANDING."""
    return (
        BY_STANDING.get(code, {}).get(standing)
        or REASONS.get(code)
        or Reason(
            f"Stripe says: {detail or code or 'nothing more'}",
            "Read it at Stripe, mend the cause, then try again.",
            Who.FINANCE,
            Next.LOOK,
        )
    )


def bank_reason(code: str, detail: str = "") -> Reason:
    """What a bank payout's failure means; an unknown one as it came."""
    return BANK.get(code) or Reason(
        f"The bank says: {detail or code or 'nothing more'}", CORRECT_BANK, Who.PERFORMER, Next.REMIND
    )


def payment_reason(code: str) -> Reason:
    """What became of a company's payment; an unknown code, or Stripe's own words, as they came."""
    return PAYMENT.get(code) or Reason(
        f"Stripe says: {code or 'nothing more'}", ANOTHER_WAY, Who.COMPANY, Next.LOOK
    )
